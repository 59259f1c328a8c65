#include "bench/rate_items.hpp"

namespace hypercast::bench {

void add_rates(const Bench& bench, const RateItem& item, const machine::Rate& rate) {
  const auto bound = [&](const std::string& who) { return bench.results.bound(item.bound + "." + who); };
  bench.add({item.name + ".alone", item.unit, item.what + ", one rank while the others sleep",
             machine::summarise(machine::alone(bench.context, bench.rounds, rate)), bound("alone")});
  const double share = item.of_node ? 1.0 : 1.0 / bench.context.node.size();
  bench.add(
      {item.name + ".together", item.unit,
       item.what + (item.of_node ? ", all ranks of a node together" : ", of a rank while all ranks work"),
       share * machine::summarise(machine::together(bench.context, bench.rounds, rate)), bound("together")});
}

}  // namespace hypercast::bench
