// Kuramoto-Sivashinsky equation, chaotic on domains much longer than 2 pi. In one dimension the derivative
// form, in more the integral form less its mean, which would otherwise drift for ever:
//
//   1-D       u_t + u u_x + u_xx + u_xxxx = 0
//   2-D, 3-D  u_t + |grad u|^2 / 2 - mean(|grad u|^2 / 2) + Lap u + Lap^2 u = 0
//
//   [pde.kuramoto_sivashinsky]
//   viscosity = 1.0        # nu: ... + Lap u + nu Lap^2 u
//
// In one dimension the slope of the second form solves the first. Y. Kuramoto, T. Tsuzuki, Prog. Theor. Phys.
// 55 (1976); G. I. Sivashinsky, Acta Astronaut. 4 (1977); in two dimensions as in A. Kalogirou, E. E.
// Keaveny, D. T. Papageorgiou, Proc. R. Soc. A 471 (2015).
//
// Walls are those that a mirror makes: u = u_xx = 0 (dirichlet) for the first form, u_x = u_xxx = 0 (neumann)
// for the second.

#include <algorithm>

#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class KuramotoSivashinsky final : public System {
 public:
  void describe(Section& s) override {
    s.about(
        "Kuramoto-Sivashinsky equation, 1-D: u_t + u u_x + u_xx + nu u_xxxx = 0, else "
        "u_t + |grad u|^2 / 2 - its mean + Lap u + nu Lap^2 u = 0.");
    s.key("viscosity", nu_, "nu").above(0);
  }
  std::string complaint(const Domain& domain) const override {
    if (domain.dims() == 1 && domain.has_any(Boundary::neumann))
      return "in one dimension walls must be dirichlet walls";
    if (domain.dims() > 1 && domain.has_any(Boundary::dirichlet))
      return "in more than one dimension walls must be neumann walls";
    if (domain.has_any(Boundary::dirichlet) && domain.wall_value != 0)
      return "u must be 0 on dirichlet walls: grid.wall_value must be 0";
    return "";
  }
  bool reflects_at_walls(const Domain&) const override { return true; }
  std::vector<LinearTerm> linear(int dims) const override {
    auto terms = laplacian(-1, dims);
    const auto more = biharmonic(-nu_, dims);
    terms.insert(terms.end(), more.begin(), more.end());
    return terms;
  }
  void rhs(double, Operators& operators, Fields u, Rates dudt) const override {
    const auto rate = dudt[0];
    const auto slope = operators.scratch(0);
    if (operators.domain().dims() == 1) {
      operators.derivative(*u[0], 0, 1, slope);
      const auto values = u[0]->values();
      for (std::size_t i = 0; i < slope.size(); ++i) rate[i] -= values[i] * slope[i];
      return;
    }
    const auto half_square = operators.scratch(1);
    std::fill(half_square.begin(), half_square.end(), 0.0);
    for (int axis = 0; axis < operators.domain().dims(); ++axis) {
      operators.derivative(*u[0], axis, 1, slope);
      for (std::size_t i = 0; i < slope.size(); ++i) half_square[i] += slope[i] * slope[i] / 2;
    }
    const double mean = operators.mean(half_square);
    for (std::size_t i = 0; i < rate.size(); ++i) rate[i] -= half_square[i] - mean;
  }
  bool is_chaotic() const override { return true; }

 private:
  double nu_ = 1;
};

}  // namespace

void register_kuramoto_sivashinsky(SystemRegistry& registry) {
  registry.add("kuramoto_sivashinsky",
               "u_t + u u_x + u_xx + nu u_xxxx = 0; 2-D, 3-D: u_t + |grad u|^2 / 2 - its mean + Lap u + nu "
               "Lap^2 u = 0",
               [] { return std::make_unique<KuramotoSivashinsky>(); });
}

}  // namespace hypercast::pde
