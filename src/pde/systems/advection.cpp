// Advection with a constant velocity  u_t + c.grad u = 0.
//
//   [pde.advection]
//   velocity = [1.0]       # one number for all axes, or one an axis; 0 along axes with walls
//
// Exact: any wave that travels with c; here sin(sum over periodic axes of 2 pi x_i / L_i + 0.3), times one
// half period of sine or cosine along axes with walls, at x - c t.

#include "pde/initial.hpp"
#include "pde/registry.hpp"
#include "pde/terms.hpp"

namespace hypercast::pde {

namespace {

class Advection final : public System {
 public:
  void describe(Section& s) override {
    s.about("Advection with a constant velocity u_t + c.grad u = 0.");
    s.key("velocity", velocity_, "c: one number for all axes, or one an axis; 0 along axes with walls");
  }
  std::string complaint(const Domain& domain) const override {
    if (auto text = velocity_complaint(velocity_, domain); !text.empty()) return text;
    if (!walls_are_still(velocity_, domain))
      return "advection goes through no wall: the axis must be periodic, or its velocity 0";
    return "";
  }
  bool reflects_at_walls(const Domain&) const override { return true; }
  std::vector<LinearTerm> linear(int dims) const override { return advection(per_axis(velocity_, dims)); }
  bool is_linear() const override { return true; }
  std::optional<ExactSolution> exact(const Domain& domain) const override {
    Mode mode{1.0, 0.3, {}};
    for (int a = 0; a < domain.dims(); ++a) mode.k[a] = wavenumber(domain.axes[a], 1);
    const double base = domain.has_any(Boundary::dirichlet) ? domain.wall_value : 0.0;
    return [=, c = per_axis(velocity_, domain.dims())](double t, std::span<const double> x,
                                                       std::span<double> u) {
      std::array<double, 3> origin{};
      for (std::size_t a = 0; a < x.size(); ++a) origin[a] = x[a] - c[a] * t;
      u[0] = base + evaluate(domain, std::span(&mode, 1), std::span(origin).first(x.size()));
    };
  }

 private:
  std::vector<double> velocity_{1.0};
};

}  // namespace

void register_advection(SystemRegistry& registry) {
  registry.add("advection", "u_t + c.grad u = 0", [] { return std::make_unique<Advection>(); });
}

}  // namespace hypercast::pde
