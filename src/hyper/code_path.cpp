#include "hyper/code_path.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace hypercast::hyper {

namespace {

// Part of a frame interval within which a time is that of a frame; times of files are rounded.
constexpr double nearly = 1e-5;

template <class Real>
bool within(const Buffer<Real>& y, double bound) {
  double square = 0;
  for (const Real value : y) square += static_cast<double>(value) * value;
  return std::sqrt(square) <= bound;
}

}  // namespace

template <class Real>
CodePath<Real>::CodePath(const Dynamics<Real>& dynamics, std::span<const Real> w, std::span<const Real> start,
                         std::span<const Real> mu, std::size_t frames, double bound)
    : dynamics_(dynamics), w_(w), mu_(mu), codes_{Buffer<Real>(start.begin(), start.end())} {
  while (codes_.size() <= frames && bounded_) {
    auto next = step(codes_.back(), 1);
    bounded_ = within(next, bound);
    if (bounded_) codes_.push_back(std::move(next));
  }
}

template <class Real>
Buffer<Real> CodePath<Real>::step(const Buffer<Real>& y, double dt) const {
  Buffer<Real> out(y.size()), tape(dynamics_.tape_size(1, dt));
  dynamics_.step(w_, y, mu_, dt, out, tape);
  return out;
}

template <class Real>
Buffer<Real> CodePath<Real>::at(double t) const {
  const auto whole = static_cast<std::size_t>(std::max(0.0, t) + nearly);
  const bool is_frame = t - static_cast<double>(whole) <= nearly;
  check(whole < codes_.size() || !bounded_, "a code beyond the frames of its path");
  if (whole < codes_.size() && is_frame) return codes_[whole];
  // Nothing is known beyond the last bounded frame.
  if (whole + (bounded_ ? 0 : 1) < codes_.size()) return between(t);
  return Buffer<Real>(codes_[0].size(), std::numeric_limits<Real>::quiet_NaN());
}

template <class Real>
Buffer<Real> CodePath<Real>::between(double t) const {
  const auto whole = static_cast<std::size_t>(t);
  if (dynamics_.is_exact_in_time() || codes_.size() < 4 || whole + 1 >= codes_.size())
    return step(codes_[whole], t - static_cast<double>(whole));
  const std::size_t first = std::min(whole > 0 ? whole - 1 : 0, codes_.size() - 4);
  Buffer<Real> y(codes_[0].size());
  for (std::size_t k = 0; k < 4; ++k) {
    double weight = 1;  // of Lagrange
    for (std::size_t j = 0; j < 4; ++j)
      if (j != k)
        weight *= (t - static_cast<double>(first + j)) / (static_cast<double>(k) - static_cast<double>(j));
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += static_cast<Real>(weight * codes_[first + k][i]);
  }
  return y;
}

template class CodePath<float>;
template class CodePath<double>;

}  // namespace hypercast::hyper
