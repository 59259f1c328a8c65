#pragma once
// What a step of training must cost: floors in seconds for each phase, memory, and the arrangement of ranks
// that the formulas favour. Pure functions of numbers that hypercast-bench measures.
//
// The model that is trained is a dense INR d_in -> w x L -> d_out whose weights theta[P] a head of P rows
// writes from the trunk's h: theta_t = W h_t + b for T frames of N points a step. The head is most of all
// parameters. It is cut into shards of rows, each with its Adam state on one rank; ranks exchange factors
// (theta_t, dtheta_t, dh_t), never the gradient of W (sufficient factors: P. Xie et al., "Distributed machine
// learning via sufficient factor broadcasting", 2015; A. Krizhevsky, "One weird trick", 2014).
//
// With D replicas of the head R ranks are d = gcd(D, R) groups of G = R / d, which cut the head into G shards
// and see T / d frames each (train/replicas.hpp); with D > 1 the gradient of a shard is formed, stored and
// reduced over the groups. Messages cost alpha + n beta; collectives as
// in R. Thakur, R. Rabenseifner, W. Gropp, "Optimization of collective communication operations in MPICH",
// 2005: all-reduce of n bytes 2 log2(R) alpha + 2 (R - 1) / R n beta (Rabenseifner), pairwise exchange of n
// bytes a rank (R - 1) alpha + (R - 1) / R n beta.

#include <cstdint>
#include <string>

#include "machine/rates.hpp"

namespace hypercast::train {

struct ModelShape {
  std::int64_t trunk_width = 0;       // h
  std::int64_t inr_width = 0;         // w
  std::int64_t layers = 0;            // L, hidden layers of the INR
  std::int64_t inputs = 0;            // d_in, after embedding
  std::int64_t outputs = 0;           // d_out
  std::int64_t points = 0;            // N, of a frame and step
  std::int64_t frames = 0;            // T, of a step, on all ranks together
  std::int64_t trunk_parameters = 0;  // of encoder and trunk
  std::int64_t rows = 0;              // P; inr_parameters() where the head writes all of theta
  std::int64_t frames_per_leaf = 1;   // which one rank computes together

  std::int64_t leaves() const;          // of a step
  std::int64_t inr_weights() const;     // P_w, without biases
  std::int64_t inr_parameters() const;  // with them
};

enum class Trunk { replicated, data_parallel };
std::string name_of(Trunk trunk);
Trunk trunk_named(const std::string& name);  // Error for other names

struct Grid {
  int ranks = 1;
  int replicas = 1;  // D
  Trunk trunk = Trunk::replicated;
  int groups() const;                              // train/replicas.hpp
  int shards() const { return ranks / groups(); }  // G
};

// Seconds of the busiest rank in a step.
struct StepCost {
  double inr = 0;           // dense products: 6 T_r N P_w / F, T_r: of the busiest
  double sincos = 0;        // T_r N L w S_c / f
  double head_compute = 0;  // 6 (T / d) h (P / G) / F
  double head_memory = 0;   // 28 B a parameter in one fused pass; 56 B with D > 1, where the gradient is
                            // written, reduced and read
  // Of those, what the two phases of a step that pass over the head take, each no less than its arithmetic
  // and its memory: 2 T h P operations and 4 B a parameter, then the rest.
  double head_forward = 0, head_backward = 0;
  double trunk = 0;     // 6 P_tr / F for T frames where replicated, for T_r where data-parallel
  double exchange = 0;  // theta to the ranks that use it and dtheta back
  double hidden = 0;    // dh summed over shards and, for a replicated trunk, gathered from all replicas
  double replicas = 0;  // gradient of a shard summed over the replicas
  double trunk_reduction = 0;  // gradient of a data-parallel trunk summed over all ranks

  double head() const { return head_compute > head_memory ? head_compute : head_memory; }
  double communication() const { return exchange + hidden + replicas + trunk_reduction; }
  // The floor: no phase overlaps another one but the head's arithmetic with its memory traffic.
  double seconds() const { return inr + sincos + head() + trunk + communication(); }
};

// Error unless all sizes and rates that are needed are above 0.
StepCost step_cost(const machine::Rates& machine, const ModelShape& shape, const Grid& grid);

// The head without shards, as plain data parallelism has it: every rank reads and writes all of it, 60 B a
// parameter (gradient 8, forward 4, backward 4, all-reduce 16, Adam 28), all ranks of a node at once.
double unsharded_head_memory(const machine::Rates& machine, const ModelShape& shape, int ranks);

// Bytes of a rank: 12 B for each of its head parameters (weight and moments), 16 B with D > 1, where the
// gradient is stored, and for each replicated one; and the frames of its group: T / d (P + h) floats.
double rank_memory(const ModelShape& shape, const Grid& grid);

// The fastest of all divisors D of `ranks` that leave each replica a leaf, with either trunk. Of equals the
// one with fewer replicas, and the replicated trunk.
Grid recommend(const machine::Rates& machine, const ModelShape& shape, int ranks);

}  // namespace hypercast::train
