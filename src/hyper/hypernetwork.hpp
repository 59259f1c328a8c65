#pragma once
// The hypernetwork H_phi: conditions -> INR weights. Encoder, trunk and head on one flat parameter buffer
//
//   phi = [encoder | trunk | head],   c [T][inputs] --encoder, trunk--> h [T][width] --head--> theta [T][own]
//
// A condition is what the encoder takes (a time, an index, a code), followed by parameters of the equation,
// if it depends on any: they go beside the encoder's features.
//
// The two halves are separate calls because they parallelise differently: h is small and computed everywhere,
// the head is where most of phi lives. The parameters are somebody else's; every call takes them.

#include <optional>

#include "core/buffer.hpp"
#include "hyper/head.hpp"
#include "nn/packed.hpp"

namespace hypercast::hyper {

template <class Real>
class Hypernetwork {
 public:
  // `trunk` may be null: then the encoder's features and the `parameters` parameters are h.
  Hypernetwork(nn::FunctionPtr<Real> encoder, std::size_t parameters, nn::FunctionPtr<Real> trunk,
               HeadPtr<Real> head);

  std::size_t params() const;
  std::size_t encoder_params() const { return encoder_->params(); }        // the first entries of phi
  std::size_t inputs() const { return encoder_->inputs() + parameters_; }  // of a condition
  std::size_t features() const { return encoder_->outputs() + parameters_; }
  std::size_t width() const { return trunk_ ? trunk_->outputs() : features(); }  // of h
  bool has_trunk() const { return trunk_ != nullptr; }
  const Head<Real>& head() const { return *head_; }
  std::vector<nn::Block> blocks() const;  // "encoder.…", "trunk.…", "head.…"

  // A piece of phi: all that lies in front of the head's map, and rows [begin, end) of the map's W and b.
  struct Piece {
    std::span<Real> front;
    std::size_t begin, end;
    std::span<Real> weights, biases;
  };
  std::size_t front_params() const { return params() - head_->map().params(); }
  // Writes a piece of phi as training begins; the same numbers whatever the rows. `start`: a theta to begin
  // near (Inr::initialise).
  void initialise(const Piece& piece, std::span<const Real> start, std::uint64_t seed) const;

  // What embed leaves for embed_backward; made once per batch size.
  struct Tape {
    nn::Packed<Real> packed_encoder;
    std::optional<nn::Packed<Real>> packed_trunk;
    Buffer<Real> features, d_features, encoder, trunk;
    Buffer<Real> own, d_own, encoded, d_encoded;  // the encoder's columns, when there are parameters beside
  };
  Tape tape(std::size_t conditions) const;
  void embed(std::span<const Real> phi, std::span<const Real> c, std::span<Real> h, Tape& tape) const;
  // For the phi and c of the last embed() on this tape: ADDS to d_phi; WRITES d_c unless it is empty.
  void embed_backward(std::span<const Real> c, std::span<const Real> dh, Tape& tape, std::span<Real> d_phi,
                      std::span<Real> d_c = {}) const;

  // The head's stretch of phi, or of its gradient.
  template <class T>
  std::span<T> head_part(std::span<T> phi) const {
    return phi.subspan(phi.size() - head_->params());
  }
  // theta_h of all conditions when the head shares it, else empty.
  std::span<const Real> shared_part(std::span<const Real> phi) const {
    return head_part(phi).first(head_->shared());
  }

  // theta[T][P] of conditions c, whole, for evaluation.
  Buffer<Real> weights(std::span<const Real> phi, std::span<const Real> c) const;

 private:
  std::size_t trunk_params() const { return trunk_ ? trunk_->params() : 0; }

  nn::FunctionPtr<Real> encoder_;
  std::size_t parameters_;
  nn::FunctionPtr<Real> trunk_;
  HeadPtr<Real> head_;
};

}  // namespace hypercast::hyper
