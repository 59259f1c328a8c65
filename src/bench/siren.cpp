#include "bench/siren.hpp"

#include "core/random.hpp"
#include "nn/mlp.hpp"
#include "train/cost_model.hpp"

namespace hypercast::bench {

double SirenShape::weights() const {
  train::ModelShape shape;
  shape.inr_width = width;
  shape.layers = layers;
  shape.inputs = inputs;
  shape.outputs = outputs;
  return static_cast<double>(shape.inr_weights());
}

hyper::Inr<float> make_siren(const SirenShape& shape) {
  const auto width = static_cast<std::size_t>(shape.width);
  std::vector<nn::Dense> layers{
      {static_cast<std::size_t>(shape.inputs), width, nn::Activation::sine, shape.omega}};
  for (int l = 1; l < shape.layers; ++l) layers.push_back({width, width, nn::Activation::sine, shape.omega});
  return {std::make_unique<nn::Mlp<float>>(std::move(layers)), static_cast<std::size_t>(shape.outputs)};
}

Buffer<float> made_up_weights(const hyper::Inr<float>& inr) {
  Buffer<float> theta(inr.params());
  inr.initialise(theta, Random(0, Random::Purpose::weights));
  return theta;
}

Buffer<float> made_up_values(std::size_t count) {
  const Random random(0, Random::Purpose::points);
  Buffer<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(2 * random.uniform(i) - 1);
  return values;
}

}  // namespace hypercast::bench
