#pragma once
// What models of cost need to know of a machine: rates that are measured (machine/fma_rate.hpp,
// machine/sincos_rate.hpp, machine/memory_rate.hpp, machine/transfers.hpp).

namespace hypercast::machine {

struct Link {
  double latency = 0;           // alpha, s a message
  double seconds_per_byte = 0;  // beta, with all ranks of a node sending at once
  double seconds(double bytes) const { return latency + bytes * seconds_per_byte; }
};

// The one that brings long messages earlier.
inline const Link& faster(const Link& one, const Link& other) {
  return one.seconds_per_byte <= other.seconds_per_byte ? one : other;
}

struct Rates {
  double flops_alone = 0;      // F, flop/s of a rank in float while its neighbours rest
  double flops_together = 0;   // the same while all ranks of the node compute
  double clock = 0;            // f, Hz
  double sincos_cycles = 1;    // S_c, of a pair sin x, cos x
  double bandwidth = 0;        // B, byte/s of a node's memory
  double cache_bytes = 0;      // Adam state of so many bytes a node stays in its last cache; 0: never
  double cache_bandwidth = 0;  // byte/s of that cache, all ranks of a node together
  Link in_node, between_nodes;
  int ranks_per_node = 1;
};

}  // namespace hypercast::machine
