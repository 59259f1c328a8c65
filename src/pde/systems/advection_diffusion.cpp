// Advection and diffusion with constant coefficients  u_t + c.grad u = nu Lap u.
//
//   [pde.advection_diffusion]
//   diffusivity = 0.02
//   velocity = [2.0]       # one number for all axes, or one an axis

#include <fmt/core.h>

#include <algorithm>

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
  std::string complaint(const Domain& domain) const override {
    if (velocity_.size() == 1 || velocity_.size() == domain.axes.size()) return "";
    return fmt::format("velocity has {} numbers, the grid {} axes", velocity_.size(), domain.dims());
  }
  // A wind blows into its mirror image: only still axes reflect.
  bool reflects_at_walls(const Domain& domain) const override {
    const auto c = velocity(domain.dims());
    for (int axis = 0; axis < domain.dims(); ++axis)
      if (!domain.axes[axis].is_periodic() && c[axis] != 0) return false;
    return true;
  }
  std::vector<LinearTerm> linear(int dims) const override {
    const auto c = velocity(dims);
    auto terms = laplacian(nu_, dims);
    for (int axis = 0; axis < dims; ++axis) terms.push_back(term(-c[axis], axis, 1));
    return terms;
  }
  bool is_linear() const override { return true; }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    return separable_solution(domain, nu_, velocity(domain.dims()));
  }

 private:
  std::vector<double> velocity(int dims) const {
    return velocity_.size() == 1 ? std::vector<double>(dims, velocity_[0]) : velocity_;
  }

  double nu_ = 0.1;
  std::vector<double> velocity_{1.0};
};

}  // namespace

void register_advection_diffusion(SystemRegistry& registry) {
  registry.add("advection_diffusion", "u_t + c.grad u = nu Lap u",
               [] { return std::make_unique<AdvectionDiffusion>(); });
}

}  // namespace hypercast::pde
