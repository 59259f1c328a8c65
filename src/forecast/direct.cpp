#include "forecast/direct.hpp"

#include <fmt/format.h>

namespace hypercast::forecast {

bool Direct::prepare(double, const Reference* reference) {
  const auto& wanted = model_.facts.parameters;
  mu_.clear();
  if (wanted.empty()) return true;
  for (int b = 0; reference && given_.empty() && b < reference->trajectories(); ++b)
    mu_.push_back(hyper::parameters_of(wanted, reference->parameters(b)));
  if (mu_.empty() && given_.empty())
    throw UserError(Exit::data,
                    fmt::format("no trajectory tells the {} parameters that the model depends on: "
                                "give them in [forecast] parameters",
                                wanted.size()));
  if (mu_.empty()) mu_.push_back(given_);
  return true;
}

}  // namespace hypercast::forecast
