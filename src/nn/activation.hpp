#pragma once
// Activation functions with their derivatives, one array at a time. Every element goes through the same
// arithmetic whatever its place in the array, so results never depend on how a loop was vectorised.

#include <span>
#include <string>

namespace hypercast::nn {

enum class Activation { identity, sine, tanh, gelu, silu, relu };

Activation activation_named(const std::string& name);  // UserError (data) when unknown

// a = act(omega z), d = omega act'(omega z), element by element; z and a may be the same array.
template <class Real>
void activate(Activation activation, Real omega, std::span<const Real> z, std::span<Real> a,
              std::span<Real> d);

}  // namespace hypercast::nn
