#pragma once
// Activation functions: one file of kernels/activations each, whose name is the deck's.

#include <cstddef>
#include <string>
#include <vector>

namespace hypercast::nn {

#define HC_ACTIVATION(name) name,
enum class Activation {
#include "nn/activation_names.inc"
};
#undef HC_ACTIVATION

#define HC_ACTIVATION(name) +1
inline constexpr std::size_t activation_count = 0
#include "nn/activation_names.inc"
    ;
#undef HC_ACTIVATION

std::vector<std::string> activation_names();
Activation activation_named(const std::string& name);  // UserError (Exit::data) when unknown

}  // namespace hypercast::nn
