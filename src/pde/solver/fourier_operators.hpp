#pragma once
// Operators by Fourier series. What a right-hand side sees is freed of aliases by the 2/3 rule: fields are
// cut to the modes |n| < N/3 before they are differentiated or multiplied, and so is the sum of the products
// (S. A. Orszag, J. Atmos. Sci. 28 (1971)). Products of two fields are then those of the Fourier series.

#include <map>

#include "pde/operators.hpp"
#include "pde/solver/fourier_grid.hpp"

namespace hypercast::pde {

class FourierOperators final : public Operators {
 public:
  FourierOperators(const FourierGrid& grid, const Comm& comm);  // of the grid; both borrowed

  const Domain& domain() const override { return grid_.domain(); }
  std::size_t size() const override { return grid_.points(); }
  std::span<const double> coordinates(int axis) const override { return coordinates_[axis]; }

  std::unique_ptr<Operand> operand(std::span<const double> field, Parity odd = {}) override;
  // Of a field that is known by its modes, which must outlive it.
  std::unique_ptr<Operand> operand_of_modes(std::span<const Complex> modes);
  void add_derivative(const Operand& field, int axis, int order, double factor,
                      std::span<double> out) override;
  void derivative(const Operand& field, int axis, int order, std::span<double> out) override;
  double mean(std::span<const double> field) override;
  std::unique_ptr<Operand> inverse_laplacian(const Operand& field) override;
  void product(std::span<const double> a, std::span<const double> b, std::span<double> out) override;

  // COLLECTIVE. The alias-free modes of a field.
  void to_modes(std::span<const double> field, std::span<Complex> modes) const;
  // COLLECTIVE. The alias-free part of a field given by its modes.
  void to_values(std::span<const Complex> modes, std::span<double> field) const;

 private:
  // d^order / dx_axis^order = turn (1 or i) times a real factor a mode; aliases and FFTW's scale included.
  std::span<const double> factors(int axis, int order);

  const FourierGrid& grid_;
  const Comm& comm_;
  std::vector<Buffer<double>> coordinates_;
  Buffer<double> alias_free_;
  Buffer<double> inverse_laplacian_;
  std::map<std::pair<int, int>, Buffer<double>> factors_;
};

}  // namespace hypercast::pde
