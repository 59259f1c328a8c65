#pragma once
// The widest register of the instruction set that this is compiled for, as a type with arithmetic.

namespace hypercast::bench {

#if defined(__AVX512F__)
constexpr int register_bytes = 64;
#elif defined(__AVX__)
constexpr int register_bytes = 32;
#else
constexpr int register_bytes = 16;
#endif

using FloatRegister [[gnu::vector_size(register_bytes)]] = float;
using DoubleRegister [[gnu::vector_size(register_bytes)]] = double;

}  // namespace hypercast::bench
