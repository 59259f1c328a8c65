// A shared basis: the condition moves the readout only, u(t, x) = sum_k c_k(t) phi_k(x) + b(t), with
// [C | b] = W h + w0 and the features phi trained once for all conditions.

#include "core/buffer.hpp"
#include "hyper/head.hpp"

namespace hypercast::hyper {

namespace {

// w = [theta_h | W (readout x width) | w0 (readout)]
template <class Real>
class LastLayerHead final : public Head<Real> {
 public:
  explicit LastLayerHead(HeadShape shape) : Head<Real>(std::move(shape)) {}

  std::size_t rows() const override { return this->own(); }
  std::size_t fixed() const override { return shared(); }
  bool direct() const override { return true; }
  bool moves_readout_only() const override { return true; }
  std::size_t shared() const override { return this->shape().hidden; }
  std::vector<nn::Block> blocks() const override {
    const auto [rows, width] = this->map();
    return {{"basis", 0, shared(), 1, false},
            {"weight", shared(), rows, width, false},
            {"bias", shared() + rows * width, rows, 1, true}};
  }
  void initialise_fixed(std::span<Real> fixed, std::span<const Real> start, const Random&) const override {
    std::copy_n(start.begin(), shared(), fixed.begin());
  }
  // The readout is what the condition moves, so it starts with the spread of a readout, around zero.
  AffineStart<Real> map_start(std::span<const Real> start) const override {
    const auto& shape = this->shape();
    std::vector<nn::Block> readout;
    for (const auto& block : shape.blocks)
      if (block.offset >= shared() && !block.is_bias) readout.push_back(block);
    return {row_spread<Real>(start.subspan(shared(), readout.front().size()), readout, shape.init_scale,
                             shape.width),
            Buffer<Real>(rows())};
  }
};

class LastLayer final : public HeadKind {
 public:
  void describe(Section& s) override {
    s.about("A basis shared by all conditions; the condition moves the coefficients (the last layer).");
  }
  HeadPtr<float> make(HeadShape shape, float) const override {
    return std::make_unique<LastLayerHead<float>>(std::move(shape));
  }
  HeadPtr<double> make(HeadShape shape, double) const override {
    return std::make_unique<LastLayerHead<double>>(std::move(shape));
  }
};

}  // namespace

void register_last_layer(HeadRegistry& registry) {
  registry.add("last_layer", "shared basis, the condition moves the coefficients",
               [] { return std::make_unique<LastLayer>(); });
}

}  // namespace hypercast::hyper
