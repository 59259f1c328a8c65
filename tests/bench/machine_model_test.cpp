// From items to the machine of the cost model, and the tables of floors.

#include "bench/machine_model.hpp"

#include <gtest/gtest.h>

#include "bench/known_rates.hpp"
#include "core/error.hpp"
#include "room.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::bench;

namespace {

const Assumed assumed{{2e-6, 1e-10}, 0};

class MachineModel : public testing::Test {
 protected:
  MachineModel() {
    facts_.logical_processors = 8;
    facts_.caches = {{2, "Unified", 1e6, 1}, {3, "Unified", 16e6, 4}};
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, double>>{{"clock.together", 3e9},
                                                     {"fma.float.alone", 9e10},
                                                     {"fma.float.together", 8e10},
                                                     {"sincos.together", 5e-10},
                                                     {"memory.dram.update.together", 4e10},
                                                     {"memory.last_cache.update.together", 2e11}})
      add(name, value);
  }
  void add(const std::string& name, double value) {
    results_.items.push_back({name, "", "", {value, value, value, 5}});
  }
  machine::Rates made(const Assumed& what) {
    return machine_model({room_.context, rounds_, facts_, results_}, what);
  }
  Room room_{test_world()};
  machine::Rounds rounds_;
  machine::Facts facts_;
  Results results_;
};

train::ModelShape shape() {
  train::ModelShape s{16, 4, 2, 1, 1, 10, 8, 100, 0};
  s.rows = s.inr_parameters();
  return s;
}

std::size_t column(const Table& table, const std::string& name) {
  return std::find(table.columns.begin(), table.columns.end(), name) - table.columns.begin();
}

}  // namespace

TEST_F(MachineModel, TakesMeasuredLinksAndAssumesTheOthers) {
  add("messages.node.latency", 1e-7);
  add("messages.node.bandwidth", 2e9);
  const auto m = made(assumed);
  EXPECT_EQ(m.flops_alone, 9e10);
  EXPECT_EQ(m.flops_together, 8e10);
  EXPECT_EQ(m.clock, 3e9);
  EXPECT_DOUBLE_EQ(m.sincos_cycles, 1.5);  // 0.5 ns at 3 GHz
  EXPECT_EQ(m.bandwidth, 4e10);
  EXPECT_EQ(m.cache_bandwidth, 2e11);
  EXPECT_EQ(m.cache_bytes, 24e6);  // three quarters of two caches
  EXPECT_EQ(m.in_node.latency, 1e-7);
  EXPECT_DOUBLE_EQ(m.in_node.seconds_per_byte, 5e-10);
  EXPECT_EQ(m.between_nodes.latency, 2e-6);
  EXPECT_EQ(m.ranks_per_node, room_.node.size());
  ASSERT_EQ(results_.notes.size(), 1u);
  EXPECT_EQ(results_.notes[0], "model: between nodes 2.000 µs and 10.00 GB/s a rank are assumed");
}

TEST_F(MachineModel, AFloorTakesTheFasterWayThroughANode) {
  add("messages.node.latency", 1e-7);
  add("messages.node.bandwidth", 2e9);
  add("window.latency", 5e-7);
  add("window.bandwidth", 1e10);
  EXPECT_EQ(made(assumed).in_node.latency, 5e-7);
  EXPECT_EQ(results_.notes.back(), "model: ranks of a node exchange through shared memory");
  results_.items.back().summary.median = 1e9;
  EXPECT_EQ(made(assumed).in_node.latency, 1e-7);
}

TEST_F(MachineModel, OneRankTalksToItsNodeAsToOthers) {
  const auto m = made({{2e-6, 1e-10}, 16});
  EXPECT_EQ(m.in_node.latency, 2e-6);
  EXPECT_EQ(m.ranks_per_node, 16);
  EXPECT_EQ(results_.notes.size(), 2u);
}

TEST_F(MachineModel, AssumptionsAreNotedOnce) {
  const Bench bench{room_.context, rounds_, facts_, results_};
  EXPECT_EQ(known_rates(bench).between_nodes.latency, 2e-6);
  const auto notes = results_.notes;
  EXPECT_EQ(known_rates(bench).clock, 3e9);
  EXPECT_EQ(results_.notes, notes);
  made({{1, 1}, 3});
  EXPECT_GT(results_.notes.size(), notes.size());
}

TEST_F(MachineModel, MissingItemsAreABug) {
  results_.items.pop_back();
  EXPECT_THROW(made(assumed), Error);
}

TEST_F(MachineModel, TablesAreStepCostsRowByRow) {
  const auto machine = made(assumed);
  const std::vector<int> ranks{1, 2, 12};
  for (const auto scaling : {Scaling::strong, Scaling::weak})
    for (const bool best : {false, true}) {
      const auto table = floor_table("name", machine, shape(), ranks, scaling, best);
      ASSERT_EQ(table.rows.size(), 3u);
      for (std::size_t i = 0; i < ranks.size(); ++i) {
        auto model = shape();
        if (scaling == Scaling::weak) model.frames *= ranks[i];
        const auto& row = table.rows[i];
        ASSERT_EQ(row.size(), table.columns.size());
        const train::Grid grid =
            best ? train::recommend(machine, model, ranks[i]) : train::Grid{ranks[i], 1, {}};
        const auto cost = train::step_cost(machine, model, grid);
        EXPECT_EQ(row[column(table, "ranks")], ranks[i]);
        EXPECT_EQ(row[column(table, "replicas")], grid.replicas);
        EXPECT_EQ(row[column(table, "trunk_split")], grid.trunk == train::Trunk::data_parallel);
        EXPECT_EQ(row[column(table, "frames")], static_cast<double>(model.frames));
        EXPECT_EQ(row[column(table, "exchange_s")], cost.exchange);
        EXPECT_EQ(row[column(table, "floor_s")], cost.seconds());
        EXPECT_EQ(row[column(table, "rank_bytes")], train::rank_memory(model, grid));
      }
      EXPECT_EQ(table.rows[0][column(table, "efficiency")], 1);
      const double floor = table.rows[1][column(table, "floor_s")];
      const double ideal = table.rows[0][column(table, "floor_s")] / (scaling == Scaling::weak ? 1 : 2);
      EXPECT_DOUBLE_EQ(table.rows[1][column(table, "efficiency")], ideal / floor);
    }
}
