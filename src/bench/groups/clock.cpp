// The clock while one rank works, and while all do.

#include "bench/group.hpp"
#include "machine/clock_rate.hpp"

namespace hypercast::bench {

namespace {

class Clock final : public Group {
 public:
  void describe(Section& s) override { s.about("The clock, by integer additions that wait for each other."); }
  void run(const Bench& bench) const override {
    bench.add({"clock.alone", "Hz", "cycles of one rank while the others sleep",
               machine::summarise(machine::alone(bench.context, bench.rounds, machine::clock_rate))});
    bench.add({"clock.together", "Hz", "cycles of a rank while all ranks work",
               1.0 / bench.context.node.size() *
                   machine::summarise(machine::together(bench.context, bench.rounds, machine::clock_rate)),
               bench.results.bound("clock.alone")});
  }
};

}  // namespace

void register_clock(GroupRegistry& registry) {
  registry.add("clock", "clock of a core", [] { return std::make_unique<Clock>(); });
}

}  // namespace hypercast::bench
