#pragma once
// Where auto-decoding begins.

#include "train/dataset.hpp"

namespace hypercast::train {

// COLLECTIVE. Codes [fitted frame][size]: the coefficients of the frames' proper orthogonal decomposition
// over the points observed, which must be the same in all frames, between as they are and each of unit
// variance, with mean square one altogether; components that the frames do not have are 0. Streamed: the
// decomposition is that of the frames that fit in memory, drawn. Rank 0 computes.
Buffer<float> principal_start(const Context& context, const Dataset& data, std::size_t size);

}  // namespace hypercast::train
