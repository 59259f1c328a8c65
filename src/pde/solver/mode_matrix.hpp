#pragma once
// A small matrix, channels x channels, for every local Fourier mode: the linear part of an equation, and
// functions of it. States are [channel][mode].

#include <functional>
#include <span>
#include <vector>

#include "pde/solver/fourier_grid.hpp"
#include "pde/system.hpp"

namespace hypercast::pde {

struct ModeMatrix {
  struct Entry {
    int row = 0, column = 0;
    Buffer<Complex> values;  // one a mode
  };
  int channels = 1;
  std::size_t modes = 0;
  std::vector<Entry> entries;  // those that are zero in every mode are left out

  void multiply(std::span<const Complex> u, std::span<Complex> out) const;      // out = M u
  void add_multiply(std::span<const Complex> u, std::span<Complex> out) const;  // out += M u
};

// What the linear terms do to the modes of a grid.
class Symbol {
 public:
  Symbol(const FourierGrid& grid, int channels, std::span<const LinearTerm> terms);

  const ModeMatrix& matrix() const { return matrix_; }
  // f(h L), mode by mode, for an entire f that may have removable singularities (matrix_function.hpp).
  ModeMatrix function(double h, const std::function<Complex(Complex)>& f) const;
  // (a + b L)^-1. Error (Exit::internal) when it is singular.
  ModeMatrix inverse(double a, double b) const;
  // (a + b L)
  ModeMatrix affine(double a, double b) const;

 private:
  template <class MatrixFunction>
  ModeMatrix mode_by_mode(MatrixFunction f) const;

  ModeMatrix matrix_;
};

}  // namespace hypercast::pde
