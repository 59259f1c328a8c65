#include "hyper/hypernetwork.hpp"

#include <algorithm>

namespace hypercast::hyper {

namespace {

// Columns [first, first + count) of rows[n][width] to or from columns of other rows.
template <class Real>
void copy_columns(std::span<const Real> from, std::size_t from_width, std::size_t from_first,
                  std::span<Real> to, std::size_t to_width, std::size_t to_first, std::size_t count) {
  const std::size_t rows = to.size() / to_width;
  for (std::size_t t = 0; t < rows; ++t)
    std::copy_n(from.begin() + t * from_width + from_first, count, to.begin() + t * to_width + to_first);
}

}  // namespace

template <class Real>
Hypernetwork<Real>::Hypernetwork(nn::FunctionPtr<Real> encoder, std::size_t parameters,
                                 nn::FunctionPtr<Real> trunk, HeadPtr<Real> head)
    : encoder_(std::move(encoder)),
      parameters_(parameters),
      trunk_(std::move(trunk)),
      head_(std::move(head)) {}

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
void Hypernetwork<Real>::initialise(const Piece& piece, std::span<const Real> start,
                                    std::uint64_t seed) const {
  const auto random = [&](std::uint32_t stream) { return Random(seed, Random::Purpose::weights, stream); };
  encoder_->initialise(piece.front.first(encoder_->params()), random(1));
  if (trunk_) trunk_->initialise(piece.front.subspan(encoder_->params(), trunk_params()), random(2));
  head_->initialise_fixed(piece.front.last(head_->fixed()), start, random(3));
  head_->map_start(start).make(piece.begin, piece.end, width(), random(3), piece.weights, piece.biases);
}

template <class Real>
auto Hypernetwork<Real>::tape(std::size_t conditions) const -> Tape {
  Tape tape{nn::Packed<Real>(*encoder_), {}, {}, {}, {}, {}, {}, {}, {}, {}};
  if (trunk_) tape.packed_trunk.emplace(*trunk_);
  tape.features.resize(conditions * features());
  tape.d_features.resize(tape.features.size());
  tape.encoder.resize(encoder_->tape_size(conditions));
  if (trunk_) tape.trunk.resize(trunk_->tape_size(conditions));
  if (parameters_ == 0) return tape;
  tape.own.resize(conditions * encoder_->inputs());
  tape.d_own.resize(tape.own.size());
  tape.encoded.resize(conditions * encoder_->outputs());
  tape.d_encoded.resize(tape.encoded.size());
  return tape;
}

template <class Real>
void Hypernetwork<Real>::embed(std::span<const Real> phi, std::span<const Real> c, std::span<Real> h,
                               Tape& tape) const {
  const std::size_t in = encoder_->inputs(), out = encoder_->outputs(), p = parameters_;
  const auto encoder = tape.packed_encoder.pack(phi.first(encoder_->params()));
  if (p == 0) {
    encoder_->forward(encoder, c, tape.features, tape.encoder);
  } else {
    copy_columns<Real>(c, in + p, 0, tape.own, in, 0, in);
    encoder_->forward(encoder, tape.own, tape.encoded, tape.encoder);
    copy_columns<Real>(tape.encoded, out, 0, tape.features, out + p, 0, out);
    copy_columns<Real>(c, in + p, in, tape.features, out + p, out, p);
  }
  if (trunk_)
    trunk_->forward(tape.packed_trunk->pack(phi.subspan(encoder_->params(), trunk_params())), tape.features,
                    h, tape.trunk);
  else
    std::copy(tape.features.begin(), tape.features.end(), h.begin());
}

template <class Real>
void Hypernetwork<Real>::embed_backward(std::span<const Real> c, std::span<const Real> dh, Tape& tape,
                                        std::span<Real> d_phi, std::span<Real> d_c) const {
  const std::size_t first = encoder_->params(), in = encoder_->inputs(), out = encoder_->outputs(),
                    p = parameters_;
  if (trunk_) {
    const auto d_trunk = d_phi.subspan(first, trunk_params());
    trunk_->backward(tape.packed_trunk->weights(), tape.features, tape.trunk, dh,
                     tape.packed_trunk->begin_gradient(d_trunk), tape.d_features);
    tape.packed_trunk->end_gradient(d_trunk);
  } else {
    std::copy(dh.begin(), dh.end(), tape.d_features.begin());
  }
  const auto encoder = tape.packed_encoder.weights();
  const auto d_encoder = tape.packed_encoder.begin_gradient(d_phi.first(first));
  if (p == 0) {
    encoder_->backward(encoder, c, tape.encoder, tape.d_features, d_encoder, d_c);
  } else {
    copy_columns<Real>(tape.d_features, out + p, 0, tape.d_encoded, out, 0, out);
    encoder_->backward(encoder, tape.own, tape.encoder, tape.d_encoded, d_encoder,
                       d_c.empty() ? d_c : std::span<Real>(tape.d_own));
  }
  tape.packed_encoder.end_gradient(d_phi.first(first));
  if (d_c.empty() || p == 0) return;
  copy_columns<Real>(tape.d_own, in, 0, d_c, in + p, 0, in);
  copy_columns<Real>(tape.d_features, out + p, out, d_c, in + p, in, p);
}

template <class Real>
Buffer<Real> Hypernetwork<Real>::weights(std::span<const Real> phi, std::span<const Real> c) const {
  const std::size_t count = c.size() / inputs();
  Tape scratch = tape(count);
  Buffer<Real> h(count * width()), own(count * head_->own());
  embed(phi, c, h, scratch);
  head_->forward(head_part(phi), h, own);
  const auto shared = shared_part(phi);
  if (shared.empty()) return own;
  Buffer<Real> theta;
  theta.reserve(count * (shared.size() + head_->own()));
  for (std::size_t t = 0; t < count; ++t) {
    theta.insert(theta.end(), shared.begin(), shared.end());
    theta.insert(theta.end(), own.begin() + t * head_->own(), own.begin() + (t + 1) * head_->own());
  }
  return theta;
}

template class Hypernetwork<float>;
template class Hypernetwork<double>;

}  // namespace hypercast::hyper
