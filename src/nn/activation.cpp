#include "nn/activation.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/nearest.hpp"

namespace hypercast::nn {

std::vector<std::string> activation_names() {
#define HC_ACTIVATION(name) #name,
  return {
#include "nn/activation_names.inc"
  };
#undef HC_ACTIVATION
}

Activation activation_named(const std::string& name) {
  const auto names = activation_names();
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end())
    throw UserError(Exit::data, "unknown activation '" + name + "'" + did_you_mean(name, names));
  return static_cast<Activation>(at - names.begin());
}

}  // namespace hypercast::nn
