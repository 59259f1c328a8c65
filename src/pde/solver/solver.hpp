#pragma once
// Integrates one equation from frame to frame with PETSc's TS. Needs a PetscSession.
//
// Explicit families evaluate the whole right-hand side; implicit ones solve for the linear part (one constant
// matrix, J = shift - L) and, if they are additive, evaluate the rest; etdrk4 and dino_imex treat the linear
// part mode by mode (symbol_ts.hpp). Frames are hit exactly, never interpolated. Fixed steps with an explicit
// family and finite differences give the same bits on any number of ranks, unless the equation asks for an
// inverse Laplacian.
//
// Every frame is integrated from the values of the one before it, as a double-precision array holds them:
// with fixed steps of a one-step family, starting again from saved values gives the same bits.

#include <memory>
#include <span>

#include "core/comm.hpp"
#include "pde/initial.hpp"

namespace hypercast::pde {

class Solver {
 public:
  // COLLECTIVE over `comm`. `system` is borrowed. UserError (Exit::data) when the grid is too small for the
  // stencils or for so many ranks, or the discretisation is not possible on this domain.
  Solver(const Comm& comm, const System& system, const Domain& domain, const Discretisation& discretisation,
         const TimeOptions& time);
  ~Solver();

  // COLLECTIVE. Frame 0: the state itself, or what becomes of it in the time `burn_in`. Takes up parameters
  // of the system that have changed. UserError (Exit::diverged) as advance().
  void start(const State& state, double burn_in = 0);
  // COLLECTIVE. The same from values as state() has them, which are those of that frame.
  void start_from(int frame, std::span<const double> values);
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
  // COLLECTIVE. The part of the energy (mean square about the mean) of the frame that sits in the outer third
  // of the modes that a spectral solver keeps free of aliases, the largest over the channels. 0 for fd.
  double tail_energy() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hypercast::pde
