// Advection and diffusion with constant coefficients  u_t + c.grad u = nu Lap u.
//
//   [pde.advection_diffusion]
//   diffusivity = 0.02
//   velocity = [2.0]       # one number for all axes, or one an axis

#include "pde/registry.hpp"
#include "pde/separable.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class AdvectionDiffusion final : public System {
 public:
  void describe(Section& s) override {
    s.about("Advection and diffusion u_t + c.grad u = nu Lap u.");
    s.key("diffusivity", nu_, "nu").above(0);
    s.key("velocity", velocity_, "c: one number for all axes, or one an axis");
  }
  std::string complaint(const Domain& domain) const override { return velocity_complaint(velocity_, domain); }
  bool reflects_at_walls(const Domain& domain) const override { return walls_are_still(velocity_, domain); }
  std::vector<LinearTerm> linear(int dims) const override {
    auto terms = laplacian(nu_, dims);
    const auto more = advection(per_axis(velocity_, dims));
    terms.insert(terms.end(), more.begin(), more.end());
    return terms;
  }
  bool is_linear() const override { return true; }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    return separable_solution(domain, nu_, per_axis(velocity_, domain.dims()));
  }

 private:
  double nu_ = 0.1;
  std::vector<double> velocity_{1.0};
};

}  // namespace

void register_advection_diffusion(SystemRegistry& registry) {
  registry.add("advection_diffusion", "u_t + c.grad u = nu Lap u",
               [] { return std::make_unique<AdvectionDiffusion>(); });
}

}  // namespace hypercast::pde
