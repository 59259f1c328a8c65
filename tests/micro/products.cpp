// The products, in the shapes that training has: a block of points for the INR, all frames for the head.

#include "kernels.hpp"

namespace hypercast::micro {

namespace {

using nn::kernels;

constexpr std::size_t few = 16;     // rows of the head that are computed together
constexpr std::size_t many = 4096;  // rows of the head

template <class Real>
void layer(benchmark::State& state, Isa isa, std::size_t w) {
  const auto a = numbers<Real>(points * w), b = numbers<Real>(w * w), bias = numbers<Real>(w);
  Buffer<Real> c(points * w);
  for (auto _ : state) {
    kernels<Real>(isa).multiply(points, w, w, {a.data(), w}, {b.data(), w}, {bias.data(), 0}, {c.data(), w});
    benchmark::ClobberMemory();
  }
  count_flops(state, 2.0 * points * static_cast<double>(w * w));
}

template <class Real>
void errors(benchmark::State& state, Isa isa, std::size_t w) {
  const auto a = numbers<Real>(points * w), b = numbers<Real>(w * w), slopes = numbers<Real>(points * w);
  Buffer<Real> c(points * w), sums(w);
  for (auto _ : state) {
    kernels<Real>(isa).multiply_and_scale(points, w, w, {a.data(), w}, {b.data(), w}, {slopes.data(), w},
                                          {c.data(), w}, sums.data());
    benchmark::ClobberMemory();
  }
  count_flops(state, 2.0 * points * static_cast<double>(w * w));
}

template <class Real>
void gradient(benchmark::State& state, Isa isa, std::size_t w) {
  const auto a = numbers<Real>(points * w), b = numbers<Real>(points * w);
  Buffer<Real> c(w * w);
  for (auto _ : state) {
    kernels<Real>(isa).multiply_transposed(w, points, w, {a.data(), w}, {b.data(), w}, {c.data(), w},
                                           {c.data(), w});
    benchmark::ClobberMemory();
  }
  count_flops(state, 2.0 * points * static_cast<double>(w * w));
}

template <class Real>
void readout(benchmark::State& state, Isa isa, std::size_t w) {
  const auto a = numbers<Real>(points * w), b = numbers<Real>(w);
  const Real start = 0;
  Buffer<Real> c(points);
  for (auto _ : state) {
    kernels<Real>(isa).project(points, w, 1, {a.data(), w}, {b.data(), w}, &start, {c.data(), 1});
    benchmark::ClobberMemory();
  }
  count_flops(state, 2.0 * points * static_cast<double>(w));
}

// Rows of the head one after the other, from wherever a matrix of so many stays.
template <class Real>
void head_forward(benchmark::State& state, Isa isa, std::size_t w) {
  const auto a = numbers<Real>(many * w), b = numbers<Real>(w * frames);
  Buffer<Real> c(few * frames);
  std::size_t row = 0;
  for (auto _ : state) {
    kernels<Real>(isa).multiply_stream(few, w, frames, a.data() + row * w, {b.data(), frames},
                                       {c.data(), frames});
    benchmark::ClobberMemory();
    row = (row + few) % many;
  }
  count_flops(state, 2.0 * few * frames * static_cast<double>(w));
}

template <class Real>
void head_update(benchmark::State& state, Isa isa, std::size_t w) {
  constexpr std::size_t ahead = 64;
  const auto a = numbers<Real>(frames * few), b = numbers<Real>(frames * w);
  auto weights = numbers<Real>(many * w);
  Buffer<Real> mean(many * w), square(many * w);
  const nn::AdamFactors<Real> factors{1, Real(0.9),  Real(0.1), Real(0.999), Real(0.001), Real(1e-4),
                                      1, Real(1e-8), 0};
  std::size_t row = 0;
  for (auto _ : state) {
    const std::size_t at = row * w;
    kernels<Real>(isa).adam_of_product(few, frames, w, {a.data(), few}, {b.data(), w}, factors,
                                       weights.data() + at, mean.data() + at, square.data() + at, ahead);
    benchmark::ClobberMemory();
    row = (row + few) % many;
  }
  count_flops(state, 2.0 * few * frames * static_cast<double>(w));
  state.SetBytesProcessed(static_cast<std::int64_t>(6 * sizeof(Real) * few * w) * state.iterations());
}

}  // namespace

template <class Real>
void add_products(Isa isa, std::size_t width) {
  const auto add = [&](const std::string& kernel, void (*run)(benchmark::State&, Isa, std::size_t)) {
    benchmark::RegisterBenchmark(name_of<Real>(kernel, isa, width).c_str(), run, isa, width);
  };
  add("multiply", layer<Real>);
  add("multiply_and_scale", errors<Real>);
  add("multiply_transposed", gradient<Real>);
  add("project", readout<Real>);
  add("multiply_stream", head_forward<Real>);
  add("adam_of_product", head_update<Real>);
}

template void add_products<float>(Isa, std::size_t);
template void add_products<double>(Isa, std::size_t);

}  // namespace hypercast::micro
