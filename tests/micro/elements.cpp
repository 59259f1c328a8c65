// Kernels that go through arrays element by element, and the peak.

#include "kernels.hpp"
#include "nn/activation.hpp"

namespace hypercast::micro {

namespace {

using nn::kernels;

constexpr std::size_t count = points * 64;  // of a layer

template <class Real>
void activate(benchmark::State& state, Isa isa, std::size_t activation) {
  const auto x = numbers<Real>(count);
  Buffer<Real> values(count), slopes(count);
  for (auto _ : state) {
    kernels<Real>(isa).activate[activation](count, x.data(), values.data(), slopes.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(count) * state.iterations());
}

template <class Real>
void values_alone(benchmark::State& state, Isa isa, std::size_t activation) {
  const auto x = numbers<Real>(count);
  Buffer<Real> values(count);
  for (auto _ : state) {
    kernels<Real>(isa).values[activation](count, x.data(), values.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(count) * state.iterations());
}

template <class Real>
void adam(benchmark::State& state, Isa isa) {
  const auto gradient = numbers<Real>(count);
  auto w = numbers<Real>(count);
  Buffer<Real> mean(count), square(count);
  const nn::AdamFactors<Real> factors{1, Real(0.9),  Real(0.1), Real(0.999), Real(0.001), Real(1e-4),
                                      1, Real(1e-8), 0};
  for (auto _ : state) {
    kernels<Real>(isa).adam(count, factors, gradient.data(), w.data(), mean.data(), square.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(7 * sizeof(Real) * count) * state.iterations());
}

template <class Real>
void peak(benchmark::State& state, Isa isa) {
  constexpr std::size_t rounds = 1024;
  const auto& all = kernels<Real>(isa);
  for (auto _ : state) benchmark::DoNotOptimize(all.fma_rounds(rounds, Real(0.5), Real(0.5)));
  count_flops(state, static_cast<double>(rounds * all.flops_of_round));
}

}  // namespace

template <class Real>
void add_elements(Isa isa) {
  benchmark::RegisterBenchmark(name_of<Real>("fma_rounds", isa).c_str(), peak<Real>, isa);
  benchmark::RegisterBenchmark(name_of<Real>("adam", isa).c_str(), adam<Real>, isa);
  const auto names = nn::activation_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    benchmark::RegisterBenchmark(name_of<Real>("activate_" + names[i], isa).c_str(), activate<Real>, isa, i);
    benchmark::RegisterBenchmark(name_of<Real>("values_" + names[i], isa).c_str(), values_alone<Real>, isa,
                                 i);
  }
}

template void add_elements<float>(Isa);
template void add_elements<double>(Isa);

}  // namespace hypercast::micro
