#include "forecast/galerkin/options.hpp"

namespace hypercast::forecast {

void GalerkinOptions::describe(Section& s) {
  s.about(
      "Mode galerkin: from theta = H(t) at the end of the training window the weights follow the equation of "
      "[pde], by least squares.");
  s.key("unknowns", unknowns,
        "what moves: all weights of the INR, or the part that the hypernetwork's head moves (own)")
      .one_of({"all", "own"});
  s.key("overlap", overlap, "start this long before the end of the training window").at_least(0);
  s.key("polish", polish,
        "Gauss-Newton steps, on the whole grid, that fit the start to the frame of the training data at that "
        "time, "
        "where it is at hand; 0: start from H(t) as it is")
      .at_least(0);
  s.key("polish_regularisation", polish_regularisation,
        "of the first of these steps, as regularisation below")
      .above(0);
  s.key("points", points, "grid points drawn anew for each step; 0: the whole grid").at_least(0);
  s.key("seed", seed, "of these draws").at_least(0);
  s.key("solver", solver,
        "dense: Cholesky of the normal equations, for up to some thousand points or unknowns; lsqr: "
        "matrix-free")
      .one_of({"dense", "lsqr"});
  s.key("regularisation", regularisation,
        "weight of the squared velocity of the weights beside the mean square of the residual, in network "
        "units")
      .above(0);
  s.key("lsqr_tolerance", lsqr_tolerance, "at which lsqr stops").above(0).below(1);
  s.key("lsqr_iterations", lsqr_iterations, "after which lsqr stops").at_least(1);
  s.key("method", method, "Runge-Kutta pair with adaptive steps, or rk4 with fixed ones")
      .one_of({"bogacki_shampine", "dormand_prince", "rk4"});
  s.key("step", step, "time step of rk4, first step of the others; 0: from the rate of change at the start")
      .at_least(0);
  s.key("tolerance", tolerance, "error a step may make, relative to the field").above(0);
  s.key("least_step", least_step, "shorter steps are a stall; relative to the time that is forecast")
      .above(0)
      .below(1);
  s.key("most_residual", most_residual,
        "of the rate of change |F|: a step that leaves more undone is a stall")
      .above(0);
}

}  // namespace hypercast::forecast
