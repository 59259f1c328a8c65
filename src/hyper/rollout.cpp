#include "hyper/rollout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace hypercast::hyper {

template <class Real>
Rollout<Real>::Rollout(const Dynamics<Real>& dynamics, std::size_t code, std::size_t rows, std::size_t frames)
    : dynamics_(dynamics), size_(rows * code) {
  constexpr std::size_t line = 64 / sizeof(Real);
  tape_size_ = (dynamics.tape_size(rows, 1) + line - 1) / line * line;
  codes_.resize((frames + 1) * size_);
  d_codes_.resize(codes_.size());
  tape_.resize(frames * tape_size_);
  carried_.resize(size_);
}

template <class Real>
void Rollout<Real>::forward(std::span<const Real> w, std::span<const Real> start, std::span<const Real> mu,
                            std::size_t frames) {
  check((frames + 1) * size_ <= codes_.size() && start.size() == size_, "a rollout longer than its memory");
  frames_ = frames;
  std::copy(start.begin(), start.end(), codes_.begin());
  for (std::size_t k = 0; k < frames; ++k)
    dynamics_.step(w, codes(k), mu, 1, std::span(codes_).subspan((k + 1) * size_, size_),
                   std::span(tape_).subspan(k * tape_size_, tape_size_));
}

template <class Real>
void Rollout<Real>::backward(std::span<const Real> w, std::span<const Real> mu, std::span<Real> dw) {
  std::fill(carried_.begin(), carried_.end(), Real(0));
  for (std::size_t k = frames_; k > 0; --k) {
    const auto mine = d_codes(k);
    for (std::size_t i = 0; i < size_; ++i) carried_[i] += mine[i];
    dynamics_.step_backward(w, codes(k - 1), mu, 1,
                            std::span(tape_).subspan((k - 1) * tape_size_, tape_size_), carried_, dw,
                            carried_);
  }
  std::copy(carried_.begin(), carried_.end(), d_codes_.begin());
}

namespace {

// Sequences on their way: those that left the bound stand still at zero, so that they disturb nobody.
template <class Real>
struct Guarded {
  std::size_t rows;
  double bound;
  std::vector<bool> lost = std::vector<bool>(rows, false);

  // Marks rows of y[rows][d] that left the bound, and silences them.
  void look_at(std::span<Real> y) {
    const std::size_t d = y.size() / rows;
    for (std::size_t b = 0; b < rows; ++b) {
      const auto row = y.subspan(b * d, d);
      double square = 0;
      for (const Real value : row) square += static_cast<double>(value) * value;
      if (!(std::sqrt(square) <= bound)) lost[b] = true;
      if (lost[b]) std::fill(row.begin(), row.end(), Real(0));
    }
  }
};

}  // namespace

template <class Real>
std::vector<std::size_t> forecast_codes(const Dynamics<Real>& dynamics, std::span<const Real> w,
                                        std::span<const Real> start, std::span<const Real> mu,
                                        std::size_t rows, std::span<const double> times, double bound,
                                        std::span<Real> codes) {
  const std::size_t size = start.size(), d = size / rows;
  check(codes.size() == times.size() * size, "codes do not match times");
  Guarded<Real> guard{rows, bound};
  Buffer<Real> state(start.begin(), start.end()), tape(dynamics.tape_size(rows, 1));
  guard.look_at(state);
  std::vector<std::size_t> bounded(rows, 0);
  double now = 0;
  for (std::size_t k = 0; k < times.size(); ++k) {
    check(times[k] >= now - 1e-9, "times of a forecast must increase");
    for (; now + 1 <= times[k] + 1e-6; now += 1) {
      dynamics.step(w, state, mu, 1, state, tape);
      guard.look_at(state);
    }
    const auto out = codes.subspan(k * size, size);
    std::copy(state.begin(), state.end(), out.begin());
    const double rest = times[k] - now;
    if (rest > 1e-6) {
      Buffer<Real> part(dynamics.tape_size(rows, rest));
      dynamics.step(w, state, mu, rest, out, part);
      guard.look_at(out);
    }
    for (std::size_t b = 0; b < rows; ++b) {
      if (guard.lost[b])
        std::fill_n(out.begin() + b * d, d, std::numeric_limits<Real>::quiet_NaN());
      else
        ++bounded[b];
    }
  }
  return bounded;
}

template class Rollout<float>;
template class Rollout<double>;
template std::vector<std::size_t> forecast_codes(const Dynamics<float>&, std::span<const float>,
                                                 std::span<const float>, std::span<const float>, std::size_t,
                                                 std::span<const double>, double, std::span<float>);
template std::vector<std::size_t> forecast_codes(const Dynamics<double>&, std::span<const double>,
                                                 std::span<const double>, std::span<const double>,
                                                 std::size_t, std::span<const double>, double,
                                                 std::span<double>);

}  // namespace hypercast::hyper
