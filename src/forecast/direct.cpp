#include "forecast/direct.hpp"

namespace hypercast::forecast {

bool Direct::prepare(double, const Reference* reference) {
  const auto& wanted = model_.facts.parameters;
  mu_.clear();
  if (wanted.empty()) return true;
  for (int b = 0; reference && given_.empty() && b < reference->trajectories(); ++b)
    mu_.push_back(hyper::parameters_of(wanted, reference->parameters(b)));
  if (mu_.empty()) mu_.push_back(given_);
  if (mu_.front().size() != wanted.size())
    throw UserError(Exit::data, "[forecast] parameters must give the " + std::to_string(wanted.size()) +
                                    " parameters that the model depends on");
  return true;
}

}  // namespace hypercast::forecast
