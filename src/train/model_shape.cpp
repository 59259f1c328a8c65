#include "train/model_shape.hpp"

#include <algorithm>

#include "nn/mlp.hpp"
#include "train/leaves.hpp"
#include "train/replicas.hpp"

namespace hypercast::train {

namespace {

// Null unless all layers are sines of one width.
const nn::Mlp<float>* siren_of(const hyper::Inr<float>& inr) {
  const auto* mlp = dynamic_cast<const nn::Mlp<float>*>(&inr.features());
  if (!mlp) return nullptr;
  for (std::size_t l = 0; l < mlp->layers(); ++l)
    if (mlp->layer(l).activation != nn::Activation::sine || mlp->layer(l).outputs != mlp->outputs())
      return nullptr;
  return mlp;
}

bool writes_all(const hyper::Head<float>& head, const hyper::Inr<float>& inr) {
  return head.direct() && head.fixed() == 0 && head.rows() == inr.params();
}

}  // namespace

Modelled modelled(const hyper::Model<float>& model, std::int64_t frames, std::int64_t points) {
  const auto& hypernetwork = model.hypernetwork;
  const auto* siren = siren_of(model.inr);
  if (!writes_all(hypernetwork.head(), model.inr))
    return {{}, "the cost model knows heads that write all weights (full)"};
  if (!siren) return {{}, "the cost model knows INRs of sine layers of one width (siren)"};
  ModelShape shape;
  shape.trunk_width = static_cast<std::int64_t>(hypernetwork.width());
  shape.inr_width = static_cast<std::int64_t>(siren->outputs());
  shape.layers = static_cast<std::int64_t>(siren->layers());
  shape.inputs = static_cast<std::int64_t>(siren->inputs());
  shape.outputs = static_cast<std::int64_t>(model.inr.channels());
  shape.points = points;
  shape.frames = frames;
  shape.trunk_parameters = static_cast<std::int64_t>(hypernetwork.params() - hypernetwork.encoder_params() -
                                                     hypernetwork.head().params());
  shape.rows = static_cast<std::int64_t>(hypernetwork.head().rows());
  return {shape, ""};
}

Modelled modelled(const hyper::Model<float>& model, const Dataset& data, const TrainOptions& options) {
  const auto seen = std::ssize(data.observed(0));
  auto points = seen > 0 ? seen : static_cast<std::int64_t>(model.facts.points());
  if (options.points > 0) points = std::min<std::int64_t>(points, options.points);
  auto found = modelled(model, frames_of_step(data, options), points);
  if (found.shape) found.shape->frames_per_leaf = options.frames_per_leaf;
  return found;
}

Grid grid_of(const TrainOptions& options, int ranks) {
  return {ranks, options.replicas, trunk_named(options.trunk)};
}

}  // namespace hypercast::train
