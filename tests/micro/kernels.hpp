#pragma once
// Benchmarks of nn/kernels, named <kernel>/<type>/<instruction set>/w<width>, or without a width. They count
// floating-point operations ("flop/s") where a kernel multiplies, bytes ("bytes_per_second") where it moves
// parameters, and elements ("items_per_second") where it evaluates functions.

#include <benchmark/benchmark.h>

#include <string>

#include "core/buffer.hpp"
#include "core/isa.hpp"
#include "core/random.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::micro {

inline constexpr std::size_t points = 96;  // of a block
inline constexpr std::size_t frames = 32;  // of a step

template <class Real>
void add_products(Isa isa, std::size_t width);
template <class Real>
void add_elements(Isa isa);

template <class Real>
std::string name_of(const std::string& kernel, Isa isa, std::size_t width = 0) {
  return kernel + (sizeof(Real) == 4 ? "/float/" : "/double/") + isa_name(isa) +
         (width > 0 ? "/w" + std::to_string(width) : "");
}

template <class Real>
Buffer<Real> numbers(std::size_t count) {
  const Random random(0, Random::Purpose::test);
  Buffer<Real> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<Real>(2 * random.uniform(i) - 1);
  return values;
}

inline void count_flops(benchmark::State& state, double each) {
  state.counters["flop/s"] = benchmark::Counter(each, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace hypercast::micro
