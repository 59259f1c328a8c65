#include "forecast/equation.hpp"

#include <fmt/format.h>

#include <cmath>

namespace hypercast::forecast {

bool names_equation(const Deck& deck) { return deck.gives(pde::PdeOptions::section, "name"); }

Equation::Equation(const Deck& deck, const Reference* reference) : setup_(pde::read_setup(deck)) {
  if (reference) follow(*reference, 0);
}

void Equation::follow(const Reference& reference, int trajectory) {
  for (const auto& [name, value] : reference.parameters(trajectory))
    if (name == setup_.ensemble.vary) pde::set_parameter(*setup_.system, name, value);
  if (rate_) rate_->refresh();
}

void Equation::follow(const std::vector<std::pair<std::string, double>>& parameters) {
  for (const auto& [name, value] : parameters) pde::set_parameter(*setup_.system, name, value);
  if (rate_) rate_->refresh();
}

std::string Equation::misfit(const hyper::ModelFacts& facts) const {
  if (setup_.system->channels() != facts.channels)
    return fmt::format("the fields of {} are not those of the model", setup_.name);
  return io::grid_difference(facts.axes, setup_.domain.io_axes());
}

std::string Equation::difference(const hyper::ModelFacts& facts, const Reference* reference) const {
  if (facts.dataset_name != setup_.name)
    return fmt::format("the data are called {}, the equation {}", facts.dataset_name, setup_.name);
  if (!reference) return "";
  for (const auto& [name, value] : pde::parameters(*setup_.system))
    for (const auto& [other, of_data] : reference->parameters(0))
      if (name == other && std::abs(value - of_data) > 1e-12 * std::abs(of_data))
        return fmt::format("{} is {:g} in the data, {:g} in the deck", name, of_data, value);
  return "";
}

std::string Equation::text() const {
  std::string text = setup_.name;
  for (const auto& [name, value] : pde::parameters(*setup_.system))
    text += fmt::format(" {}={:g}", name, value);
  return text + ", " + to_text(setup_.discretisation);
}

pde::RateOfChange& Equation::rate(const Comm& comm) {
  if (!rate_)
    rate_ = std::make_unique<pde::RateOfChange>(comm, *setup_.system, setup_.domain, setup_.discretisation);
  return *rate_;
}

}  // namespace hypercast::forecast
