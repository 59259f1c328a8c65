// A sine and its cosine, the activation of a SIREN with its slope.

#include "bench/group.hpp"
#include "machine/sincos_rate.hpp"

namespace hypercast::bench {

namespace {

class Sincos final : public Group {
 public:
  void describe(Section& s) override { s.about("Sines and cosines, as a SIREN needs them."); }
  void run(const Bench& bench) const override {
    const auto of_pair = [](std::vector<double> rates, double ranks) {
      for (double& rate : rates) rate = ranks / rate;
      return machine::summarise(rates);
    };
    bench.add({"sincos.alone", "s", "a sine and a cosine in float of one rank while the others sleep",
               of_pair(machine::alone(bench.context, bench.rounds, machine::sincos_rate), 1)});
    bench.add({"sincos.together", "s", "a sine and a cosine in float of a rank while all ranks work",
               of_pair(machine::together(bench.context, bench.rounds, machine::sincos_rate),
                       bench.context.node.size()),
               bench.results.bound("sincos.alone")});
  }
};

}  // namespace

void register_sincos(GroupRegistry& registry) {
  registry.add("sincos", "a sine and a cosine", [] { return std::make_unique<Sincos>(); });
}

}  // namespace hypercast::bench
