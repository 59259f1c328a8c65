#pragma once
// An equation made discrete in space: du/dt = L u + N(t, u) over PETSc vectors, as the integrator needs it.
// Finite differences keep the values at the points in the vector, Fourier series their coefficients.

#include "io/trajectory.hpp"
#include "pde/discretisation.hpp"
#include "pde/solver/petsc.hpp"
#include "pde/system.hpp"

namespace hypercast::pde {

class Symbol;

class Semidiscrete {
 public:
  virtual ~Semidiscrete() = default;

  virtual VecHandle make_state() const = 0;
  // This rank's block of points; values of a state are [local point][channel], last axis fastest.
  virtual io::Block block() const = 0;
  virtual std::span<const double> coordinates(int axis) const = 0;  // of each local point
  // COLLECTIVE. From values to a state and back. A state that came from values gives back the same values to
  // rounding, and a state that is set from them again the same bits.
  virtual void set_values(std::span<const double> values, Vec state) = 0;
  virtual void get_values(Vec state, std::span<double> values) = 0;

  enum class Part { all, remainder };  // remainder: without the linear terms
  // COLLECTIVE. dudt = that part of the right-hand side; 0 on Dirichlet walls.
  virtual void evaluate(Part part, double t, Vec u, Vec dudt) = 0;
  // COLLECTIVE. Takes up parameters of the system that have changed. Whether the linear part has.
  virtual bool refresh() = 0;

  // For integrators that solve for the linear part: L, and J = shift - L, made when first asked for. Owned
  // here. COLLECTIVE.
  virtual Mat linear() = 0;
  virtual Mat jacobian() = 0;
  virtual void set_shift(double shift) = 0;
  // The Krylov method and preconditioner of J unless [petsc] says otherwise.
  virtual void choose_linear_solver(KSP ksp) = 0;

  // L as a matrix of channels x channels for each Fourier mode, for exponential integrators; null where the
  // discretisation has none.
  virtual const Symbol* symbol() const { return nullptr; }
  // COLLECTIVE. Makes the state that of real fields again, as it is but for rounding. Where a state can hold
  // more, nothing but this ends what rounding starts and the linear part lets grow.
  virtual void make_real(Vec) {}
  // COLLECTIVE. See Solver::tail_energy.
  virtual double tail_energy(Vec) const { return 0; }
};

// COLLECTIVE over `comm`. The system is borrowed. UserError (Exit::data) when the grid is too small for the
// stencils or for so many ranks, or the discretisation is not possible on this domain.
std::unique_ptr<Semidiscrete> discretise(const Comm& comm, const System& system, const Domain& domain,
                                         const Discretisation& discretisation);

}  // namespace hypercast::pde
