#pragma once
// The real Fourier basis of a domain, without the constant: all wave vectors k with |k| <= `most` (Euclidean
// norm), k_a counted in fundamentals of axis a.
//   periodic axes   cos(k . s) and sin(k . s), s_a = 2 pi p_a, one of each pair +-k
//   other axes      the factor cos(pi k_a p_a), k_a >= 0: no slope at the walls
// p_a in [0, 1] is the place on the axis. A function of the inputs of Coordinates::embed, without parameters:
// powers of cos + i sin of each axis, by repeated products, so that periodicity is as exact as the inputs.

#include <algorithm>

#include "hyper/coordinates.hpp"
#include "nn/function.hpp"

namespace hypercast::hyper {

template <class Real>
class FourierBasis final : public nn::Function<Real> {
 public:
  FourierBasis(const Coordinates& coordinates, double most);  // most >= 1

  std::size_t inputs() const override { return inputs_; }
  std::size_t outputs() const override { return outputs_; }
  std::vector<nn::Block> blocks() const override { return {}; }
  std::size_t params() const override { return 0; }
  std::size_t tape_size(std::size_t rows) const override;

  // |k| of each feature.
  const std::vector<double>& wavenumbers() const { return wavenumbers_; }

  void initialise(std::span<Real>, const Random&) const override {}
  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override;
  void backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const override;
  void backward_rows(std::span<const Real>, std::span<const Real>, std::span<Real>, std::span<const Real>,
                     std::span<Real>) const override {}
  void tangent(std::span<const Real>, std::span<const Real>, std::span<const Real>, std::span<Real>,
               std::span<Real> dy) const override {
    std::fill(dy.begin(), dy.end(), Real(0));
  }

 private:
  // Wave vectors that differ on the last axis only, where k = first .. first + count - 1. Their features are
  // `count` cosines and, unless all k_a of periodic axes are zero, `count` sines.
  struct Run {
    std::vector<int> k;  // of the axes before the last
    int first, count;
    bool travels;
  };
  enum class Part { value, d_first, d_second };  // of a factor: itself, its slope in the axis's inputs

  void add_runs(const std::vector<int>& k, bool signed_yet);  // that begin with k
  void add_run(const Run& run);
  std::size_t table_size() const { return 2 * (2 * static_cast<std::size_t>(most_axis_) + 1); }
  // The factors e^{i k s} of an axis for k = -K .. K: real parts, then imaginary ones.
  void fill(std::size_t axis, const Real* x, Part part, Real* table) const;
  void fill_all(const Real* x, Real* tables) const;
  void multiply(const Real* tables, Real* y) const;

  std::vector<bool> periodic_;
  double most_;
  int most_axis_;
  std::vector<Run> runs_;
  std::vector<double> wavenumbers_;
  std::size_t inputs_, outputs_ = 0;
};

}  // namespace hypercast::hyper
