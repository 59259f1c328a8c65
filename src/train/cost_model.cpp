#include "train/cost_model.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "train/replicas.hpp"

namespace hypercast::train {

namespace {

constexpr double forward_bytes = 4;
constexpr double fused_bytes = 28;
constexpr double reduced_bytes = 56;
constexpr double unsharded_bytes = 60;
constexpr double state_bytes = 12;   // of a parameter: weight and moments
constexpr double stored_bytes = 16;  // and its gradient
constexpr double float_bytes = 4;

// How the formulas see an arrangement.
struct Arrangement {
  const machine::Rates& machine;
  const ModelShape& shape;
  const Grid& grid;

  double ranks() const { return grid.ranks; }
  double shards() const { return grid.shards(); }
  double groups() const { return grid.groups(); }
  double head() const { return static_cast<double>(shape.rows) * static_cast<double>(shape.trunk_width); }
  // Of the busiest, which has whole leaves.
  double frames_of_rank() const {
    const double leaves = std::ceil(static_cast<double>(shape.leaves()) / ranks());
    return std::min(static_cast<double>(shape.frames), leaves * static_cast<double>(shape.frames_per_leaf));
  }
  double frames_of_group() const { return static_cast<double>(shape.frames) / groups(); }
  int ranks_on_node() const { return std::min(grid.ranks, machine.ranks_per_node); }
  double flops() const { return ranks_on_node() > 1 ? machine.flops_together : machine.flops_alone; }
  // Of ranks that stand side by side.
  const machine::Link& link(int ranks) const {
    return ranks <= machine.ranks_per_node ? machine.in_node : machine.between_nodes;
  }
};

double memory_seconds(const machine::Rates& machine, double bytes, double resident) {
  const bool cached = machine.cache_bandwidth > 0 && resident <= machine.cache_bytes;
  return bytes / (cached ? machine.cache_bandwidth : machine.bandwidth);
}

double all_reduce(const machine::Link& link, int ranks, double bytes) {
  if (ranks < 2) return 0;
  return 2 * std::log2(ranks) * link.latency + 2.0 * (ranks - 1) / ranks * bytes * link.seconds_per_byte;
}

double bytes_of_step(const Grid& grid) { return grid.replicas > 1 ? reduced_bytes : fused_bytes; }

double head_memory(const Arrangement& a) {
  const double parameters = a.head() / a.shards() * a.ranks_on_node();
  return memory_seconds(a.machine, bytes_of_step(a.grid) * parameters, state_bytes * parameters);
}

void divide_head(const Grid& grid, StepCost& cost) {
  const double read = forward_bytes / bytes_of_step(grid);
  cost.head_forward = std::max(cost.head_compute / 3, read * cost.head_memory);
  cost.head_backward = std::max(cost.head_compute * 2 / 3, (1 - read) * cost.head_memory);
}

// Theta and dtheta: one message each way to every other rank of the replica.
double exchange(const Arrangement& a) {
  const double bytes = float_bytes * a.frames_of_rank() * static_cast<double>(a.shape.rows) / a.shards();
  const int partners = a.grid.shards() - 1;
  const int near = std::min(a.machine.ranks_per_node - 1, partners);
  return 2 * (near * a.machine.in_node.seconds(bytes) +
              (partners - near) * a.machine.between_nodes.seconds(bytes));
}

double hidden(const Arrangement& a) {
  const double bytes = float_bytes * a.frames_of_group() * static_cast<double>(a.shape.trunk_width);
  const double summed = all_reduce(a.link(a.grid.shards()), a.grid.shards(), bytes);
  if (a.grid.trunk == Trunk::data_parallel || a.grid.groups() < 2) return summed;
  const machine::Link& link = a.link(a.grid.ranks);
  return summed + std::log2(a.groups()) * link.latency + (a.groups() - 1) * bytes * link.seconds_per_byte;
}

}  // namespace

std::int64_t ModelShape::inr_weights() const {
  return inputs * inr_width + (layers - 1) * inr_width * inr_width + inr_width * outputs;
}

std::int64_t ModelShape::inr_parameters() const { return inr_weights() + layers * inr_width + outputs; }

std::int64_t ModelShape::leaves() const { return (frames + frames_per_leaf - 1) / frames_per_leaf; }

int Grid::groups() const { return groups_of(replicas, ranks); }

std::string name_of(Trunk trunk) { return trunk == Trunk::replicated ? "replicated" : "data_parallel"; }

Trunk trunk_named(const std::string& name) {
  for (const Trunk trunk : {Trunk::replicated, Trunk::data_parallel})
    if (name == name_of(trunk)) return trunk;
  throw Error("no such way to compute a trunk: " + name);
}

StepCost step_cost(const machine::Rates& machine, const ModelShape& shape, const Grid& grid) {
  check(grid.ranks > 0 && grid.replicas > 0, "a grid of no ranks or replicas");
  check(machine.flops_alone > 0 && machine.flops_together > 0 && machine.clock > 0 && machine.bandwidth > 0 &&
            machine.ranks_per_node > 0,
        "rates of a machine are above 0");
  check(std::min({shape.trunk_width, shape.inr_width, shape.layers, shape.inputs, shape.outputs, shape.points,
                  shape.frames, shape.frames_per_leaf, shape.rows}) > 0,
        "sizes of a model are above 0");
  const Arrangement a{machine, shape, grid};
  const double samples = a.frames_of_rank() * static_cast<double>(shape.points);
  const double waves = static_cast<double>(shape.layers * shape.inr_width);
  const double trunk_flops = 6 * static_cast<double>(shape.trunk_parameters);
  const bool replicated = grid.trunk == Trunk::replicated;
  StepCost cost;
  cost.inr = 6 * samples * static_cast<double>(shape.inr_weights()) / a.flops();
  cost.sincos = samples * waves * machine.sincos_cycles / machine.clock;
  cost.head_compute = 6 * a.frames_of_group() * a.head() / a.shards() / a.flops();
  cost.head_memory = head_memory(a);
  divide_head(grid, cost);
  cost.trunk =
      trunk_flops * (replicated ? static_cast<double>(shape.frames) : a.frames_of_rank()) / a.flops();
  cost.exchange = exchange(a);
  cost.hidden = hidden(a);
  // The replicas of a shard are as far apart as whole replicas are.
  cost.replicas = all_reduce(a.link(grid.ranks), grid.groups(), float_bytes * a.head() / a.shards());
  if (!replicated)
    cost.trunk_reduction =
        all_reduce(a.link(grid.ranks), grid.ranks, float_bytes * static_cast<double>(shape.trunk_parameters));
  return cost;
}

double unsharded_head_memory(const machine::Rates& machine, const ModelShape& shape, int ranks) {
  const Arrangement a{machine, shape, {ranks, ranks, Trunk::replicated}};
  return unsharded_bytes * a.head() * a.ranks_on_node() / machine.bandwidth;
}

double rank_memory(const ModelShape& shape, const Grid& grid) {
  const auto rows = static_cast<double>(shape.rows), width = static_cast<double>(shape.trunk_width);
  const double frames = std::ceil(static_cast<double>(shape.frames) / grid.groups());
  const double bytes = grid.replicas > 1 ? stored_bytes : state_bytes;
  return bytes * rows * (width + 1) / grid.shards() +
         stored_bytes * static_cast<double>(shape.trunk_parameters) + float_bytes * frames * (rows + width);
}

Grid recommend(const machine::Rates& machine, const ModelShape& shape, int ranks) {
  Grid best{ranks, 1, Trunk::replicated};
  double least = step_cost(machine, shape, best).seconds();
  for (int replicas = 1; replicas <= ranks && replicas <= shape.leaves(); ++replicas) {
    if (ranks % replicas != 0) continue;
    for (const Trunk trunk : {Trunk::replicated, Trunk::data_parallel}) {
      const Grid grid{ranks, replicas, trunk};
      const double seconds = step_cost(machine, shape, grid).seconds();
      if (!(seconds < least)) continue;
      best = grid;
      least = seconds;
    }
  }
  return best;
}

}  // namespace hypercast::train
