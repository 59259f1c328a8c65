// FitzHugh-Nagumo reaction and diffusion of an activator u and an inhibitor v:
//
//   u_t = D_u Lap u + u - u^3 - k - v
//   v_t = D_v Lap v + epsilon (u - gamma v)
//
//   [pde.fitzhugh_nagumo]
//   diffusivity_u = 1e-3
//   diffusivity_v = 5e-3
//   k = 5e-3
//   epsilon = 1.0
//   gamma = 1.0
//
// R. FitzHugh, Biophys. J. 1 (1961); J. Nagumo, S. Arimoto, S. Yoshizawa, Proc. IRE 50 (1962). The values
// above are those of the diffusion-reaction data of PDEBench (M. Takamoto et al., NeurIPS 2022), which solves
// them between neumann walls on (-1, 1)^2: the inhibitor spreads faster than the activator, and patterns grow
// (A. M. Turing 1952). A small epsilon, with v at rest, makes an excitable medium with travelling pulses.

#include <array>

#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class FitzHughNagumo final : public System {
 public:
  void describe(Section& s) override {
    s.about(
        "FitzHugh-Nagumo reaction u_t = D_u Lap u + u - u^3 - k - v, "
        "v_t = D_v Lap v + epsilon (u - gamma v).");
    s.key("diffusivity_u", diffusivity_[0], "D_u").at_least(0);
    s.key("diffusivity_v", diffusivity_[1], "D_v").at_least(0);
    s.key("k", k_, "the constant in the equation of the activator; minus the stimulus");
    s.key("epsilon", epsilon_, "rate of the inhibitor").at_least(0);
    s.key("gamma", gamma_, "decay of the inhibitor").at_least(0);
  }
  std::vector<std::string> channels() const override { return {"u", "v"}; }
  // Even reflection only: k has a sign.
  bool reflects_at_walls(const Domain& domain) const override { return !domain.has_any(Boundary::dirichlet); }
  std::vector<LinearTerm> linear(int dims) const override {
    std::vector<LinearTerm> terms{
        {0, 0, 1.0, {}}, {0, 1, -1.0, {}}, {1, 0, epsilon_, {}}, {1, 1, -epsilon_ * gamma_, {}}};
    for (int channel : {0, 1})
      for (const auto& one : laplacian(diffusivity_[channel], dims, channel, channel)) terms.push_back(one);
    return terms;
  }
  void rhs(double, Operators& operators, Fields u, Rates dudt) const override {
    const auto values = u[0]->values();
    const auto square = operators.scratch(0);
    operators.product(values, values, square);
    for (std::size_t i = 0; i < square.size(); ++i) dudt[0][i] -= values[i] * square[i] + k_;
  }

 private:
  std::array<double, 2> diffusivity_{1e-3, 5e-3};
  double k_ = 5e-3;
  double epsilon_ = 1;
  double gamma_ = 1;
};

}  // namespace

void register_fitzhugh_nagumo(SystemRegistry& registry) {
  registry.add("fitzhugh_nagumo",
               "u_t = D_u Lap u + u - u^3 - k - v, v_t = D_v Lap v + epsilon (u - gamma v)",
               [] { return std::make_unique<FitzHughNagumo>(); });
}

}  // namespace hypercast::pde
