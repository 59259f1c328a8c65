// The condition moves the biases, by amounts linear in h; all else of theta is learned once for all
// conditions. The modulation of Y. Yin et al., "Continuous PDE dynamics forecasting with implicit neural
// representations" (DINo), ICLR 2023, and L. Serrano et al., "Operator learning with neural fields" (CORAL),
// NeurIPS 2023; here it moves the readout's bias, too.

#include <algorithm>

#include "core/buffer.hpp"
#include "hyper/head.hpp"

namespace hypercast::hyper {

namespace {

// w = [weights that stay | affine map h -> biases], both in the order of theta.
template <class Real>
class ShiftHead final : public Head<Real> {
 public:
  explicit ShiftHead(HeadShape shape) : Head<Real>(std::move(shape)) {
    for (const auto& block : this->shape().blocks) {
      std::size_t& end = block.is_bias ? moved_ : fixed_;
      parts_.push_back({block, end});
      end += block.size();
    }
  }

  std::size_t rows() const override { return moved_; }
  std::size_t fixed() const override { return fixed_; }
  std::vector<nn::Block> blocks() const override {
    std::vector<nn::Block> blocks;
    for (const auto& [block, at] : parts_)
      if (!block.is_bias) blocks.push_back({block.name, at, block.rows, block.columns, false});
    const std::size_t width = this->shape().width;
    blocks.push_back({"shift.weight", fixed_, moved_, width, false});
    blocks.push_back({"shift.bias", fixed_ + moved_ * width, moved_, 1, true});
    return blocks;
  }
  void initialise_fixed(std::span<Real> fixed, std::span<const Real> start, const Random&) const override {
    for (const auto& [block, at] : parts_)
      if (!block.is_bias) std::copy_n(start.begin() + block.offset, block.size(), fixed.begin() + at);
  }
  AffineStart<Real> map_start(std::span<const Real> start) const override {
    Buffer<Real> biases(moved_), sizes(moved_);
    std::vector<nn::Block> moved;
    for (const auto& [block, at] : parts_) {
      if (!block.is_bias) continue;
      const auto from = start.subspan(block.offset, block.size());
      moved.push_back({block.name, at, block.size(), 1, true});
      std::copy(from.begin(), from.end(), biases.begin() + at);
      // Biases that start at zero have no size of their own: they shift relative to one.
      const bool zero = std::all_of(from.begin(), from.end(), [](Real b) { return b == 0; });
      for (std::size_t i = 0; i < from.size(); ++i) sizes[at + i] = zero ? Real(1) : from[i];
    }
    return {row_spread<Real>(sizes, moved, this->shape().init_scale, this->shape().width), biases};
  }
  void expand(std::span<const Real> fixed, std::span<const Real> moved,
              std::span<Real> theta) const override {
    for (const auto& [block, at] : parts_)
      std::copy_n((block.is_bias ? moved : fixed).data() + at, block.size(), theta.data() + block.offset);
  }
  void expand_backward(std::span<const Real>, std::span<const Real>, std::span<const Real> d_theta,
                       std::span<Real> d_moved, std::span<Real> d_fixed) const override {
    for (const auto& [block, at] : parts_) {
      const Real* d = d_theta.data() + block.offset;
      if (block.is_bias) {
        std::copy_n(d, block.size(), d_moved.data() + at);
      } else if (!d_fixed.empty()) {
        for (std::size_t i = 0; i < block.size(); ++i) d_fixed[at + i] += d[i];
      }
    }
  }

 private:
  struct Part {
    nn::Block block;
    std::size_t at;  // among the weights that stay, or among the biases
  };
  std::vector<Part> parts_;
  std::size_t fixed_ = 0;
  std::size_t moved_ = 0;
};

class Shift final : public HeadKind {
 public:
  void describe(Section& s) override {
    s.about("The condition moves the biases; the weights are shared by all conditions.");
  }
  HeadPtr<float> make(HeadShape shape, float) const override {
    return std::make_unique<ShiftHead<float>>(std::move(shape));
  }
  HeadPtr<double> make(HeadShape shape, double) const override {
    return std::make_unique<ShiftHead<double>>(std::move(shape));
  }
};

}  // namespace

void register_shift(HeadRegistry& registry) {
  registry.add("shift", "shared weights, the condition moves the biases",
               [] { return std::make_unique<Shift>(); });
}

}  // namespace hypercast::hyper
