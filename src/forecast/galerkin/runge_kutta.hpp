#pragma once
// Explicit Runge-Kutta steps of dq/dt = r(t, q), with an estimate of their error where the pair has one.
//
//   bogacki_shampine  3(2), P. Bogacki, L. F. Shampine, Appl. Math. Lett. 2 (1989)
//   dormand_prince    5(4), J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6 (1980)
//   rk4               the classical one; no estimate

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/buffer.hpp"

namespace hypercast::forecast {

struct Tableau {
  std::string name;
  int order;
  std::vector<double> nodes;                      // c
  std::vector<std::vector<double>> coefficients;  // a, below the diagonal
  std::vector<double> weights;                    // b
  std::vector<double> error_weights;              // b less those of the embedded method; empty: no estimate
  bool estimates() const { return !error_weights.empty(); }
  // Whether the last stage is the rate at the end of the step.
  bool first_same_as_last() const { return estimates(); }
};
const std::vector<std::string>& tableau_names();
const Tableau& tableau(const std::string& name);  // Error (Exit::internal) when unknown

using Rate = std::function<Buffer<double>(double t, std::span<const double> q)>;

struct Step {
  Buffer<double> end;    // q at t + h
  Buffer<double> error;  // its error as estimated; empty without an estimate
};
// From q at t, where the rate is `first`.
Step take_step(const Tableau& method, const Rate& rate, double t, double h, std::span<const double> q,
               std::span<const double> first);

}  // namespace hypercast::forecast
