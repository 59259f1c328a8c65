// The literal hypernetwork: the condition moves all of theta, theta = W h + b.

#include "hyper/head.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
class FullHead final : public Head<Real> {
 public:
  explicit FullHead(HeadShape shape) : Head<Real>(std::move(shape)) {}

  std::size_t params() const override { return affine().params(); }
  std::size_t shared() const override { return 0; }
  std::vector<nn::Block> blocks() const override {
    const auto [rows, width] = affine();
    return {{"weight", 0, rows, width, false}, {"bias", rows * width, rows, 1, true}};
  }
  void initialise(std::span<Real> w, std::span<const Real> start, const Random& random) const override {
    affine().initialise(w, start, this->shape().blocks, this->shape().init_scale, random);
  }
  void forward(std::span<const Real> w, std::span<const Real> h, std::span<Real> theta) const override {
    affine().forward(w, h, theta);
  }
  void backward(std::span<const Real> w, std::span<const Real> h, std::span<const Real> d_theta,
                std::span<const Real>, std::span<Real> dw, std::span<Real> dh) const override {
    std::fill(dh.begin(), dh.end(), Real(0));
    affine().backward(w, h, d_theta, dw, dh);
  }

 private:
  Affine<Real> affine() const { return {this->shape().theta, this->shape().width}; }
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
