#pragma once
// How well an INR fits a sample of a dataset, on the full grid or where it is observed.

#include "train/dataset.hpp"

namespace hypercast::train {

class FrameError {
 public:
  FrameError(const Dataset& data, const hyper::Model<float>& model);  // borrowed
  // |g - u| / |u| in physical units, 2-norms over points and channels; |g| when u is zero.
  double of(std::span<const float> theta, int sample);

 private:
  const Dataset& data_;
  const hyper::Model<float>& model_;
  Buffer<float> grid_, x_, values_;
};

}  // namespace hypercast::train
