// Incompressible Navier-Stokes equations in two dimensions, in terms of the vorticity w = v_x - u_y:
//
//   w_t + u w_x + v w_y = nu Lap w - drag w + f,   u = psi_y,  v = -psi_x,  Lap psi = -w
//
//   [pde.navier_stokes]
//   viscosity = 1e-3
//   drag = 0.0             # linear friction
//   forcing = [[0.1, 0.0, 6.283185307179586, 6.283185307179586],    # 0.1 sin(2 pi (x + y))
//              [0.1, 1.5707963267948966, 6.283185307179586, 6.283185307179586]]
//
// On a periodic domain, where the mean of w takes no part in the flow. The advective form costs the fewest
// transforms, and with Fourier series freed of aliases it is the conservative one: the nonlinear term keeps
// energy and enstrophy.
//
// Exact, without forcing (G. I. Taylor, A. E. Green, Proc. R. Soc. A 158 (1937)): an eigenfunction of the
// Laplacian does not advect itself,  w = e^{-(nu |k|^2 + drag) t} sin(k_x x + 0.3) sin(k_y y + 0.7).

#include <fmt/core.h>

#include <cmath>

#include "pde/initial.hpp"
#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class NavierStokes final : public System {
 public:
  void describe(Section& s) override {
    s.about("Vorticity of a plane incompressible flow w_t + u.grad w = nu Lap w - drag w + f.");
    s.key("viscosity", nu_, "nu").at_least(0);
    s.key("drag", drag_, "linear friction").at_least(0);
    s.key("forcing", forcing_,
          "f: rows [amplitude, phase, kx, ky] meaning amplitude sin(kx x + ky y + phase)");
  }
  std::vector<std::string> channels() const override { return {"vorticity"}; }
  std::string complaint(const Domain& domain) const override {
    if (domain.dims() != 2 || !domain.is_periodic())
      return fmt::format("navier_stokes needs two periodic axes, the grid is {}", to_text(domain));
    for (const auto& row : forcing_)
      if (const auto text = forcing_complaint(domain, row); !text.empty()) return "forcing: " + text;
    return "";
  }
  std::vector<LinearTerm> linear(int dims) const override {
    auto terms = laplacian(nu_, dims);
    terms.push_back({0, 0, -drag_, {}});
    return terms;
  }
  void rhs(double, Operators& operators, Fields w, Rates dudt) const override {
    const auto minus_psi = operators.inverse_laplacian(*w[0]);
    const auto flow = operators.scratch(0), slope = operators.scratch(1);
    const auto rate = dudt[0];
    for (int axis : {0, 1}) {
      operators.derivative(*minus_psi, 1 - axis, 1, flow);  // -u, v
      operators.derivative(*w[0], axis, 1, slope);
      const double sign = axis == 0 ? 1 : -1;
      for (std::size_t i = 0; i < rate.size(); ++i) rate[i] += sign * flow[i] * slope[i];
    }
    if (forcing_.empty()) return;
    const auto force = operators.constant(0, [&](std::span<double> f) { write_forcing(operators, f); });
    for (std::size_t i = 0; i < rate.size(); ++i) rate[i] += force[i];
  }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    if (!complaint(domain).empty() || !forcing_.empty()) return std::nullopt;
    const double kx = wavenumber(domain.axes[0], 1), ky = wavenumber(domain.axes[1], 1);
    return [=, rate = nu_ * (kx * kx + ky * ky) + drag_](double t, std::span<const double> x,
                                                         std::span<double> w) {
      w[0] = std::exp(-rate * t) * std::sin(kx * x[0] + 0.3) * std::sin(ky * x[1] + 0.7);
    };
  }
  // Shifts along which the forcing does not change.
  std::vector<Symmetry> symmetries(const Domain& domain) const override {
    std::vector<Symmetry> all;
    for (const auto& [x, y] : {std::pair{1, 0}, {0, 1}, {1, 1}, {1, -1}}) {
      bool unchanged = forcing_.empty() ? x * y == 0 : true;  // without forcing, the axes generate the others
      for (const auto& row : forcing_) {
        const double phase = row[2] * x * domain.axes[0].spacing() + row[3] * y * domain.axes[1].spacing();
        unchanged = unchanged && std::abs(std::sin(phase / 2)) < 1e-9;
      }
      if (unchanged) all.push_back({{x, y, 0}, {}, {}});
    }
    return all;
  }
  bool is_chaotic() const override { return !forcing_.empty(); }

 private:
  // Waves of less than three points are not resolved by either discretisation.
  static std::string forcing_complaint(const Domain& domain, const std::vector<double>& row) {
    if (auto text = mode_complaint(domain, row); !text.empty()) return text;
    for (int axis : {0, 1})
      if (std::abs(row[2 + axis]) * domain.axes[axis].length * 3 >=
          2 * std::numbers::pi * domain.axes[axis].points)
        return fmt::format("wave number {} needs more points along axis {}", row[2 + axis],
                           domain.axes[axis].name);
    if (row[2] == 0 && row[3] == 0) return "a constant is no forcing of a periodic flow";
    return "";
  }
  void write_forcing(const Operators& operators, std::span<double> f) const {
    std::vector<Mode> modes;
    for (const auto& row : forcing_) modes.push_back({row[0], row[1], {row[2], row[3], 0}});
    for (std::size_t i = 0; i < f.size(); ++i) {
      const std::array<double, 2> x{operators.coordinates(0)[i], operators.coordinates(1)[i]};
      f[i] = evaluate(operators.domain(), modes, x);
    }
  }

  double nu_ = 1e-3;
  double drag_ = 0;
  std::vector<std::vector<double>> forcing_;
};

}  // namespace

void register_navier_stokes(SystemRegistry& registry) {
  registry.add("navier_stokes", "w_t + u.grad w = nu Lap w - drag w + f, 2-D",
               [] { return std::make_unique<NavierStokes>(); });
}

}  // namespace hypercast::pde
