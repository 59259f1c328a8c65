// What messages between ranks cost: alpha and beta of the cost model, and small collectives.

#include <fmt/core.h>

#include <array>

#include "bench/group.hpp"
#include "bench/link_items.hpp"
#include "machine/link_fit.hpp"
#include "machine/transfers.hpp"

namespace hypercast::bench {

namespace {

// Half of there and back, for every size.
void measure(const Bench& bench, const std::string& name, const std::string& where,
             const machine::Partners& partners) {
  if (!partners.exists) return;
  add_link(bench, name, where, [&](std::size_t bytes) {
    return machine::message_seconds(bench.context, bench.rounds, partners.pair, bytes);
  });
}

void measure_collectives(const Bench& bench) {
  const Comm& comm = bench.context.comm;
  const auto add = [&](const std::string& name, const std::string& what, const std::function<void()>& call) {
    bench.add({"messages." + name, "s", what,
               machine::summarise(machine::seconds_a_call(comm, bench.rounds, [&](auto n) {
                 for (; n > 0; --n) call();
               }))});
  };
  add("barrier", "a barrier of all ranks", [&] { comm.barrier(); });
  add("allreduce.8", "a sum of one double over all ranks", [&] { comm.sum(1.0); });
  const std::vector<double> mine(512 / static_cast<std::size_t>(comm.size()) + 1, 1.0);
  const std::vector<int> counts(comm.size(), static_cast<int>(mine.size()));
  std::vector<double> all(mine.size() * counts.size());
  add("allgather.4096", "about 4096 bytes in all, gathered on all ranks",
      [&] { comm.all_gather(std::span<const double>(mine), std::span(all), counts); });
}

class Messages final : public Group {
 public:
  void describe(Section& s) override { s.about("Latency and bandwidth of messages, and small collectives."); }
  void run(const Bench& bench) const override {
    if (bench.context.comm.size() < 2) {
      bench.results.notes.push_back("messages: one rank has nobody to talk to");
      return;
    }
    measure(bench, "messages.node", "between ranks of a node", machine::partners_in_node(bench.context));
    measure(bench, "messages.network", "between nodes", machine::partners_between_nodes(bench.context));
    measure_collectives(bench);
  }
};

}  // namespace

void register_messages(GroupRegistry& registry) {
  registry.add("messages", "latency and bandwidth between ranks",
               [] { return std::make_unique<Messages>(); });
}

}  // namespace hypercast::bench
