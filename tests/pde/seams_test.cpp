// What forecasts use of the solver: rates of change and matrix-free least squares.

#include "pde/least_squares.hpp"
#include "pde/rate_of_change.hpp"
#include "problem.hpp"

using namespace hypercast;
using namespace hypercast::pde;

namespace {

using Seams = Solving;

// F of the exact solution against its difference quotient in time.
void expect_rates_of_exact(const std::string& name, int dims, const Discretisation& discretisation,
                           double tolerance) {
  const auto system = make(name);
  const Domain domain = box(dims, 48, Boundary::periodic);
  const auto exact = system->exact(domain).value();
  const auto at = [&](double s) { return sample(domain, at_time(exact, s)); };
  const double t = 0.3, h = 1e-4;
  const auto before = at(t - h), after = at(t + h);
  std::vector<double> expected(before.size()), rates(before.size());
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = (after[i] - before[i]) / (2 * h);
  RateOfChange rate(test_world(), *system, domain, discretisation);
  rate.evaluate_frame(t, at(t), rates);
  EXPECT_LT(relative_max(rates, expected), tolerance) << name << " " << to_text(discretisation);
}

}  // namespace

TEST_F(Seams, RatesAreThoseOfExactSolutions) {
  expect_rates_of_exact("burgers", 1, fourier(), 1e-6);
  expect_rates_of_exact("burgers", 2, fourier(), 1e-6);
  expect_rates_of_exact("burgers", 2, differences(6), 2e-3);
  expect_rates_of_exact("advection_diffusion", 1, differences(6), 2e-3);
  expect_rates_of_exact("heat", 2, differences(4), 2e-3);
}

TEST_F(Seams, RatesOfABlockAreThoseOfTheFrame) {
  const auto system = make("gray_scott");
  const Domain domain = box(2, 32, Boundary::periodic);
  const int extents[] = {32, 32};
  std::vector<double> frame(2 * 32 * 32);
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = std::sin(0.37 * static_cast<double>(i));
  for (const auto& discretisation : {fourier(), differences(2)}) {
    RateOfChange rate(test_world(), *system, domain, discretisation);
    std::vector<double> whole(frame.size()), mine(rate.block().points() * 2), rates(mine.size()),
        expected(mine.size());
    rate.evaluate_frame(0, frame, whole);
    scatter(frame, extents, rate.block(), mine);
    scatter(whole, extents, rate.block(), expected);
    rate.evaluate(0, mine, rates);
    EXPECT_EQ(rates, expected);
    EXPECT_EQ(test_world().sum(static_cast<std::int64_t>(rate.block().points())), 32 * 32);
  }
}

TEST_F(Seams, AGridThatCannotBeCutIsLeftToFewerRanks) {
  const auto system = make("heat");
  for (const auto& discretisation : {fourier(), differences(6)}) {
    const Domain domain = box(1, 8, Boundary::periodic);
    RateOfChange rate(test_world(), *system, domain, discretisation);
    std::vector<double> frame(8, 1.0), rates(8, 7.0);
    rate.evaluate_frame(0, frame, rates);
    for (const double r : rates) EXPECT_NEAR(r, 0, 1e-12);
  }
  const Domain tiny = box(1, 3, Boundary::periodic);
  EXPECT_THROW(RateOfChange(test_world(), *system, tiny, differences(6)), UserError);
}

namespace {

// A random matrix of 60 x `unknowns`, its rows shared out over the ranks.
struct Example {
  explicit Example(std::size_t unknowns)
      : share(share_of(60, test_world().rank(), test_world().size())), n(unknowns) {
    const Random random(1, Random::Purpose::test);
    for (std::size_t i = 0; i < 60 * n; ++i) a.push_back(random.normal(i));
    for (std::size_t i = 0; i < 60; ++i) b.push_back(random.normal(60 * n + i));
  }
  std::span<const double> row(std::size_t i) const { return std::span(a).subspan(i * n, n); }
  LinearMap map() const {
    const auto rows = static_cast<std::size_t>(share.size());
    return {rows, n,
            [this](std::span<const double> v, std::span<double> out) {
              for (auto i = share.begin; i < share.end; ++i) {
                out[i - share.begin] = 0;
                for (std::size_t k = 0; k < n; ++k) out[i - share.begin] += row(i)[k] * v[k];
              }
            },
            [this](std::span<const double> r, std::span<double> out) {
              std::fill(out.begin(), out.end(), 0.0);
              for (auto i = share.begin; i < share.end; ++i)
                for (std::size_t k = 0; k < n; ++k) out[k] += row(i)[k] * r[i - share.begin];
            }};
  }
  std::span<const double> mine() const { return std::span(b).subspan(share.begin, share.size()); }
  Range share;
  std::size_t n;
  std::vector<double> a, b;
};

}  // namespace

// The solution is where the gradient A^T (A x - b) + damping x vanishes.
TEST_F(Seams, LeastSquaresEndWhereTheGradientVanishes) {
  for (const std::size_t unknowns : {20, 90}) {  // more rows than unknowns, and fewer
    const Example example(unknowns);
    const double damping = 0.5;
    const auto solution =
        solve_least_squares(test_world(), example.map(), example.mine(), {damping, 1e-13, 500});
    EXPECT_TRUE(solution.converged);
    EXPECT_GT(solution.iterations, 5);
    double squares = 0;
    std::vector<double> gradient(unknowns), r(60);
    for (std::size_t i = 0; i < 60; ++i) {
      r[i] = -example.b[i];
      for (std::size_t k = 0; k < unknowns; ++k) r[i] += example.row(i)[k] * solution.x[k];
      squares += r[i] * r[i];
    }
    for (std::size_t k = 0; k < unknowns; ++k) {
      gradient[k] = damping * solution.x[k];
      for (std::size_t i = 0; i < 60; ++i) gradient[k] += example.row(i)[k] * r[i];
      EXPECT_NEAR(gradient[k], 0, 1e-9);
    }
    EXPECT_NEAR(solution.residual, std::sqrt(squares), 1e-12);
  }
}

TEST_F(Seams, LeastSquaresSayWhenIterationsRanOut) {
  const Example example(20);
  const auto solution = solve_least_squares(test_world(), example.map(), example.mine(), {0, 1e-13, 3});
  EXPECT_FALSE(solution.converged);
  EXPECT_EQ(solution.iterations, 3);
}
