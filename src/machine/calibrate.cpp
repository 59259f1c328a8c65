#include "machine/calibrate.hpp"

#include "machine/clock_rate.hpp"
#include "machine/fma_rate.hpp"
#include "machine/link_fit.hpp"
#include "machine/memory_rate.hpp"
#include "machine/memory_sizes.hpp"
#include "machine/sincos_rate.hpp"
#include "machine/statistics.hpp"
#include "machine/transfers.hpp"

namespace hypercast::machine {

namespace {

constexpr Rounds rounds{3, 3e-3};
constexpr Rounds link_rounds{3, 3e-4};  // of each size and way

// Of the node.
double together_on_node(const Context& context, const Rate& rate) {
  return summarise(together(context, rounds, rate)).median;
}

double update_bandwidth(const Context& context, double bytes) {
  MemoryBlock block(static_cast<std::size_t>(bytes));
  return together_on_node(context, [&](double seconds) { return block.rate(MemoryLoop::update, seconds); });
}

// `measure` gives samples of a message of so many bytes.
template <class Measure>
Link link_by(const Measure& measure) {
  constexpr std::size_t sizes[] = {64, 4096, 65536, 1 << 20};
  std::vector<double> bytes, seconds;
  for (const auto size : sizes) {
    bytes.push_back(static_cast<double>(size));
    seconds.push_back(summarise(measure(size)).median);
  }
  return fit_link(bytes, seconds).link;
}

Link message_link(const Context& context, const Partners& partners) {
  if (!partners.exists) return {};
  return link_by(
      [&](std::size_t bytes) { return message_seconds(context, link_rounds, partners.pair, bytes); });
}

}  // namespace

Rates calibrate(const Context& context) {
  Rates rates;
  rates.ranks_per_node = context.node.size();
  rates.cache_bytes = resident_bytes(facts());
  context.comm.broadcast(std::span(&rates.ranks_per_node, 1));
  context.comm.broadcast(std::span(&rates.cache_bytes, 1));
  const double ranks = rates.ranks_per_node;
  rates.clock = together_on_node(context, clock_rate) / ranks;
  rates.flops_together = rates.flops_alone = together_on_node(context, fma_rate<float>) / ranks;
  rates.sincos_cycles = rates.clock * ranks / together_on_node(context, sincos_rate);
  const auto sizes = block_sizes(facts(), context.node.size());
  rates.cache_bandwidth = update_bandwidth(context, sizes.last_cache);
  rates.bandwidth = update_bandwidth(context, sizes.main_memory);
  rates.between_nodes = message_link(context, partners_between_nodes(context));
  rates.in_node = message_link(context, partners_in_node(context));
  if (rates.ranks_per_node > 1)
    rates.in_node =
        faster(rates.in_node,
               link_by([&](std::size_t bytes) { return window_seconds(context, link_rounds, bytes); }));
  return rates;
}

}  // namespace hypercast::machine
