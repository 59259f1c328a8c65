// Adam on parameters in caches and in memory, beside a loop that moves the same bytes with little arithmetic.

#include "bench/places.hpp"
#include "bench/rate_items.hpp"
#include "core/buffer.hpp"
#include "core/denormals.hpp"
#include "nn/adam.hpp"

namespace hypercast::bench {

namespace {

constexpr double parameter_bytes = 28;  // gradient, weight and moments read, the last three written

class Optimiser final : public Group {
 public:
  void describe(Section& s) override {
    s.about("Adam, 28 bytes a parameter: the gradient is read, weight and two moments are read and written.");
    s.key("dram", dram_, "size of the arrays of a rank in main memory; 0: four times the last cache")
        .at_least(0)
        .unit("MiB");
  }
  void run(const Bench& bench) const override {
    constexpr double mib = 1 << 20;
    for (const auto& place : places_of(bench.machine, bench.context.node.size(), dram_ * mib))
      measure(bench, place);
  }

 private:
  static void measure(const Bench& bench, const Place& place) {
    const auto n = static_cast<std::size_t>(place.bytes) / (4 * sizeof(float)) + 1;
    Buffer<float> gradient(n, 1e-3f), w(n, 1.0f), m(n), v(n);
    nn::AdamStep step;
    const auto rate = [&](double seconds) {
      const FlushDenormals flush;
      return parameter_bytes * static_cast<double>(n) * machine::passes_a_second(seconds, [&] {
               nn::adam<float>(step, 1.0f, gradient, w, m, v);
               ++step.number;
             });
    };
    add_rates(
        bench,
        {"optimiser." + place.name, "B/s", "Adam in " + place.name, "memory." + place.name + ".update", true},
        rate);
  }

  double dram_ = 0;
};

}  // namespace

void register_optimiser(GroupRegistry& registry) {
  registry.add("optimiser", "Adam in caches and in memory", [] { return std::make_unique<Optimiser>(); });
}

}  // namespace hypercast::bench
