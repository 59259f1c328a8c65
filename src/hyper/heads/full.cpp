// The literal hypernetwork: the condition moves all of theta, theta = W h + b.

#include "hyper/head.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
class FullHead final : public Head<Real> {
 public:
  explicit FullHead(HeadShape shape) : Head<Real>(std::move(shape)) {}

  std::size_t rows() const override { return this->shape().theta; }
  std::size_t fixed() const override { return 0; }
  bool direct() const override { return true; }
  std::vector<nn::Block> blocks() const override {
    const auto [rows, width] = this->map();
    return {{"weight", 0, rows, width, false}, {"bias", rows * width, rows, 1, true}};
  }
  void initialise_fixed(std::span<Real>, std::span<const Real>, const Random&) const override {}
  AffineStart<Real> map_start(std::span<const Real> start) const override {
    const auto& shape = this->shape();
    return {row_spread<Real>(start, shape.blocks, shape.init_scale, shape.width),
            {start.begin(), start.end()}};
  }
};

class Full final : public HeadKind {
 public:
  void describe(Section& s) override { s.about("theta = W h + b: the condition moves all weights."); }
  HeadPtr<float> make(HeadShape shape, float) const override {
    return std::make_unique<FullHead<float>>(std::move(shape));
  }
  HeadPtr<double> make(HeadShape shape, double) const override {
    return std::make_unique<FullHead<double>>(std::move(shape));
  }
};

}  // namespace

void register_full(HeadRegistry& registry) {
  registry.add("full", "the condition moves all of theta", [] { return std::make_unique<Full>(); });
}

}  // namespace hypercast::hyper
