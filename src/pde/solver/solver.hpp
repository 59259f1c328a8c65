#pragma once
// Integrates one equation from frame to frame with PETSc's TS. Needs a PetscSession.
//
// Explicit families evaluate the whole right-hand side; implicit ones solve for the linear part (one constant
// matrix, J = shift - L) and, if they are additive, evaluate the rest. Frames are hit exactly, never
// interpolated. Fixed steps with an explicit family give the same bits on any number of ranks.

#include <memory>
#include <span>

#include "core/comm.hpp"
#include "pde/initial.hpp"

namespace hypercast::pde {

class Solver {
 public:
  // COLLECTIVE over `comm`. `system` is borrowed. UserError (Exit::data) when the grid is too small for the
  // stencils or for so many ranks, or when the order is not possible at the walls.
  Solver(const Comm& comm, const System& system, const Domain& domain, int order, const TimeOptions& time);
  ~Solver();

  // COLLECTIVE. Frame 0; takes up parameters of the system that have changed.
  void start(const State& state);
  // COLLECTIVE. On to the next frame. UserError (Exit::diverged) on all ranks of `comm`, with the time, when
  // the integrator gave up or a value is not finite.
  void advance();

  int frame() const;
  double time() const;
  std::int64_t steps() const;  // taken since start()
  // This rank's part of the frame: [local point][channel], the points of block() with the last axis fastest.
  std::span<const double> state() const;
  io::Block block() const;

  // COLLECTIVE. The largest difference between J v and the differenced implicit function, relative to |J v|,
  // at the present state for a random v. 0 for explicit families.
  double jacobian_error() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hypercast::pde
