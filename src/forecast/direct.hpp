#pragma once
// Mode `direct`: theta = H(t), the literal mapping from a time to the weights of an INR.

#include "forecast/weight_path.hpp"
#include "hyper/model.hpp"

namespace hypercast::forecast {

class Direct final : public WeightPath {
 public:
  // The model and its parameters are borrowed.
  Direct(const hyper::Model<float>& model, std::span<const float> phi) : model_(model), phi_(phi) {}
  Buffer<float> weights(int, int, double t) override {
    const float c = model_.scaled(t);
    return model_.hypernetwork.weights(phi_, std::span(&c, 1));
  }

 private:
  const hyper::Model<float>& model_;
  std::span<const float> phi_;
};

}  // namespace hypercast::forecast
