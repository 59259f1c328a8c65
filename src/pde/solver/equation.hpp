#pragma once
// A System on a grid as a function of PETSc vectors.

#include "pde/solver/fd_operators.hpp"

namespace hypercast::pde {

class Equation {
 public:
  Equation(const FdGrid& grid, const System& system);  // both borrowed

  enum class Part { all, remainder };  // remainder: without the linear terms
  // COLLECTIVE. dudt = that part of the right-hand side; 0 on Dirichlet walls.
  void evaluate(Part part, double t, Vec u, Vec dudt);
  // Reads the parameters of the system anew.
  void refresh();
  std::span<const LinearTerm> terms() const { return terms_; }

 private:
  void evaluate(Part part, double t, std::span<const double> u, std::span<double> dudt);

  const FdGrid& grid_;
  const System& system_;
  FdOperators operators_;
  std::vector<LinearTerm> terms_;
  std::vector<Buffer<double>> in_, out_;  // channels apart, where there are several
};

}  // namespace hypercast::pde
