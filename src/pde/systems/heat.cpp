// Heat equation  u_t = nu Lap u.
//
//   [pde.heat]
//   diffusivity = 0.1

#include "pde/registry.hpp"
#include "pde/separable.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class Heat final : public System {
 public:
  void describe(Section& s) override {
    s.about("Heat equation u_t = nu Lap u.");
    s.key("diffusivity", nu_, "nu").above(0);
  }
  bool reflects_at_walls(const Domain&) const override { return true; }
  std::vector<LinearTerm> linear(int dims) const override { return laplacian(nu_, dims); }
  bool is_linear() const override { return true; }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    return separable_solution(domain, nu_, std::vector<double>(domain.dims(), 0.0));
  }

 private:
  double nu_ = 0.1;
};

}  // namespace

void register_heat(SystemRegistry& registry) {
  registry.add("heat", "u_t = nu Lap u", [] { return std::make_unique<Heat>(); });
}

}  // namespace hypercast::pde
