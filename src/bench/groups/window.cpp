// What it costs to hand bytes on through memory that the ranks of a node share.

#include "bench/group.hpp"
#include "bench/link_items.hpp"
#include "machine/transfers.hpp"

namespace hypercast::bench {

namespace {

class Window final : public Group {
 public:
  void describe(Section& s) override { s.about("Latency and bandwidth through a node's shared memory."); }
  void run(const Bench& bench) const override {
    const auto& context = bench.context;
    // Every node works; what the node of rank 0 saw is kept.
    auto syncs = machine::sync_seconds(context.node, bench.rounds);
    context.comm.broadcast(std::span(syncs));
    bench.add({"window.sync", "s", "SharedArray::sync() of all ranks of a node", machine::summarise(syncs)});
    int ranks = context.node.size();
    context.comm.broadcast(std::span(&ranks, 1));
    if (ranks < 2) {
      bench.results.notes.push_back("window: one rank has nobody to share with");
      return;
    }
    add_link(bench, "window", "through a window, writing, sync and reading",
             [&](std::size_t bytes) { return machine::window_seconds(context, bench.rounds, bytes); });
  }
};

}  // namespace

void register_window(GroupRegistry& registry) {
  registry.add("window", "latency and bandwidth through shared memory",
               [] { return std::make_unique<Window>(); });
}

}  // namespace hypercast::bench
