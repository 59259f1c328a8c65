#pragma once
// An equation, and nothing but the equation:
//
//   du_r/dt = sum over linear terms of coefficient * d^orders u_column   (constant coefficients, stiff)
//           + rhs_r(t, u)                                                (everything else)
//
// A System knows neither the discretisation nor the ranks. It holds its parameters as members and describes
// them as its deck table [pde.<name>]. To add one, add systems/<name>.cpp; nothing else is edited.

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "deck/section.hpp"
#include "pde/domain.hpp"
#include "pde/operators.hpp"
#include "pde/symmetry.hpp"

namespace hypercast::pde {

// Adds coefficient * d^orders u_column to du_row/dt; orders are those of the derivative along x, y, z.
struct LinearTerm {
  int row = 0;
  int column = 0;
  double coefficient = 0;
  std::array<int, 3> orders{};
  bool operator==(const LinearTerm&) const = default;
};

using Fields = std::span<const Operand* const>;    // one a channel
using Rates = std::span<const std::span<double>>;  // du/dt, one a channel

// Writes the channels at the point x (one coordinate an axis) and time t.
using ExactSolution = std::function<void(double t, std::span<const double> x, std::span<double> u)>;

class System {
 public:
  virtual ~System() = default;

  // Keys of [pde.<name>]: names, defaults, ranges and docs of the parameters.
  virtual void describe(Section& section) = 0;
  virtual std::vector<std::string> channels() const { return {"u"}; }
  // Why the equation, with these parameters, cannot be solved on this domain; "" when it can.
  virtual std::string complaint(const Domain&) const { return ""; }
  // Whether even (Neumann) and odd (Dirichlet, about the wall value) reflection at the walls maps solutions
  // to solutions. Only then are walls exact to any order; otherwise they are closed by polynomials.
  virtual bool reflects_at_walls(const Domain&) const { return false; }

  virtual std::vector<LinearTerm> linear(int dims) const = 0;
  // Whether linear() is the whole right-hand side; rhs() then adds nothing and is never called.
  virtual bool is_linear() const { return false; }
  // The channel's sign in the mirror of a Neumann wall.
  virtual Parity odd(int /*channel*/) const { return {}; }
  // Makes a state of this equation of what a family of initial states gives, a number of mean zero a channel.
  virtual void from_family(std::span<double> /*u*/) const {}
  // COLLECTIVE. ADDS the part that linear() leaves out to dudt. Values on Dirichlet walls are overwritten.
  virtual void rhs(double /*t*/, Operators&, Fields /*u*/, Rates /*dudt*/) const {}

  virtual std::optional<ExactSolution> exact(const Domain&) const { return std::nullopt; }
  // Maps of the domain that turn solutions into solutions: what one solution says of others. By default
  // shifts along every periodic axis, as for equations whose coefficients do not depend on x, and along axes
  // whose walls could be Neumann's, and exact as reflects_at_walls() has it, mirrors, in which channels take
  // the signs of odd().
  virtual std::vector<Symmetry> symmetries(const Domain& domain) const;
  // Whether neighbouring solutions may part exponentially, so that no trajectory stays converged for ever.
  virtual bool is_chaotic() const { return false; }
};

// COLLECTIVE. Adds the linear terms to dudt, in their order.
void add_linear(std::span<const LinearTerm> terms, Operators& operators, Fields u, Rates dudt);

// Names and present values of the numbers in [pde.<name>]; a list gives name_0, name_1, ...
std::vector<std::pair<std::string, double>> parameters(System& system);
// Sets one number by its key. Returns "" or what is wrong: no such number, or out of its range.
std::string set_parameter(System& system, const std::string& key, double value);

}  // namespace hypercast::pde
