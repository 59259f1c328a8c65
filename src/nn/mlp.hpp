#pragma once
// A chain of dense layers: a_l = act_l(omega_l (W_l a_{l-1} + b_l)). With sine activations it is a SIREN
// (V. Sitzmann et al., "Implicit neural representations with periodic activation functions", NeurIPS 2020).
// w holds, layer by layer, W_l[outputs][inputs] then b_l[outputs].

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
  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real> tape) const override;
  std::size_t hidden_layers() const override { return layers_.size(); }  // the last one's outputs are y
  std::span<const Real> hidden(std::size_t layer, std::size_t rows,
                               std::span<const Real> tape) const override {
    return tape.subspan(activations_at(layer, rows), rows * layers_[layer].outputs);
  }
  void backward(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                std::span<const Real> dy, std::span<Real> dw, std::span<Real> dx) const override;
  void backward_rows(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                     std::span<const Real> dy, std::span<Real> dw_rows) const override;
  void tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
               std::span<Real> tape, std::span<Real> dy) const override;

 private:
  // Where layer l's things lie on the tape: activations and slopes [rows][outputs].
  std::size_t activations_at(std::size_t layer, std::size_t rows) const;
  std::size_t slopes_at(std::size_t layer, std::size_t rows) const;

  std::vector<Dense> layers_;
  std::vector<std::size_t> offsets_;  // of W_l in w
  std::size_t params_ = 0;
  std::size_t widths_ = 0;  // sum of outputs
};

}  // namespace hypercast::nn
