#pragma once
// A System by Fourier series. A state holds the modes of each channel, [channel][mode] complex numbers. The
// linear part acts on all modes and is exact in space; the rest is freed of aliases.

#include <optional>

#include "pde/solver/fourier_operators.hpp"
#include "pde/solver/mode_matrix.hpp"
#include "pde/solver/semidiscrete.hpp"

namespace hypercast::pde {

class FourierEquation final : public Semidiscrete {
 public:
  // COLLECTIVE. `system` is borrowed.
  FourierEquation(const Comm& comm, const System& system, const Domain& domain);

  VecHandle make_state() const override;
  io::Block block() const override { return grid_.block(); }
  std::span<const double> coordinates(int axis) const override { return operators_.coordinates(axis); }
  void set_values(std::span<const double> values, Vec state) override;
  void get_values(Vec state, std::span<double> values) override;

  void evaluate(Part part, double t, Vec u, Vec dudt) override;
  bool refresh() override;

  Mat linear() override;
  Mat jacobian() override;
  void set_shift(double shift) override;
  void choose_linear_solver(KSP ksp) override;  // J^-1 itself, as a preconditioner

  const Symbol* symbol() const override { return &symbol_; }
  void make_real(Vec state) override;  // modes of k and -k are conjugate: both may be in memory
  double tail_energy(Vec state) const override;

 private:
  MatHandle make_shell(PetscErrorCode (*multiply)(Mat, Vec, Vec));
  static PetscErrorCode multiply_linear(Mat, Vec u, Vec out);
  static PetscErrorCode multiply_jacobian(Mat, Vec u, Vec out);
  static PetscErrorCode solve_jacobian(PC, Vec u, Vec out);
  std::span<Complex> channel(std::span<Complex> modes, int c) const {
    return modes.subspan(c * grid_.modes(), grid_.modes());
  }

  const System& system_;
  Comm comm_;
  FourierGrid grid_;
  FourierOperators operators_;
  int channels_;
  std::vector<LinearTerm> terms_;
  Symbol symbol_;
  std::vector<Buffer<double>> rates_;  // of a right-hand side, by channel
  MatHandle linear_, jacobian_;
  std::optional<double> shift_;
  ModeMatrix shifted_, inverse_;  // J, J^-1
};

}  // namespace hypercast::pde
