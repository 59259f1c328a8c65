// Bandwidth of the second cache, the last cache and main memory, for one rank and for all at once.

#include "bench/places.hpp"
#include "bench/rate_items.hpp"
#include "machine/memory_rate.hpp"

namespace hypercast::bench {

namespace {

class Memory final : public Group {
 public:
  void describe(Section& s) override {
    s.about("Bandwidth of memory and caches.");
    s.key("dram", dram_, "size of the arrays of a rank in main memory; 0: four times the last cache")
        .at_least(0)
        .unit("MiB");
  }
  void run(const Bench& bench) const override {
    constexpr double mib = 1 << 20;
    for (const auto& place : places_of(bench.machine, bench.context.node.size(), dram_ * mib)) {
      machine::MemoryBlock block(static_cast<std::size_t>(place.bytes));
      for (const auto loop : {machine::MemoryLoop::read, machine::MemoryLoop::copy,
                              machine::MemoryLoop::triad, machine::MemoryLoop::update})
        measure(bench, place, block, loop);
    }
  }

 private:
  static void measure(const Bench& bench, const Place& place, machine::MemoryBlock& block,
                      machine::MemoryLoop loop) {
    const auto rate = [&](double seconds) { return block.rate(loop, seconds); };
    const std::string name = "memory." + place.name + "." + machine::name_of(loop);
    const std::string most = "memory." + place.name + "." + machine::name_of(machine::MemoryLoop::read);
    add_rates(bench,
              {name, "B/s", machine::name_of(loop) + " in " + place.name,
               loop == machine::MemoryLoop::read ? "" : most, true},
              rate);
  }

  double dram_ = 0;
};

}  // namespace

void register_memory(GroupRegistry& registry) {
  registry.add("memory", "bandwidth of memory and caches", [] { return std::make_unique<Memory>(); });
}

}  // namespace hypercast::bench
