// A code z, fed as it is: H(z) = theta. Codes of frames are found by fitting (hyper/code_fit.hpp), not
// computed by a network, so any set of observed points will do.

#include <algorithm>

#include "hyper/encoder.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
class Identity final : public nn::Function<Real> {
 public:
  explicit Identity(std::size_t size) : size_(size) {}

  std::size_t inputs() const override { return size_; }
  std::size_t outputs() const override { return size_; }
  std::size_t params() const override { return 0; }
  std::vector<nn::Block> blocks() const override { return {}; }
  std::size_t tape_size(std::size_t) const override { return 0; }

  void initialise(std::span<Real>, const Random&) const override {}
  void forward(std::span<const Real>, std::span<const Real> x, std::span<Real> y,
               std::span<Real>) const override {
    std::copy(x.begin(), x.end(), y.begin());
  }
  void backward(std::span<const Real>, std::span<const Real>, std::span<Real>, std::span<const Real> dy,
                std::span<Real>, std::span<Real> dx) const override {
    if (!dx.empty()) std::copy(dy.begin(), dy.end(), dx.begin());
  }

 private:
  std::size_t size_;
};

class Code final : public EncoderKind {
 public:
  void describe(Section& s) override {
    s.about("A code z for every frame, found by fitting: latent forecasting of an ensemble.");
    s.key("size", size_, "numbers of a code").at_least(1);
  }
  Condition condition() const override { return Condition::code; }
  nn::FunctionPtr<float> make(const ConditionFacts&, float) const override {
    return std::make_unique<Identity<float>>(static_cast<std::size_t>(size_));
  }
  nn::FunctionPtr<double> make(const ConditionFacts&, double) const override {
    return std::make_unique<Identity<double>>(static_cast<std::size_t>(size_));
  }

 private:
  int size_ = 32;
};

}  // namespace

void register_code(EncoderRegistry& registry) {
  registry.add("code", "a code per frame, for latent forecasting", [] { return std::make_unique<Code>(); });
}

}  // namespace hypercast::hyper
