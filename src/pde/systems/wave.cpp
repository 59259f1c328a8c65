// Wave equation  u_tt = c^2 Lap u  as a system of first order in time:  u_t = v,  v_t = c^2 Lap u.
//
//   [pde.wave]
//   speed = 1.0            # c
//
// Initial families start both channels, u and v, except that `modes` and dino_gaussian start from rest.
// Exact: a standing wave, u = cos(omega t) w(x), v = u_t, of one period (between walls: half a period) along
// each axis, omega = c |k|.

#include <cmath>
#include <numbers>

#include "pde/initial.hpp"
#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class Wave final : public System {
 public:
  void describe(Section& s) override {
    s.about("Wave equation u_t = v, v_t = c^2 Lap u.");
    s.key("speed", c_, "c").above(0);
  }
  std::vector<std::string> channels() const override { return {"u", "v"}; }
  std::string complaint(const Domain& domain) const override {
    if (domain.has_any(Boundary::dirichlet) && domain.wall_value != 0)
      return "both u and u_t must be 0 on dirichlet walls: grid.wall_value must be 0";
    return "";
  }
  bool reflects_at_walls(const Domain&) const override { return true; }
  std::vector<LinearTerm> linear(int dims) const override {
    auto terms = laplacian(c_ * c_, dims, 1, 0);
    terms.push_back({0, 1, 1.0, {}});
    return terms;
  }
  bool is_linear() const override { return true; }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    if (!complaint(domain).empty()) return std::nullopt;
    Mode mode{1.0, 1.0, {}};
    double square = 0;
    for (int a = 0; a < domain.dims(); ++a) {
      mode.k[a] = wavenumber(domain.axes[a], 1);
      square += mode.k[a] * mode.k[a];
    }
    return [=, omega = c_ * std::sqrt(square)](double t, std::span<const double> x, std::span<double> u) {
      const double w = evaluate(domain, std::span(&mode, 1), x);
      u[0] = std::cos(omega * t) * w;
      u[1] = -omega * std::sin(omega * t) * w;
    };
  }

 private:
  double c_ = 1;
};

}  // namespace

void register_wave(SystemRegistry& registry) {
  registry.add("wave", "u_t = v, v_t = c^2 Lap u", [] { return std::make_unique<Wave>(); });
}

}  // namespace hypercast::pde
