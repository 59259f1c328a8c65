#include "hyper/hypernetwork.hpp"

#include <algorithm>

namespace hypercast::hyper {

template <class Real>
Hypernetwork<Real>::Hypernetwork(nn::FunctionPtr<Real> encoder, nn::FunctionPtr<Real> trunk,
                                 HeadPtr<Real> head)
    : encoder_(std::move(encoder)), trunk_(std::move(trunk)), head_(std::move(head)) {}

template <class Real>
std::size_t Hypernetwork<Real>::params() const {
  return encoder_->params() + trunk_params() + head_->params();
}

template <class Real>
std::vector<nn::Block> Hypernetwork<Real>::blocks() const {
  std::vector<nn::Block> all;
  const auto append = [&](const std::string& part, std::vector<nn::Block> blocks, std::size_t offset) {
    for (auto& block : blocks) {
      block.name = part + "." + block.name;
      block.offset += offset;
      all.push_back(std::move(block));
    }
  };
  append("encoder", encoder_->blocks(), 0);
  if (trunk_) append("trunk", trunk_->blocks(), encoder_->params());
  append("head", head_->blocks(), encoder_->params() + trunk_params());
  return all;
}

template <class Real>
void Hypernetwork<Real>::initialise(std::span<Real> phi, std::span<const Real> start,
                                    std::uint64_t seed) const {
  const auto random = [&](std::uint32_t stream) { return Random(seed, Random::Purpose::weights, stream); };
  encoder_->initialise(phi.first(encoder_->params()), random(1));
  if (trunk_) trunk_->initialise(phi.subspan(encoder_->params(), trunk_params()), random(2));
  head_->initialise(head_part(phi), start, random(3));
}

template <class Real>
auto Hypernetwork<Real>::tape(std::size_t conditions) const -> Tape {
  Tape tape;
  tape.features.resize(conditions * encoder_->outputs());
  tape.d_features.resize(tape.features.size());
  tape.encoder.resize(encoder_->tape_size(conditions));
  if (trunk_) tape.trunk.resize(trunk_->tape_size(conditions));
  return tape;
}

template <class Real>
void Hypernetwork<Real>::embed(std::span<const Real> phi, std::span<const Real> c, std::span<Real> h,
                               Tape& tape) const {
  encoder_->forward(phi.first(encoder_->params()), c, tape.features, tape.encoder);
  if (trunk_)
    trunk_->forward(phi.subspan(encoder_->params(), trunk_params()), tape.features, h, tape.trunk);
  else
    std::copy(tape.features.begin(), tape.features.end(), h.begin());
}

template <class Real>
void Hypernetwork<Real>::embed_backward(std::span<const Real> phi, std::span<const Real> c,
                                        std::span<const Real> dh, Tape& tape, std::span<Real> d_phi) const {
  const std::size_t first = encoder_->params();
  if (trunk_)
    trunk_->backward(phi.subspan(first, trunk_params()), tape.features, tape.trunk, dh,
                     d_phi.subspan(first, trunk_params()), tape.d_features);
  else
    std::copy(dh.begin(), dh.end(), tape.d_features.begin());
  encoder_->backward(phi.first(first), c, tape.encoder, tape.d_features, d_phi.first(first), {});
}

template <class Real>
Buffer<Real> Hypernetwork<Real>::weights(std::span<const Real> phi, std::span<const Real> c) const {
  Tape scratch = tape(c.size());
  Buffer<Real> h(c.size() * width()), own(c.size() * head_->own());
  embed(phi, c, h, scratch);
  head_->forward(head_part(phi), h, own);
  const auto shared = shared_part(phi);
  if (shared.empty()) return own;
  Buffer<Real> theta;
  theta.reserve(c.size() * (shared.size() + head_->own()));
  for (std::size_t t = 0; t < c.size(); ++t) {
    theta.insert(theta.end(), shared.begin(), shared.end());
    theta.insert(theta.end(), own.begin() + t * head_->own(), own.begin() + (t + 1) * head_->own());
  }
  return theta;
}

template class Hypernetwork<float>;
template class Hypernetwork<double>;

}  // namespace hypercast::hyper
