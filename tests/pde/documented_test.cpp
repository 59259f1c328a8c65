// The equation that src/README.md shows how to add, compiled as it stands there (tests/CMakeLists.txt).

#include "pde/registry.hpp"
#include "problem.hpp"

namespace hypercast::pde {

void register_documented(SystemRegistry& registry);

namespace {

using DocumentedTest = Solving;

TEST_F(DocumentedTest, EquationOfTheManualIsSolved) {
  SystemRegistry registry("equation");
  register_documented(registry);
  const auto system = registry.find("fisher").make();
  // Where all of space is alike, u follows the logistic curve.
  const ExactSolution logistic = [](double t, std::span<const double>, std::span<double> u) {
    u[0] = 1 / (1 + 3 * std::exp(-t));
  };
  const auto error = [&](Boundary boundary, const Discretisation& how, const char* integrator) {
    const Domain domain = box(1, 16, boundary);
    const auto time = until(2, 200, integrator, "");
    const auto end = solve_to_end(Comm::self(), *system, domain, how, time, at_time(logistic, 0));
    return relative_l2(end, sample(domain, at_time(logistic, 2)));
  };
  EXPECT_LT(error(Boundary::periodic, fourier(), "etdrk4"), 1e-9);
  EXPECT_LT(error(Boundary::neumann, differences(6), "arkimex"), 1e-7);
}

}  // namespace
}  // namespace hypercast::pde
