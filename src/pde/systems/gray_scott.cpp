// Gray-Scott reaction and diffusion of two substances:
//
//   A_t = D_A Lap A - A B^2 + F (1 - A)
//   B_t = D_B Lap B + A B^2 - (F + k) B
//
//   [pde.gray_scott]
//   diffusivity_a = 2e-5
//   diffusivity_b = 1e-5
//   feed = 0.029           # F
//   kill = 0.057           # k: a maze on a square of side 2
//
// P. Gray, S. K. Scott, Chem. Eng. Sci. 38 (1983); J. E. Pearson, Science 261 (1993). A substance A is fed, B
// turns it into more B (A + 2 B -> 3 B) and is removed. Concentrations stay positive, and A at most 1.
// Pearson drew a map of the patterns over (F, k); with the diffusivities above, (0.014, 0.054) gives gliders,
// (0.098, 0.057) bubbles, (0.029, 0.057) a maze, (0.058, 0.065) worms, (0.018, 0.051) spirals and (0.03,
// 0.062) spots (R. Ohana et al., The Well, NeurIPS 2024).
//
// What a family of initial states gives for the first channel, s, decides where Pearson's seeds lie:
// A = 1 - b/2, B = b/4 with b = 1 - exp(-s^2). Where s is small the mixture is at rest, (1, 0); where |s| is
// well above 1 it has his (1/2, 1/4), which reacts. Gaussians with an amplitude of 2 to 4 are round seeds.

#include <array>
#include <cmath>

#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class GrayScott final : public System {
 public:
  void describe(Section& s) override {
    s.about(
        "Gray-Scott reaction A_t = D_A Lap A - A B^2 + F (1 - A), B_t = D_B Lap B + A B^2 - (F + k) B. "
        "Initial states: A = 1 - b/2, B = b/4 with b = 1 - exp(-s^2), s what the family gives.");
    s.key("diffusivity_a", diffusivity_[0], "D_A").at_least(0);
    s.key("diffusivity_b", diffusivity_[1], "D_B").at_least(0);
    s.key("feed", feed_, "F").at_least(0);
    s.key("kill", kill_, "k").at_least(0);
  }
  std::vector<std::string> channels() const override { return {"A", "B"}; }
  std::string complaint(const Domain& domain) const override {
    if (!domain.has_any(Boundary::dirichlet)) return "";
    return "gray_scott needs periodic axes or neumann walls: one wall_value cannot be that of both channels";
  }
  bool reflects_at_walls(const Domain& domain) const override { return complaint(domain).empty(); }
  std::vector<LinearTerm> linear(int dims) const override {
    std::vector<LinearTerm> terms{{0, 0, -feed_, {}}, {1, 1, -(feed_ + kill_), {}}};
    for (int channel : {0, 1})
      for (const auto& one : laplacian(diffusivity_[channel], dims, channel, channel)) terms.push_back(one);
    return terms;
  }
  void rhs(double, Operators& operators, Fields u, Rates dudt) const override {
    const auto a = u[0]->values(), b = u[1]->values();
    const auto square = operators.scratch(0);
    operators.product(b, b, square);
    for (std::size_t i = 0; i < square.size(); ++i) {
      const double reaction = a[i] * square[i];
      dudt[0][i] += feed_ - reaction;
      dudt[1][i] += reaction;
    }
  }
  void from_family(std::span<double> u) const override {
    const double seed = -std::expm1(-u[0] * u[0]);
    u[0] = 1 - seed / 2;
    u[1] = seed / 4;
  }

 private:
  std::array<double, 2> diffusivity_{2e-5, 1e-5};
  double feed_ = 0.029;
  double kill_ = 0.057;
};

}  // namespace

void register_gray_scott(SystemRegistry& registry) {
  registry.add("gray_scott", "A_t = D_A Lap A - A B^2 + F (1 - A), B_t = D_B Lap B + A B^2 - (F + k) B",
               [] { return std::make_unique<GrayScott>(); });
}

}  // namespace hypercast::pde
