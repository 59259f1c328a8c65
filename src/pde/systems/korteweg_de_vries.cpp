// Korteweg-de Vries equation  u_t + a u u_x + b u_xxx = 0  on a periodic line.
//
//   [pde.korteweg_de_vries]
//   nonlinearity = 6.0     # a
//   dispersion = 1.0       # b
//
// The nonlinear term is a (u u_x + (u^2)_x) / 3, so that finite differences keep the momentum, the mean of
// u^2, as the equation does.
//
// Exact (D. J. Korteweg, G. de Vries, Phil. Mag. 39 (1895)), for a = 6 and b = 1: the cnoidal wave of one
// period,  u = 2 m q^2 cn^2(q (x - s t) | m),  s = 4 (2m - 1) q^2,  q = 2 K(m) / L.  As m goes to 1 it
// becomes the soliton 2 q^2 sech^2(q (x - 4 q^2 t)).

#include "pde/elliptic.hpp"
#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class KortewegDeVries final : public System {
 public:
  void describe(Section& s) override {
    s.about("Korteweg-de Vries equation u_t + a u u_x + b u_xxx = 0.");
    s.key("nonlinearity", a_, "a").above(0);
    s.key("dispersion", b_, "b").above(0);
  }
  std::string complaint(const Domain& domain) const override {
    return domain.dims() == 1 && domain.is_periodic() ? "" : "korteweg_de_vries needs one periodic axis";
  }
  std::vector<LinearTerm> linear(int) const override { return {term(-b_, 0, 3)}; }
  void rhs(double, Operators& operators, Fields u, Rates dudt) const override {
    const auto square = operators.scratch(0), slope = operators.scratch(1);
    const auto values = u[0]->values();
    for (std::size_t i = 0; i < square.size(); ++i) square[i] = values[i] * values[i];
    operators.add_derivative(*operators.operand(square), 0, 1, -a_ / 3, dudt[0]);
    operators.derivative(*u[0], 0, 1, slope);
    for (std::size_t i = 0; i < slope.size(); ++i) dudt[0][i] -= a_ / 3 * values[i] * slope[i];
  }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    if (!complaint(domain).empty()) return std::nullopt;
    constexpr double m = 0.9;
    const double q = 2 * complete_elliptic_k(m) / domain.axes[0].length;
    const double height = 6 * b_ / a_ * 2 * m * q * q, speed = b_ * 4 * (2 * m - 1) * q * q;
    return [=](double t, std::span<const double> x, std::span<double> u) {
      const double cn = jacobi(q * (x[0] - speed * t), m).cn;
      u[0] = height * cn * cn;
    };
  }

 private:
  double a_ = 6;
  double b_ = 1;
};

}  // namespace

void register_korteweg_de_vries(SystemRegistry& registry) {
  registry.add("korteweg_de_vries", "u_t + a u u_x + b u_xxx = 0, 1-D",
               [] { return std::make_unique<KortewegDeVries>(); });
}

}  // namespace hypercast::pde
