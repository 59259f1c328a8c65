#include "hyper/fourier_basis.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace hypercast::hyper {

namespace {

// The largest whole number whose square is at most `square`.
int whole_root(double square) { return static_cast<int>(std::floor(std::sqrt(square) + 1e-9)); }

}  // namespace

template <class Real>
FourierBasis<Real>::FourierBasis(const Coordinates& coordinates, double most)
    : most_(most), most_axis_(whole_root(most * most)), inputs_(coordinates.inputs()) {
  check(most >= 1, "a Fourier basis without wave vectors");
  for (const auto& axis : coordinates.axes()) periodic_.push_back(axis.periodic());
  add_runs({}, false);
  outputs_ = wavenumbers_.size();
}

// A wave vector and its negative are one wave: the first k_a of a periodic axis that is not zero is positive,
// and k has its sign from there on.
template <class Real>
void FourierBasis<Real>::add_runs(const std::vector<int>& k, bool signed_yet) {
  const std::size_t axis = k.size();
  double left = most_ * most_;
  for (const int n : k) left -= n * n;
  const int high = whole_root(std::max(left, 0.0)), low = periodic_[axis] && signed_yet ? -high : 0;
  if (axis + 1 < periodic_.size()) {
    for (int n = low; n <= high; ++n) {
      auto longer = k;
      longer.push_back(n);
      add_runs(longer, signed_yet || (periodic_[axis] && n > 0));
    }
    return;
  }
  const bool constant = std::all_of(k.begin(), k.end(), [](int n) { return n == 0; });
  if (signed_yet) {
    add_run({k, low, high - low + 1, true});
  } else if (periodic_[axis]) {
    if (!constant) add_run({k, 0, 1, false});
    add_run({k, 1, high, true});
  } else {
    add_run({k, constant ? 1 : 0, constant ? high : high + 1, false});
  }
}

template <class Real>
void FourierBasis<Real>::add_run(const Run& run) {
  if (run.count == 0) return;
  runs_.push_back(run);
  double before = 0;
  for (const int n : run.k) before += static_cast<double>(n) * n;
  for (int part = 0; part < (run.travels ? 2 : 1); ++part)
    for (int n = run.first; n < run.first + run.count; ++n)
      wavenumbers_.push_back(std::sqrt(before + static_cast<double>(n) * n));
}

// The tape: one row's tables, and one row of features for the backward pass.
template <class Real>
std::size_t FourierBasis<Real>::tape_size(std::size_t) const {
  return periodic_.size() * table_size() + outputs_;
}

template <class Real>
void FourierBasis<Real>::fill(std::size_t axis, const Real* x, Part part, Real* table) const {
  const int most = most_axis_;
  Real* re = table + most;  // re[-most .. most]
  Real* im = re + 2 * most + 1;
  const bool periodic = periodic_[axis];
  const Real quarter = static_cast<Real>(std::numbers::pi / 2);  // of the phase pi p = pi (x + 1) / 2
  re[0] = 1;
  im[0] = 0;
  re[1] = periodic ? x[0] : std::cos(quarter * (x[0] + 1));
  im[1] = periodic ? x[1] : std::sin(quarter * (x[0] + 1));
  for (int k = 2; k <= most; ++k) {
    const int a = k / 2, b = k - a;
    re[k] = re[a] * re[b] - im[a] * im[b];
    im[k] = re[a] * im[b] + im[a] * re[b];
  }
  if (!periodic) {
    for (int k = 0; k <= most; ++k) {
      if (part != Part::value) re[k] = -quarter * static_cast<Real>(k) * im[k];
      im[k] = 0;
    }
    return;
  }
  if (part != Part::value) {  // d z^k = k z^{k-1} dz with dz = 1 or i
    for (int k = most; k >= 1; --k) {
      const Real n = static_cast<Real>(k), r = n * re[k - 1], i = n * im[k - 1];
      re[k] = part == Part::d_first ? r : -i;
      im[k] = part == Part::d_first ? i : r;
    }
    re[0] = im[0] = 0;
  }
  for (int k = 1; k <= most; ++k) {
    re[-k] = re[k];
    im[-k] = -im[k];
  }
}

template <class Real>
void FourierBasis<Real>::fill_all(const Real* x, Real* tables) const {
  for (std::size_t a = 0; a < periodic_.size(); ++a) {
    fill(a, x, Part::value, tables + a * table_size());
    x += periodic_[a] ? 2 : 1;
  }
}

template <class Real>
void FourierBasis<Real>::multiply(const Real* tables, Real* y) const {
  const std::size_t last = periodic_.size() - 1;
  for (const Run& run : runs_) {
    Real pr = 1, pi = 0;
    for (std::size_t a = 0; a < last; ++a) {
      const Real* re = tables + a * table_size() + most_axis_ + run.k[a];
      const Real r = re[0], i = re[2 * most_axis_ + 1], old = pr;
      pr = old * r - pi * i;
      pi = old * i + pi * r;
    }
    const Real* re = tables + last * table_size() + most_axis_ + run.first;
    const Real* im = re + 2 * most_axis_ + 1;
    for (int j = 0; j < run.count; ++j) y[j] = pr * re[j] - pi * im[j];
    y += run.count;
    if (!run.travels) continue;
    for (int j = 0; j < run.count; ++j) y[j] = pr * im[j] + pi * re[j];
    y += run.count;
  }
}

template <class Real>
void FourierBasis<Real>::forward(std::span<const Real>, std::span<const Real> x, std::span<Real> y,
                                 std::span<Real> tape) const {
  for (std::size_t n = 0; n * inputs_ < x.size(); ++n) {
    fill_all(x.data() + n * inputs_, tape.data());
    multiply(tape.data(), y.data() + n * outputs_);
  }
}

// A feature is a product of one factor per axis, so its slope in an input is the same product with that
// axis's factors replaced by their slopes.
template <class Real>
void FourierBasis<Real>::backward(std::span<const Real>, std::span<const Real> x, std::span<Real> tape,
                                  std::span<const Real> dy, std::span<Real>, std::span<Real> dx) const {
  if (dx.empty()) return;
  Real* slopes = tape.data() + periodic_.size() * table_size();
  for (std::size_t n = 0; n * inputs_ < x.size(); ++n) {
    const Real* from = x.data() + n * inputs_;
    Real* to = dx.data() + n * inputs_;
    fill_all(from, tape.data());
    for (std::size_t a = 0; a < periodic_.size(); ++a) {
      Real* table = tape.data() + a * table_size();
      for (const Part part : {Part::d_first, Part::d_second}) {
        if (part == Part::d_second && !periodic_[a]) continue;
        fill(a, from, part, table);
        multiply(tape.data(), slopes);
        Real sum = 0;
        for (std::size_t j = 0; j < outputs_; ++j) sum += slopes[j] * dy[n * outputs_ + j];
        *to++ = sum;
      }
      fill(a, from, Part::value, table);
      from += periodic_[a] ? 2 : 1;
    }
  }
}

template class FourierBasis<float>;
template class FourierBasis<double>;

}  // namespace hypercast::hyper
