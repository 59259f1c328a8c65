#pragma once
// F(t, u) = du/dt of a checked problem, in double precision: the same right-hand side that the solver
// integrates, for others who have a field and want its rate. Needs a PetscSession; shows no PETSc.

#include <memory>
#include <span>

#include "core/comm.hpp"
#include "io/trajectory.hpp"
#include "pde/discretisation.hpp"
#include "pde/system.hpp"

namespace hypercast::pde {

class RateOfChange {
 public:
  // COLLECTIVE. The grid is shared out over as many of the ranks as it can be cut for (a spectral grid of one
  // axis: one rank); the others hold no point. The system is borrowed. UserError (Exit::data) when the grid
  // is too small for the stencils, or the discretisation is not possible on this domain.
  RateOfChange(const Comm& comm, const System& system, const Domain& domain,
               const Discretisation& discretisation);
  ~RateOfChange();

  // The points of the grid that this rank holds: a box, possibly of none.
  const io::Block& block() const;
  // COLLECTIVE. rates = F(t, values), both [local point][channel], last axis fastest. 0 on Dirichlet walls.
  void evaluate(double t, std::span<const double> values, std::span<double> rates);
  // COLLECTIVE. The same for a whole frame [point][channel] that every rank has; the rates of all points
  // come to every rank. Finite differences give the same bits on any number of ranks, Fourier series agree
  // to rounding.
  void evaluate_frame(double t, std::span<const double> frame, std::span<double> rates);

  // COLLECTIVE. Takes up parameters of the system that have changed.
  void refresh();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hypercast::pde
