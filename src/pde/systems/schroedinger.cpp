// Nonlinear Schroedinger equation  i psi_t = -1/2 Lap psi - g |psi|^2 psi,  focusing for g > 0.
//
//   [pde.schroedinger]
//   nonlinearity = 1.0     # g
//
// The channels are the real and the imaginary part. The mass, the mean of |psi|^2, is kept.
//
// Exact for every g: the plane wave  psi = A exp(i (k.x - omega t)),  omega = |k|^2 / 2 - g A^2,  A = 1/2.

#include <cmath>
#include <cstdlib>

#include "pde/initial.hpp"
#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class Schroedinger final : public System {
 public:
  void describe(Section& s) override {
    s.about("Nonlinear Schroedinger equation i psi_t = -1/2 Lap psi - g |psi|^2 psi.");
    s.key("nonlinearity", g_, "g; > 0: focusing, < 0: defocusing, 0: a free particle");
  }
  std::vector<std::string> channels() const override { return {"psi_re", "psi_im"}; }
  std::string complaint(const Domain& domain) const override {
    if (domain.has_any(Boundary::dirichlet) && domain.wall_value != 0)
      return "psi must be 0 on dirichlet walls: grid.wall_value must be 0";
    return "";
  }
  bool reflects_at_walls(const Domain&) const override { return true; }
  std::vector<LinearTerm> linear(int dims) const override {
    auto terms = laplacian(-0.5, dims, 0, 1);
    const auto more = laplacian(0.5, dims, 1, 0);
    terms.insert(terms.end(), more.begin(), more.end());
    return terms;
  }
  void rhs(double, Operators& operators, Fields psi, Rates dudt) const override {
    if (g_ == 0) return;
    const auto re = psi[0]->values(), im = psi[1]->values();
    const auto density = operators.scratch(0), square = operators.scratch(1);
    operators.product(re, re, density);
    operators.product(im, im, square);
    for (std::size_t i = 0; i < density.size(); ++i) {
      const double rate = g_ * (density[i] + square[i]);
      dudt[0][i] -= rate * im[i];
      dudt[1][i] += rate * re[i];
    }
  }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    if (!domain.is_periodic()) return std::nullopt;
    constexpr double amplitude = 0.5;
    std::array<double, 3> k{};
    double omega = -g_ * amplitude * amplitude;
    for (int a = 0; a < domain.dims(); ++a) {
      k[a] = wavenumber(domain.axes[a], 1);
      omega += k[a] * k[a] / 2;
    }
    return [=](double t, std::span<const double> x, std::span<double> psi) {
      double phase = -omega * t;
      for (std::size_t a = 0; a < x.size(); ++a) phase += k[a] * x[a];
      psi[0] = amplitude * std::cos(phase);
      psi[1] = amplitude * std::sin(phase);
    };
  }

 private:
  double g_ = 1;
};

}  // namespace

void register_schroedinger(SystemRegistry& registry) {
  registry.add("schroedinger", "i psi_t = -1/2 Lap psi - g |psi|^2 psi",
               [] { return std::make_unique<Schroedinger>(); });
}

}  // namespace hypercast::pde
