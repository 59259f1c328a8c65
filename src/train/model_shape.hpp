#pragma once
// A training as the cost model sees it (train/cost_model.hpp). It knows models whose head writes all of theta
// by an affine map (`full`) for an INR of sine layers of one width (`siren`), with any encoder and trunk.
// Parameters of an encoder do not count: tables and frequencies cost next to nothing.

#include <optional>
#include <string>

#include "train/cost_model.hpp"
#include "train/dataset.hpp"
#include "train/options.hpp"

namespace hypercast::train {

struct Modelled {
  std::optional<ModelShape> shape;
  std::string why_not;  // where there is none: what the cost model does not know
};

// Of steps of so many frames, on all ranks together, at so many points each.
Modelled modelled(const hyper::Model<float>& model, std::int64_t frames, std::int64_t points);
// Of the steps that train::FrameLoss makes of these.
Modelled modelled(const hyper::Model<float>& model, const Dataset& data, const TrainOptions& options);

// The grid that so many ranks make.
Grid grid_of(const TrainOptions& options, int ranks);

}  // namespace hypercast::train
