#pragma once
// What a run should know of the machine it is on before it says how well it does there: hypercast-bench's
// measurements, in a fraction of a second.

#include "core/context.hpp"
#include "machine/rates.hpp"

namespace hypercast::machine {

// COLLECTIVE. 0.1 to 0.3 s: medians of three samples of 3 ms each (bandwidth of main memory: of a pass or
// more), taken while all ranks work, as they do in training, on as much memory as block_sizes() says; what
// rank 0's node reaches, the same on all ranks. So
//
//   flops_alone      equals flops_together; they differ only in what they say of other numbers of ranks
//   bandwidths       are those of Adam's update (machine/memory_rate.hpp)
//   in_node          messages or the window that ranks of a node share, whichever is faster
//   links            that rank 0 has no partner for are 0: no grid of this run's ranks takes them
//   ranks_per_node   the size of context.node on rank 0
//
// Ranks may be more than processors. Their short samples then follow each other, rates come out too high, and
// it takes twice as long.
Rates calibrate(const Context& context);

}  // namespace hypercast::machine
