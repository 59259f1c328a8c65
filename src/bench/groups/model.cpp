// What a step of training costs at least on this machine, and on many like it: the cost model with measured
// numbers.

#include <algorithm>

#include "bench/group.hpp"
#include "bench/known_rates.hpp"

namespace hypercast::bench {

namespace {

class Model final : public Group {
 public:
  void describe(Section& s) override {
    s.about("Modelled floors of a training step, from what was measured (src/train/cost_model.hpp).");
    s.key("trunk_width", trunk_width_, "h, of the hypernetwork").at_least(1);
    s.key("trunk_parameters", trunk_parameters_, "of encoder and trunk; 0: two dense layers of that width")
        .at_least(0);
    s.key("inr_width", inr_width_, "w, neurons of a hidden layer of the INR").at_least(1);
    s.key("layers", layers_, "L, hidden layers of the INR").at_least(1);
    s.key("inputs", inputs_, "of the INR; a periodic axis makes two").at_least(1);
    s.key("outputs", outputs_, "of the INR: channels").at_least(1);
    s.key("points", points_, "N, of a frame and step").at_least(1);
    s.key("frames", frames_, "T, of a step; strong scaling keeps it").at_least(1);
    s.key("frames_per_rank", frames_per_rank_, "of a step, for weak scaling").at_least(1);
    s.key("ranks", ranks_, "for which the floor is worked out").at_least(1).at_most(1 << 20);
    s.key("ranks_per_node", ranks_per_node_, "of the modelled machine; 0: as many as this run has")
        .at_least(0);
    s.key("network_latency", network_latency_, "between nodes, where this run has one only")
        .above(0)
        .unit("s");
    s.key("network_bandwidth", network_bandwidth_, "of a rank between nodes, where this run has one only")
        .above(0)
        .unit("B/s");
  }
  std::vector<std::string> after() const override { return {"clock", "fma", "sincos", "memory"}; }

  void run(const Bench& bench) const override {
    const auto machine = known_rates(bench, {{network_latency_, 1 / network_bandwidth_}, ranks_per_node_});
    auto& tables = bench.results.tables;
    tables.push_back(machine_table(machine));
    for (const bool recommended : {false, true}) {
      const std::string grid = recommended ? ".recommended" : ".default";
      tables.push_back(
          floor_table("model.strong" + grid, machine, shape(frames_), ranks_, Scaling::strong, recommended));
      tables.push_back(floor_table("model.weak" + grid, machine, shape(frames_per_rank_), ranks_,
                                   Scaling::weak, recommended));
    }
  }

 private:
  train::ModelShape shape(int frames) const {
    train::ModelShape s{trunk_width_, inr_width_, layers_,           inputs_, outputs_,
                        points_,      frames,     trunk_parameters_, 0};
    if (s.trunk_parameters == 0) s.trunk_parameters = 2 * s.trunk_width * (s.trunk_width + 1);
    s.rows = s.inr_parameters();
    return s;
  }

  int trunk_width_ = 256, inr_width_ = 64, layers_ = 4, inputs_ = 2, outputs_ = 1;
  std::int64_t trunk_parameters_ = 0;
  int points_ = 4096, frames_ = 32, frames_per_rank_ = 4;
  std::vector<int> ranks_{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
  int ranks_per_node_ = 0;
  double network_latency_ = 2e-6, network_bandwidth_ = 1e10;
};

}  // namespace

void register_model(GroupRegistry& registry) {
  registry.add("model", "modelled floors of a training step", [] { return std::make_unique<Model>(); });
}

}  // namespace hypercast::bench
