#include "forecast/direct.hpp"

namespace hypercast::forecast {

Direct::Direct(const hyper::Model<float>& model, std::span<const float> phi, std::span<const double> points)
    : model_(model),
      phi_(phi),
      x_(points.size() / model.coordinates.dimensions() * model.coordinates.inputs()) {
  model.coordinates.embed<float>(points, x_);
}

void Direct::forecast(double t, std::span<float> values) {
  const float c = model_.scaled(t);
  model_.inr.evaluate(model_.hypernetwork.weights(phi_, std::span(&c, 1)), x_, values);
  const auto& [mean, scale] = std::tie(model_.facts.mean, model_.facts.scale);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(mean[i % mean.size()] + scale[i % mean.size()] * values[i]);
}

}  // namespace hypercast::forecast
