// The head of a hypernetwork as training computes it (train/frame_loss.hpp): forward, and backward with its
// gradient and Adam, row block by row block.

#include <fmt/core.h>

#include "bench/known_rates.hpp"
#include "bench/training.hpp"

namespace hypercast::bench {

namespace {

class HeadGroup final : public Group {
 public:
  // Few points, since only the head counts.
  HeadGroup()
      : shape_{.trunk_width = 256, .inr_width = 64, .layers = 4, .points_x = 2, .points_y = 2, .frames = 32} {
  }
  void describe(Section& s) override {
    s.about(
        "The head's part of a training step: forward (2 operations and 4 bytes a weight) and backward with "
        "gradient and Adam (4 operations and 24 bytes).");
    shape_.describe(s);
  }
  std::vector<std::string> after() const override { return {"clock", "fma", "sincos", "memory"}; }

  void run(const Bench& bench) const override {
    const auto rates = known_rates(bench);
    Training training(bench, shape_);
    const auto samples = phase_seconds(bench, training, {"head", "head backward"});
    const auto shape = training.shape();
    const std::string who =
        fmt::format("of a head {} x {}, {} frames", shape.rows, shape.trunk_width, shape.frames);
    add(bench, rates, shape, {"head.forward", "forward " + who, 2, 4}, samples[0]);
    add(bench, rates, shape, {"head.backward", "backward, gradient and Adam " + who, 4, 24}, samples[1]);
  }

 private:
  struct Part {
    std::string name, what;
    double flops, bytes;  // a weight (and frame)
  };
  static void add(const Bench& bench, const machine::Rates& rates, const train::ModelShape& shape,
                  const Part& part, const std::vector<double>& samples) {
    constexpr double state_bytes = 12;  // weight and moments
    const double weights = static_cast<double>(shape.rows) * static_cast<double>(shape.trunk_width);
    const int ranks = bench.context.comm.size(), together = bench.context.node.size();
    const double on_node = weights * together / ranks;
    const bool cached = state_bytes * on_node <= rates.cache_bytes;
    const double memory = part.bytes * on_node / (cached ? rates.cache_bandwidth : rates.bandwidth);
    const double compute = part.flops * static_cast<double>(shape.frames) * weights / ranks /
                           (together > 1 ? rates.flops_together : rates.flops_alone);
    const auto bound = compute > memory
                           ? Bound{"its multiply-adds", compute}
                           : Bound{cached ? "its bytes, last cache" : "its bytes, memory", memory};
    bench.add({part.name, "s", part.what, machine::summarise(samples), bound});
  }

  TrainingShape shape_;
};

}  // namespace

void register_head(GroupRegistry& registry) {
  registry.add("head", "the head's part of a training step", [] { return std::make_unique<HeadGroup>(); });
}

}  // namespace hypercast::bench
