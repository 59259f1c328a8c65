// Rotating shallow water on a plane: a layer of depth h with velocity (u, v),
//
//   h_t + (h u)_x + (h v)_y = 0
//   u_t + u u_x + v u_y - f v = -g h_x + nu Lap u - r u
//   v_t + u v_x + v v_y + f u = -g h_y + nu Lap v - r v
//
//   [pde.shallow_water]
//   gravity = 1.0          # g
//   depth = 1.0            # H, at rest
//   coriolis = 0.0         # f
//   viscosity = 0.02       # nu
//   drag = 0.0             # r
//
// A. J. C. Barre de Saint-Venant, C. R. Acad. Sci. 73 (1871); G. K. Vallis, Atmospheric and Oceanic Fluid
// Dynamics (2017), ch. 3. In one dimension v is the velocity along the fronts. Written with the vorticity
// zeta = v_x - u_y and the kinetic energy, u_t = (zeta + f) v - (g h + (u^2 + v^2) / 2)_x and so on: without
// viscosity and drag the discrete equations conserve mass and, with finite differences, the energy
// h (u^2 + v^2) / 2 + g h^2 / 2 (R. Sadourny, J. Atmos. Sci. 32 (1975)).
//
// For smooth flows. Waves steepen, within a time of about 1 / (k u), and shocks need another scheme: give nu
// enough to spread a front over a few points, u dx / nu below 2 or so. The depth must stay positive. Walls
// (neumann) mirror: no flow through them, free slip along them. Not with f: then currents along a wall lean
// on it, and h is not even there.
//
// A family of initial states gives a layer at rest of depth h = H (1 + s / 10), s the family's first channel:
// with an amplitude of 1 the surface is disturbed by a tenth.
//
// Exact: a current w(s) across its own direction s. With f it is steady where f w = g h_s (geostrophic; needs
// nu = r = 0); without f the surface is flat, w decays, and a flow along s carries it.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class ShallowWater final : public System {
 public:
  void describe(Section& s) override {
    s.about(
        "Rotating shallow water of depth h and velocity (u, v), in one or two dimensions, for smooth flows. "
        "Initial states: at rest with h = depth (1 + s / 10), s what the family gives.");
    s.key("gravity", gravity_, "g").above(0);
    s.key("depth", depth_, "H: the depth at rest").above(0);
    s.key("coriolis", coriolis_, "f: twice the rate of rotation; periodic axes only");
    s.key("viscosity", viscosity_, "nu; keeps steepening waves smooth").at_least(0);
    s.key("drag", drag_, "r: friction at the bottom").at_least(0);
  }
  std::vector<std::string> channels() const override { return {"h", "u", "v"}; }
  std::string complaint(const Domain& domain) const override {
    if (domain.dims() > 2) return "shallow_water has one or two dimensions";
    if (domain.has_any(Boundary::dirichlet)) return "shallow_water needs periodic axes or neumann walls";
    if (!domain.is_periodic() && coriolis_ != 0) return "shallow_water with coriolis needs periodic axes";
    return "";
  }
  bool reflects_at_walls(const Domain& domain) const override { return complaint(domain).empty(); }
  Parity odd(int channel) const override { return {channel == 1, channel == 2, false}; }

  std::vector<LinearTerm> linear(int dims) const override {
    std::vector<LinearTerm> terms{{1, 2, coriolis_, {}}, {2, 1, -coriolis_, {}}};
    for (int axis = 0; axis < dims; ++axis) {
      terms.push_back(term(-depth_, axis, 1, 0, 1 + axis));
      terms.push_back(term(-gravity_, axis, 1, 1 + axis, 0));
    }
    for (int velocity : {1, 2}) {
      for (const auto& one : laplacian(viscosity_, dims, velocity, velocity)) terms.push_back(one);
      terms.push_back({velocity, velocity, -drag_, {}});
    }
    return terms;
  }
  void rhs(double, Operators& operators, Fields state, Rates dudt) const override {
    add_flux(operators, state, dudt);
    add_kinetic_energy(operators, state, dudt);
    const auto vorticity = operators.scratch(0);
    operators.derivative(*state[2], 0, 1, vorticity);
    if (operators.domain().dims() == 2) operators.add_derivative(*state[1], 1, 1, -1.0, vorticity);
    const auto u = state[1]->values(), v = state[2]->values();
    for (std::size_t i = 0; i < vorticity.size(); ++i) {
      dudt[1][i] += vorticity[i] * v[i];
      dudt[2][i] -= vorticity[i] * u[i];
    }
  }
  void from_family(std::span<double> state) const override {
    state[0] = depth_ * (1 + state[0] / 10);
    state[1] = state[2] = 0;
  }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    const bool turns = coriolis_ != 0, along_x = domain.dims() == 1 || domain.axes[1].is_periodic();
    if (!complaint(domain).empty() || !along_x || (turns && (viscosity_ != 0 || drag_ != 0)))
      return std::nullopt;
    return current(domain);
  }

 private:
  // Without the part H u, which is linear.
  void add_flux(Operators& operators, Fields state, Rates dudt) const {
    const auto h = state[0]->values();
    const auto flux = operators.scratch(0);
    for (int axis = 0; axis < operators.domain().dims(); ++axis) {
      const auto velocity = state[1 + axis]->values();
      for (std::size_t i = 0; i < flux.size(); ++i) flux[i] = (h[i] - depth_) * velocity[i];
      operators.add_derivative(*operators.operand(flux, odd(1 + axis)), axis, 1, -1.0, dudt[0]);
    }
  }
  static void add_kinetic_energy(Operators& operators, Fields state, Rates dudt) {
    const auto u = state[1]->values(), v = state[2]->values();
    const auto energy = operators.scratch(0);
    for (std::size_t i = 0; i < energy.size(); ++i) energy[i] = 0.5 * (u[i] * u[i] + v[i] * v[i]);
    const auto operand = operators.operand(energy);
    for (int axis = 0; axis < operators.domain().dims(); ++axis)
      operators.add_derivative(*operand, axis, 1, -1.0, dudt[1 + axis]);
  }
  // w = W sin phi(s) across s, which runs along the diagonal of a periodic square or along x.
  ExactSolution current(const Domain& domain) const {
    const auto& x = domain.axes[0];
    const bool turns = coriolis_ != 0, wall = !x.is_periodic();
    const bool diagonal = domain.is_periodic() && domain.dims() == 2 && domain.axes[1].length == x.length;
    const double cosine = diagonal ? std::numbers::sqrt2 / 2 : 1.0, sine = diagonal ? cosine : 0.0;
    const double k = (wall ? 1 : 2) * std::numbers::pi / x.length / cosine;
    const double speed = std::sqrt(gravity_ * depth_);
    const double drift = turns || wall ? 0 : 0.3 * speed;
    const double slope = coriolis_ / (gravity_ * k);  // of the surface, over w
    const double most = turns ? std::min(0.5 * speed, 0.25 * depth_ / std::abs(slope)) : 0.5 * speed;
    const double lower[] = {x.lower, diagonal ? domain.axes[1].lower : 0.0};
    return [=, phase = wall ? std::numbers::pi / 2 : 0.3, nu = viscosity_, r = drag_, depth = depth_](
               double t, std::span<const double> at, std::span<double> state) {
      const double way = drift * (r > 0 ? -std::expm1(-r * t) / r : t);
      double s = cosine * (at[0] - lower[0]) - way;
      if (diagonal) s += sine * (at[1] - lower[1]);
      const double along = drift * std::exp(-r * t);
      const double across = most * std::exp(-(nu * k * k + r) * t) * std::sin(k * s + phase);
      state[0] = depth - slope * most * std::cos(k * s + phase);
      state[1] = cosine * along - sine * across;
      state[2] = sine * along + cosine * across;
    };
  }

  double gravity_ = 1;
  double depth_ = 1;
  double coriolis_ = 0;
  double viscosity_ = 0.02;
  double drag_ = 0;
};

}  // namespace

void register_shallow_water(SystemRegistry& registry) {
  registry.add("shallow_water", "h_t + div(h u) = 0, u_t + u.grad u + f z x u = -g grad h + nu Lap u - r u",
               [] { return std::make_unique<ShallowWater>(); });
}

}  // namespace hypercast::pde
