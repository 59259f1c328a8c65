#include "bench/machine_model.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "machine/memory_sizes.hpp"

namespace hypercast::bench {

namespace {

using machine::Link;
using machine::Rates;
using train::Grid;
using train::ModelShape;
using train::Trunk;

double median(const Results& results, const std::string& name) {
  const Item* item = results.find(name);
  check(item, "the cost model lacks a measurement");
  return item->summary.median;
}

bool has_link(const Results& results, const std::string& name) { return results.find(name + ".latency"); }

Link link_of(const Results& results, const std::string& name) {
  return {median(results, name + ".latency"), 1 / median(results, name + ".bandwidth")};
}

// Ranks of a node may also exchange through memory that they share: a floor takes the faster way.
Link link_in_node(Results& results, const Link& other) {
  const bool messages = has_link(results, "messages.node"), window = has_link(results, "window");
  if (!messages && !window) {
    results.notes.push_back(
        "model: ranks of a node are assumed to talk as nodes do, since none did in this run");
    return other;
  }
  const Link sent = link_of(results, messages ? "messages.node" : "window");
  const Link shared = link_of(results, window ? "window" : "messages.node");
  if (messages && &machine::faster(sent, shared) == &sent) return sent;
  results.notes.push_back("model: ranks of a node exchange through shared memory");
  return shared;
}

Link link_between_nodes(Results& results, const Link& assumed) {
  if (has_link(results, "messages.network")) return link_of(results, "messages.network");
  results.notes.push_back(fmt::format("model: between nodes {} and {} a rank are assumed",
                                      quantity_text(assumed.latency, "s"),
                                      quantity_text(1 / assumed.seconds_per_byte, "B/s")));
  return assumed;
}

ModelShape scaled(ModelShape shape, Scaling scaling, int ranks) {
  if (scaling == Scaling::weak) shape.frames *= ranks;
  return shape;
}

}  // namespace

Rates machine_model(const Bench& bench, const Assumed& assumed) {
  Results& results = bench.results;
  Rates m;
  m.flops_alone = median(results, "fma.float.alone");
  m.flops_together = median(results, "fma.float.together");
  m.clock = median(results, "clock.together");
  m.sincos_cycles = median(results, "sincos.together") * m.clock;
  m.bandwidth = median(results, "memory.dram.update.together");
  m.cache_bandwidth = median(results, "memory.last_cache.update.together");
  m.cache_bytes = machine::resident_bytes(bench.machine);
  m.ranks_per_node = assumed.ranks_per_node > 0 ? assumed.ranks_per_node : bench.context.node.size();
  m.between_nodes = link_between_nodes(results, assumed.network);
  m.in_node = link_in_node(results, m.between_nodes);
  return m;
}

Table machine_table(const Rates& m) {
  return {"model.machine",
          "what the model knows of this machine",
          {"flops_alone", "flops_together", "clock_Hz", "sincos_cycles", "bandwidth_B_s", "cache_bytes",
           "cache_bandwidth_B_s", "node_latency_s", "node_bandwidth_B_s", "network_latency_s",
           "network_bandwidth_B_s", "ranks_per_node"},
          {{m.flops_alone, m.flops_together, m.clock, m.sincos_cycles, m.bandwidth, m.cache_bytes,
            m.cache_bandwidth, m.in_node.latency, 1 / m.in_node.seconds_per_byte, m.between_nodes.latency,
            1 / m.between_nodes.seconds_per_byte, static_cast<double>(m.ranks_per_node)}}};
}

Table floor_table(const std::string& name, const Rates& machine, const ModelShape& shape,
                  const std::vector<int>& ranks, Scaling scaling, bool recommended) {
  Table table{name,
              fmt::format("modelled floor of a step, {}, {}",
                          scaling == Scaling::strong ? "as many frames on any number of ranks"
                                                     : "as many frames a rank",
                          recommended ? "the best grid" : "one replica"),
              {"ranks", "replicas", "trunk_split", "frames", "inr_s", "sincos_s", "head_compute_s",
               "head_memory_s", "trunk_s", "exchange_s", "hidden_s", "replicas_s", "trunk_reduction_s",
               "unsharded_head_memory_s", "floor_s", "efficiency", "rank_bytes"},
              {},
              {"ranks", "replicas", "trunk_split", "frames", "floor_s", "efficiency"}};
  const double one = train::step_cost(machine, shape, {1, 1, Trunk::replicated}).seconds();
  for (const int r : ranks) {
    const ModelShape model = scaled(shape, scaling, r);
    const Grid grid = recommended ? train::recommend(machine, model, r) : Grid{r, 1, Trunk::replicated};
    const auto cost = train::step_cost(machine, model, grid);
    const double ideal = scaling == Scaling::weak ? one : one / r;
    table.rows.push_back({static_cast<double>(r), static_cast<double>(grid.replicas),
                          grid.trunk == Trunk::data_parallel ? 1.0 : 0.0, static_cast<double>(model.frames),
                          cost.inr, cost.sincos, cost.head_compute, cost.head_memory, cost.trunk,
                          cost.exchange, cost.hidden, cost.replicas, cost.trunk_reduction,
                          train::unsharded_head_memory(machine, model, r), cost.seconds(),
                          ideal / cost.seconds(), train::rank_memory(model, grid)});
  }
  return table;
}

}  // namespace hypercast::bench
