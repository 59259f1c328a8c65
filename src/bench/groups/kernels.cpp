// The fused pass over the points of a frame (hyper/frame_pass.hpp), as training makes it.

#include <fmt/core.h>

#include "bench/rate_items.hpp"
#include "bench/siren.hpp"
#include "hyper/frame_pass.hpp"

namespace hypercast::bench {

namespace {

class Kernels final : public Group {
 public:
  void describe(Section& s) override {
    s.about(
        "Passes over the points of one frame by a SIREN of two inputs and one output: forward, loss and "
        "backward (6 operations a weight and point), and forward alone (2). Sines and cosines take time "
        "and count for nothing.");
    s.key("widths", widths_, "neurons of a hidden layer, one measurement each").at_least(1);
    s.key("layers", layers_, "hidden layers").at_least(1);
    s.key("points", points_, "of a frame").at_least(1);
  }
  void run(const Bench& bench) const override {
    for (const int width : widths_) {
      const SirenShape shape{.width = width, .layers = layers_};
      const auto inr = make_siren(shape);
      measure_frame(bench, shape, inr);
      measure_evaluation(bench, shape, inr);
    }
  }

 private:
  std::string text(const char* what, int width) const {
    return fmt::format("{} of a SIREN of {} x {}, {} points", what, layers_, width, points_);
  }
  void measure_frame(const Bench& bench, const SirenShape& shape, const hyper::Inr<float>& inr) const {
    hyper::FramePass<float> pass(inr, 1);
    const auto theta = made_up_weights(inr), x = made_up_values(2 * static_cast<std::size_t>(points_)),
               targets = made_up_values(points_);
    const float weight = 1;
    double loss = 0;
    Buffer<float> gradient(theta.size());
    const std::span<const float> all(theta);
    const std::span<float> its(gradient);
    const auto hidden = inr.hidden();
    const auto frame = [&] {
      std::fill(gradient.begin(), gradient.end(), 0.0f);
      pass.run({all.first(hidden), all.subspan(hidden), x, targets, std::span(&weight, 1)},
               std::span(&loss, 1), its.first(hidden), its.subspan(hidden));
    };
    const double flops = 6.0 * points_ * shape.weights();
    add_rates(bench,
              {fmt::format("kernels.frame.w{}", shape.width), "flop/s",
               text("forward, loss and backward", shape.width), "fma.float"},
              [&](double seconds) { return flops * machine::passes_a_second(seconds, frame); });
  }
  void measure_evaluation(const Bench& bench, const SirenShape& shape, const hyper::Inr<float>& inr) const {
    const auto theta = made_up_weights(inr), x = made_up_values(2 * static_cast<std::size_t>(points_));
    Buffer<float> values(points_);
    const double flops = 2.0 * points_ * shape.weights();
    add_rates(
        bench,
        {fmt::format("kernels.values.w{}", shape.width), "flop/s", text("values", shape.width), "fma.float"},
        [&](double seconds) {
          return flops * machine::passes_a_second(seconds, [&] { inr.evaluate(theta, x, values); });
        });
  }

  std::vector<int> widths_{32, 64, 128};
  int layers_ = 3, points_ = 1024;
};

}  // namespace

void register_kernels(GroupRegistry& registry) {
  registry.add("kernels", "forward, loss and backward of an INR", [] { return std::make_unique<Kernels>(); });
}

}  // namespace hypercast::bench
