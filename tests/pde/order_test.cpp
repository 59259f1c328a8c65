// Conformance: every registered equation with an exact solution converges at the order it was asked for, in
// space and in time.

#include <iostream>

#include "problem.hpp"

namespace hypercast::pde {
namespace {

// One rank solves: many ranks give the numbers of one (ranks_test.cpp).
class Order : public Solving {};

void report(const std::string& what, double nominal, double observed) {
  std::cout << "  " << what << ": nominal " << nominal << " observed " << observed << "\n";
}

// Points of the coarser grid: errors well above rounding, grids small enough to be quick.
int coarse_points(int dims, int order, Boundary boundary) {
  if (dims == 3) return 16;
  if (boundary != Boundary::periodic && order == 6) return 20;
  if (dims == 2) return order == 2 ? 24 : 40;
  return order == 6 ? 48 : 32;
}

void check_space_order(const std::string& name, int dims, Boundary boundary, int order, double tolerance) {
  const auto system = make(name);
  const int coarse = coarse_points(dims, order, boundary);
  const double length = boundary == Boundary::periodic ? 2 * std::numbers::pi : 1.0;
  const auto domain = [&](int points) {
    const int extra = boundary == Boundary::dirichlet ? 1 : 0;
    return box(dims, points + extra, boundary, length);
  };
  if (!system->complaint(domain(coarse)).empty() || !system->exact(domain(coarse)) ||
      !order_complaint(*system, domain(coarse), order).empty())
    return;
  // RK of order 8 well inside its stability region: the error in time does not count.
  const auto error = [&](int points) {
    const double end = boundary == Boundary::periodic ? 0.5 : 0.1;
    const double step = std::min(0.1, 3 / stiffness(*system, domain(points)));
    return exact_error(Comm::self(), *system, domain(points), differences(order),
                       until(end, static_cast<int>(std::ceil(end / step)), "rk", "8vr"));
  };
  const double observed = std::log2(error(coarse) / error(2 * coarse));
  const auto what = name + " " + std::to_string(dims) + "-D " + to_text(boundary);
  report(what, order, observed);
  EXPECT_NEAR(observed, order, tolerance) << what << " order " << order;
}

TEST_F(Order, SpacePeriodic) {
  if (elsewhere()) return;
  for (const auto& name : systems().names())
    for (int dims : {1, 2})
      for (int order : {2, 4, 6}) check_space_order(name, dims, Boundary::periodic, order, 0.2);
}

TEST_F(Order, SpaceAtWalls) {
  if (elsewhere()) return;
  for (const auto& name : systems().names())
    for (int dims : {1, 2})
      for (const auto boundary : {Boundary::dirichlet, Boundary::neumann})
        for (int order : {2, 4, 6}) check_space_order(name, dims, boundary, order, 0.2);
}

TEST_F(Order, SpaceInThreeDimensions) {
  if (elsewhere()) return;
  for (const auto& name : systems().names()) check_space_order(name, 3, Boundary::periodic, 4, 0.3);
}

// Against a much finer step on the same grid, so that only the error in time is seen.
void check_time_order(const std::string& name, const std::string& integrator, const std::string& method,
                      double nominal, int steps) {
  const auto system = make(name);
  const Domain domain = least_box(*system, 32);
  const State state = smooth_state(*system);
  const double end = short_time(*system, domain, state, 1);
  const double stiff = stiffness(*system, domain) * end;
  if (integrator == "rk" && stiff / steps > 3) return;  // unstable
  if (stiff > 1000) steps *= 4;                         // very stiff parts show their order late
  const auto solution = [&](int n) {
    return solve_to_end(Comm::self(), *system, domain, differences(4), until(end, n, integrator, method),
                        state);
  };
  const auto reference = solution(16 * steps);
  const double observed =
      std::log2(relative_l2(solution(steps), reference) / relative_l2(solution(2 * steps), reference));
  report(name + " " + integrator + " " + method, nominal, observed);
  EXPECT_NEAR(observed, nominal, 0.2) << name << " " << integrator << " " << method;
}

TEST_F(Order, Time) {
  if (elsewhere()) return;
  for (const auto& name : systems().names()) {
    check_time_order(name, "rk", "4", 4, 20);
    check_time_order(name, "arkimex", "3", 3, 20);
    check_time_order(name, "arkimex", "4", 4, 20);
  }
}

// The first-order ones are the worst: 1 % with 200 steps.
TEST_F(Order, EveryMethodThatIsOfferedWorks) {
  const auto system = make("burgers");
  const Domain domain = box(1, 32, Boundary::periodic);
  for (const auto& family : integrators())
    for (const auto& method : family.methods.empty() ? std::vector<std::string>{""} : family.methods) {
      const auto how = family.linear == Integrator::Linear::by_modes ? fourier() : differences(6);
      const double error =
          exact_error(Comm::self(), *system, domain, how, until(1, 200, family.name, method));
      EXPECT_LT(error, 1e-2) << family.name << " " << method;
    }
}

TEST_F(Order, OtherImplicitFamilies) {
  if (elsewhere()) return;
  check_time_order("burgers", "rosw", "ra34pw2", 3, 20);
  check_time_order("burgers", "cn", "", 2, 20);
  check_time_order("burgers", "bdf", "2", 2, 80);
}

}  // namespace
}  // namespace hypercast::pde
