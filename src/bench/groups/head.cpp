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
    const auto floors =
        train::step_cost(rates, shape, {bench.context.comm.size(), 1, train::Trunk::replicated});
    bench.add({"head.forward", "s", "forward " + who, machine::summarise(samples[0]),
               Bound{"its floor", floors.head_forward}});
    bench.add({"head.backward", "s", "backward, gradient and Adam " + who, machine::summarise(samples[1]),
               Bound{"its floor", floors.head_backward}});
  }

 private:
  TrainingShape shape_;
};

}  // namespace

void register_head(GroupRegistry& registry) {
  registry.add("head", "the head's part of a training step", [] { return std::make_unique<HeadGroup>(); });
}

}  // namespace hypercast::bench
