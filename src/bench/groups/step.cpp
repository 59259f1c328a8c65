// A whole training step by the program's own path, beside its floor.

#include <fmt/core.h>

#include "bench/known_rates.hpp"
#include "bench/training.hpp"

namespace hypercast::bench {

namespace {

class Step final : public Group {
 public:
  void describe(Section& s) override {
    s.about("A whole training step, evaluate and descend without clipping, on frames that are made up.");
    shape_.describe(s);
  }
  std::vector<std::string> after() const override { return {"clock", "fma", "sincos", "memory"}; }

  void run(const Bench& bench) const override {
    const auto rates = known_rates(bench);
    Training training(bench, shape_);
    const auto seconds =
        machine::summarise(machine::seconds_a_call(bench.context.comm, bench.rounds, [&](std::int64_t n) {
          for (; n > 0; --n) training.step();
        }));
    const auto shape = training.shape();
    const auto cost =
        train::step_cost(rates, shape, {bench.context.comm.size(), 1, train::Trunk::replicated});
    const std::string who =
        fmt::format("a step: head {} x {}, INR {} x {}, {} points, {} frames", shape.rows, shape.trunk_width,
                    shape.layers, shape.inr_width, shape.points, shape.frames);
    bench.add({"step.time", "s", who, seconds, Bound{"its floor", cost.seconds()}});
    bench.results.tables.push_back(
        {"step.floor",
         "modelled floor of " + who,
         {"ranks", "inr_s", "sincos_s", "head_compute_s", "head_memory_s", "trunk_s", "exchange_s",
          "hidden_s", "floor_s", "time_s"},
         {{static_cast<double>(bench.context.comm.size()), cost.inr, cost.sincos, cost.head_compute,
           cost.head_memory, cost.trunk, cost.exchange, cost.hidden, cost.seconds(), seconds.median}},
         {"ranks", "inr_s", "sincos_s", "head_compute_s", "head_memory_s", "exchange_s", "floor_s",
          "time_s"}});
  }

 private:
  TrainingShape shape_;
};

}  // namespace

void register_step(GroupRegistry& registry) {
  registry.add("step", "a whole training step", [] { return std::make_unique<Step>(); });
}

}  // namespace hypercast::bench
