// Products of dense matrices, all ranks at once: what kernels of similarity cannot do without.

#include <fmt/core.h>

#include "bench/group.hpp"
#include "bench/product_rate.hpp"

namespace hypercast::bench {

namespace {

class Products final : public Group {
 public:
  void describe(Section& s) override {
    s.about("Dense products in double precision, of matrices [rows][width] with [width][rows].");
    s.key("rows", rows_, "of the first matrix").at_least(1);
    s.key("width", width_, "columns of the first matrix").at_least(1);
  }
  void run(const Bench& bench) const override {
    const auto rate = [this](double seconds) { return product_rate(rows_, width_, seconds); };
    bench.add({fmt::format("products.{}x{}", rows_, width_), "flop/s",
               "dense products in double, all ranks of a node together",
               machine::summarise(machine::together(bench.context, bench.rounds, rate)),
               bench.results.bound("fma.double.together", bench.context.node.size())});
  }

 private:
  int rows_ = 512;
  int width_ = 1000;
};

}  // namespace

void register_products(GroupRegistry& registry) {
  registry.add("products", "dense products in double precision", [] { return std::make_unique<Products>(); });
}

}  // namespace hypercast::bench
