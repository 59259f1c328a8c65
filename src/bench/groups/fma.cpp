// The most floating-point operations a second, alone and together: two "cores" of a virtual machine may be
// two threads of one core, and then reach half of it each.

#include <fmt/core.h>

#include "bench/group.hpp"
#include "core/isa.hpp"
#include "machine/fma_rate.hpp"

namespace hypercast::bench {

namespace {

// What a core can do that starts two multiply-adds of 256 bits a cycle: Haswell, Zen 2, and later ones.
// Where registers are narrower, of that width.
std::optional<Bound> nominal(const Bench& bench, const std::string& who, std::size_t bytes) {
  const double width = isa() == Isa::v4 || isa() == Isa::v3 ? 32 : 16;
  const double flops = 2.0 * 2.0 * width / static_cast<double>(bytes);
  auto bound = bench.results.bound("clock." + who, flops);
  if (bound) bound->name = fmt::format("{:g} flop a cycle", flops);
  return bound;
}

template <class Real>
void measure(const Bench& bench, const std::string& name) {
  const std::string type = sizeof(Real) == 4 ? "float" : "double";
  bench.add({name + ".alone", "flop/s", "multiply-adds in " + type + " of one rank while the others sleep",
             machine::summarise(machine::alone(bench.context, bench.rounds, machine::fma_rate<Real>)),
             nominal(bench, "alone", sizeof(Real))});
  bench.add({name + ".together", "flop/s", "multiply-adds in " + type + " of a rank while all ranks work",
             1.0 / bench.context.node.size() *
                 machine::summarise(machine::together(bench.context, bench.rounds, machine::fma_rate<Real>)),
             bench.results.bound(name + ".alone")});
}

class Fma final : public Group {
 public:
  void describe(Section& s) override { s.about("The peak of fused multiply-adds."); }
  void run(const Bench& bench) const override {
    measure<float>(bench, "fma.float");
    measure<double>(bench, "fma.double");
  }
};

}  // namespace

void register_fma(GroupRegistry& registry) {
  registry.add("fma", "peak of fused multiply-adds", [] { return std::make_unique<Fma>(); });
}

}  // namespace hypercast::bench
