#include "hyper/inr.hpp"

#include <algorithm>
#include <cmath>

#include "core/buffer.hpp"
#include "hyper/readout.hpp"
#include "nn/packed.hpp"

namespace hypercast::hyper {

InrRegistry inr_registry() {
  InrRegistry registry("INR");
  register_inrs(registry);
  return registry;
}

template <class Real>
Inr<Real>::Inr(nn::FunctionPtr<Real> features, std::size_t channels)
    : features_(std::move(features)), channels_(channels) {}

template <class Real>
std::vector<nn::Block> Inr<Real>::blocks() const {
  auto blocks = features_->blocks();
  blocks.push_back({"readout.weight", hidden(), channels_, features_->outputs(), false});
  blocks.push_back({"readout.bias", params() - channels_, channels_, 1, true});
  return blocks;
}

template <class Real>
void Inr<Real>::initialise(std::span<Real> theta, const Random& random) const {
  features_->initialise(theta.first(hidden()), random);
  const double bound = std::sqrt(3.0 / static_cast<double>(features_->outputs()));
  for (std::size_t i = hidden(); i < params(); ++i)
    theta[i] = i < params() - channels_ ? static_cast<Real>(bound * (2 * random.uniform(i) - 1)) : Real(0);
}

template <class Real>
void Inr<Real>::evaluate(std::span<const Real> theta, std::span<const Real> x, std::span<Real> values) const {
  const std::size_t width = features_->outputs(), points = x.size() / inputs();
  nn::Packed<Real> packed(*features_);
  packed.pack(theta.first(hidden()));
  Buffer<Real> tape(features_->tape_size(point_block)), phi(point_block * width);
  Readout<Real> readout(width, channels_, 1);
  readout.set(theta.subspan(hidden()));
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at);
    features_->evaluate(packed.weights(), x.subspan(at * inputs(), n * inputs()),
                        std::span(phi).first(n * width), tape);
    readout.apply(n, phi.data(), values.data() + at * channels_);
  }
}

template class Inr<float>;
template class Inr<double>;

}  // namespace hypercast::hyper
