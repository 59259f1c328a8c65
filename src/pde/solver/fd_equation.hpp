#pragma once
// A System by finite differences. A state is stored point by point.

#include <optional>

#include "pde/solver/fd_operators.hpp"
#include "pde/solver/semidiscrete.hpp"

namespace hypercast::pde {

class FdEquation final : public Semidiscrete {
 public:
  // COLLECTIVE. `system` is borrowed.
  FdEquation(const Comm& comm, const System& system, const Domain& domain, int order);

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
  void choose_linear_solver(KSP ksp) override;

 private:
  void evaluate(Part part, double t, std::span<const double> u, std::span<double> dudt);

  const System& system_;
  Comm comm_;
  FdGrid grid_;
  FdOperators operators_;
  std::vector<LinearTerm> terms_;
  std::vector<Buffer<double>> in_, out_;  // channels apart, where there are several
  MatHandle linear_, jacobian_;
  std::optional<double> shift_;  // of the Jacobian as it stands
};

}  // namespace hypercast::pde
