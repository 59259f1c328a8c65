#pragma once
// How well a model fits samples of a dataset, on the full grid.

#include "train/dataset.hpp"

namespace hypercast::train {

// COLLECTIVE. Mean over `samples` of |g - u| / |u| in physical units (2-norms over grid and channels; a frame
// of zeros counts |g|). Frames are shared out over ranks; the sum runs in sample order, so the result does
// not depend on their number.
double relative_l2(const Comm& comm, const Dataset& data, const hyper::Model<float>& model,
                   std::span<const float> phi, std::span<const int> samples);

}  // namespace hypercast::train
