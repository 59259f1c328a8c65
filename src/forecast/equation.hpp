#pragma once
// The equation that the deck names, on the grid of the model: what galerkin follows, and what the residual of
// a forecast is measured with.

#include <memory>
#include <string>

#include "forecast/reference.hpp"
#include "pde/rate_of_change.hpp"
#include "pde/setup.hpp"

namespace hypercast::forecast {

// Whether the deck names an equation: gives [pde] name.
bool names_equation(const Deck& deck);

class Equation {
 public:
  // Reads [pde] and [grid]; UserError (Exit::data) as pde::read_setup. A parameter that [ensemble] varies
  // takes the value it has in the reference's first trajectory, if there is one.
  Equation(const Deck& deck, const Reference* reference);

  // Why it cannot be evaluated on the fields and the grid of the model; "" when it can.
  std::string misfit(const hyper::ModelFacts& facts) const;
  // Why it is not what the data were solved with, as far as they tell; "" when it is.
  std::string difference(const hyper::ModelFacts& facts, const Reference* reference) const;
  std::string text() const;  // "burgers viscosity=0.06, fd order 6"

  // COLLECTIVE when it is first called: needs a PetscSession.
  pde::RateOfChange& rate(const Comm& comm);
  // COLLECTIVE. Takes the varied parameter of another trajectory.
  void follow(const Reference& reference, int trajectory);
  // Takes those of these numbers that it has.
  void follow(const std::vector<std::pair<std::string, double>>& parameters);

 private:
  pde::Setup setup_;
  std::unique_ptr<pde::RateOfChange> rate_;
};

}  // namespace hypercast::forecast
