#pragma once
// A chain of dense layers: a_l = act_l(omega_l (W_l a_{l-1} + b_l)). With sine activations it is a SIREN
// (V. Sitzmann et al., "Implicit neural representations with periodic activation functions", NeurIPS 2020).
// w holds, layer by layer, W_l[outputs][inputs] then b_l[outputs].
//
// Packed, a layer is omega W_l'[inputs][padded outputs], omega b_l[padded outputs], omega W_l[outputs][padded
// inputs], and its gradient dW_l'[inputs][padded outputs], db_l[padded outputs]; padded: to a multiple of 64
// bytes. The work is done by nn/kernels.

#include "nn/activation.hpp"
#include "nn/function.hpp"

namespace hypercast::nn {

struct Dense {
  std::size_t inputs = 1;
  std::size_t outputs = 1;
  Activation activation = Activation::identity;
  double omega = 1;
};

template <class Real>
class Mlp final : public Function<Real> {
 public:
  // At least one layer; outputs of one are inputs of the next.
  explicit Mlp(std::vector<Dense> layers);

  std::size_t inputs() const override { return layers_.front().inputs; }
  std::size_t outputs() const override { return layers_.back().outputs; }
  std::size_t params() const override { return params_; }
  std::vector<Block> blocks() const override;
  std::size_t tape_size(std::size_t rows) const override;

  // Sine layers: the rule of Sitzmann et al. (first layer U(-1/n, 1/n), others U(-s, s), s = sqrt(6/n)/omega)
  // with phases uniform over a period in the first layer. Others: U(-s, s), s = sqrt(3/n), zero bias.
  void initialise(std::span<Real> w, const Random& random) const override;
  std::size_t packed_size() const override { return packed_; }
  std::size_t packed_gradient_size() const override { return packed_gradient_; }
  std::span<const Real> pack(std::span<const Real> w, std::span<Real> storage) const override;
  void forward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override;
  void evaluate(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
                std::span<Real> tape) const override;
  void backward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> d_packed, std::span<Real> dx) const override;
  void unpack_gradient(std::span<const Real> d_packed, std::span<Real> dw) const override;
  std::size_t layers() const { return layers_.size(); }
  const Dense& layer(std::size_t number) const { return layers_[number]; }
  std::size_t hidden_layers() const override { return layers_.size() - 1; }
  std::span<const Real> hidden(std::size_t layer, std::size_t rows,
                               std::span<const Real> tape) const override {
    return tape.subspan(activations_at(layer, rows), rows * layers_[layer].outputs);
  }
  void backward_rows(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                     std::span<const Real> dy, std::span<Real> dw_rows) const override;
  void tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
               std::span<Real> tape, std::span<Real> dy) const override;

 private:
  // A layer and where its things are: in w, packed, in a packed gradient.
  struct Layer : Dense {
    std::size_t weight = 0, bias = 0;
    std::size_t outputs_padded = 0, inputs_padded = 0;
    std::size_t transposed = 0, packed_bias = 0, packed_weight = 0;
    std::size_t gradient = 0, gradient_bias = 0;
    Real factor() const { return static_cast<Real>(this->omega); }
  };
  // Where things lie on the tape: activations, then slopes of layer l [rows][outputs]; arrays for two layers'
  // errors.
  std::size_t activations_at(std::size_t layer, std::size_t rows) const;
  std::size_t slopes_at(std::size_t layer, std::size_t rows) const;
  std::span<Real> errors(std::span<Real> tape, std::size_t rows, std::size_t layer) const;
  // errors of the last layer = slopes * dy
  std::span<Real> last_errors(std::span<Real> tape, std::span<const Real> dy, std::size_t rows) const;

  std::vector<Layer> layers_;
  std::size_t params_ = 0, packed_ = 0, packed_gradient_ = 0;
  std::size_t widths_ = 0, widest_ = 0;  // sum and largest of outputs
};

}  // namespace hypercast::nn
