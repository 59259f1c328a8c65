#pragma once
// The instruction set of the fast kernels, chosen once at run time. One source is compiled for several:
//
//   v4        x86-64-v4: AVX-512 (F, VL, DQ, BW), 64-byte vectors
//   v3        x86-64-v3: AVX2 and FMA, 32-byte vectors; same bits as v4
//   v2        x86-64-v2: SSE 4, 16-byte vectors, no fused multiply-add: other bits in the last places
//   portable  16-byte vectors in plain C++; the only one on other processors
//
// The best one that the processor has is taken, or the one that the environment variable HYPERCAST_ISA names.

#include <string>

namespace hypercast {

enum class Isa { portable, v2, v3, v4 };

std::string isa_name(Isa isa);
bool has_isa(Isa isa);  // whether this processor and this build do

// The one in use. UserError (Exit::environment) when HYPERCAST_ISA names none, or one that is not there.
Isa isa();

}  // namespace hypercast
