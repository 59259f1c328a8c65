#include "bench/rate_items.hpp"

namespace hypercast::bench {

void add_rates(const Bench& bench, const RateItem& item, const machine::Rate& rate) {
  const auto bound = [&](const std::string& who) { return bench.results.bound(item.bound + "." + who); };
  bench.add({item.name + ".alone", item.unit, item.what + ", one rank while the others sleep",
             machine::summarise(machine::alone(bench.context, bench.rounds, rate)), bound("alone")});
  bench.add({item.name + ".together", item.unit, item.what + ", of a rank while all ranks work",
             1.0 / bench.context.node.size() *
                 machine::summarise(machine::together(bench.context, bench.rounds, rate)),
             bound("together")});
}

}  // namespace hypercast::bench
