#pragma once
// What a hypernetwork is told about each model: codes [models][code] of one repeat.
//
//   shared    one draw of N(0, 1) for all
//   spectrum  the signature
//   embed     N(0, 1) for each
//   onehot    the unit vectors
//   mean      the signature in a random projection, entries N(0, 1)
//   user      the vectors of the options
//
// Draws depend on (seed, repeat) alone.

#include <span>

#include "core/buffer.hpp"
#include "similarity/delta/options.hpp"

namespace hypercast::similarity {

// Numbers of a code.
std::size_t code_size(const DeltaScheme& scheme, std::size_t models);
// signatures [models][...], see signature.hpp; empty for other conditionings.
Buffer<double> model_codes(const DeltaScheme& scheme, int repeat, std::size_t models,
                           std::span<const double> signatures);

}  // namespace hypercast::similarity
