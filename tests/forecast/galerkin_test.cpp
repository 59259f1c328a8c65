// Weights that follow an equation: time stepping, least squares, and whole runs against exact solutions.

#include "forecast/galerkin/code_space.hpp"
#include "forecast/galerkin/draw.hpp"
#include "forecast/galerkin/evolution.hpp"
#include "forecast/galerkin/polish.hpp"
#include "forecast/galerkin/weight_space.hpp"
#include "galerkin_bench.hpp"

using namespace hypercast;
using namespace hypercast::forecast;
using namespace hypercast::galerkin_test;

// q' = cos(t) q, a pair of rotating numbers beside it.
TEST(RungeKutta, HasItsOrderAndAnEstimateOfItsError) {
  const Rate rate = [](double t, std::span<const double> q) {
    return Buffer<double>{std::cos(t) * q[0], -2 * q[2], 2 * q[1]};
  };
  const auto solve = [&](const Tableau& method, int steps) {
    Buffer<double> q{1, 1, 0};
    for (int k = 0; k < steps; ++k) {
      const double t = 1.0 * k / steps;
      q = take_step(method, rate, t, 1.0 / steps, q, rate(t, q)).end;
    }
    return std::hypot(q[0] - std::exp(std::sin(1.0)), q[1] - std::cos(2.0), q[2] - std::sin(2.0));
  };
  for (const auto& name : tableau_names()) {
    const auto& method = tableau(name);
    const double order = std::log2(solve(method, 16) / solve(method, 32));
    EXPECT_NEAR(order, method.order, 0.35) << name;
    if (!method.estimates()) continue;
    const auto estimate = [&](double h) {
      const Buffer<double> q{1, 1, 0};
      const auto step = take_step(method, rate, 0, h, q, rate(0, q));
      return std::hypot(step.error[0], step.error[1], step.error[2]);
    };
    EXPECT_NEAR(std::log2(estimate(0.1) / estimate(0.05)), method.order, 0.35) << name;
  }
}

TEST(Draw, IsOfDifferentPointsAndNewAtEachStep) {
  const auto first = draw_points(1000, 100, 7, 0);
  ASSERT_EQ(first.size(), 100u);
  for (std::size_t i = 1; i < first.size(); ++i) EXPECT_LT(first[i - 1], first[i]);
  EXPECT_LT(first.back(), 1000u);
  EXPECT_EQ(first, draw_points(1000, 100, 7, 0));
  EXPECT_NE(first, draw_points(1000, 100, 7, 1));
  EXPECT_NE(first, draw_points(1000, 100, 8, 0));
  std::vector<int> hits(20);
  for (std::uint32_t step = 0; step < 2000; ++step)
    for (const auto point : draw_points(20, 5, 1, step)) ++hits[point];
  for (const int n : hits) EXPECT_NEAR(n, 500, 5 * std::sqrt(500.0));
  EXPECT_EQ(draw_points(5, 5, 1, 1), (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

// The minimum is where the gradient J^T (J v - f) + m lambda v vanishes, for both solvers and both shapes.
TEST_F(GalerkinRun, ProjectionsEndWhereTheGradientVanishes) {
  for (const int points : {40, 300}) {  // 193 unknowns
    const Bench bench(test_world(), siren, points);
    const auto theta = bench.start(1);
    WeightSpace space(bench.inr, theta, 0);
    Buffer<double> x(points * space.inputs()), f(points), rest(points), gradient(space.unknowns());
    hyper::Coordinates::of(bench.facts.axes).embed<double>(hyper::grid_points(bench.facts.axes), x);
    for (int i = 0; i < points; ++i) f[i] = std::cos(3 * 2 * M_PI * i / points) + 0.3;
    for (const std::string solver : {"dense", "lsqr"}) {
      Projection projection(bench.room.context, space, {solver, 1e-4, 1e-12, 2000});
      const auto velocity = projection.project(theta, x, f);
      space.multiply(theta, x, velocity.v, rest);
      double squares = 0, size = 0;
      for (int i = 0; i < points; ++i) {
        rest[i] -= f[i];
        squares += rest[i] * rest[i];
      }
      space.multiply_transposed(theta, x, f, gradient);
      for (const double g : gradient) size = std::max(size, std::abs(g));
      space.multiply_transposed(theta, x, rest, gradient);
      for (std::size_t k = 0; k < gradient.size(); ++k)
        EXPECT_NEAR(gradient[k] + 1e-4 * points * velocity.v[k], 0, 1e-7 * size) << solver << " " << points;
      EXPECT_NEAR(velocity.residual, std::sqrt(squares / points), 1e-9);
      EXPECT_GT(velocity.relative(), 1e-5);
    }
  }
}

// A matrix that is not positive definite, and iterations that run out.
TEST_F(GalerkinRun, AProjectionThatFailsSaysSo) {
  const Bench bench(test_world(), siren, 40);
  const auto theta = bench.start(1);
  WeightSpace space(bench.inr, theta, 0);
  Buffer<double> x(40 * space.inputs()), f(40, 1.0);
  hyper::Coordinates::of(bench.facts.axes).embed<double>(hyper::grid_points(bench.facts.axes), x);
  Projection dense(bench.room.context, space, {"dense", -1e6});
  const auto velocity = dense.project(theta, x, f);
  EXPECT_TRUE(std::isnan(velocity.residual));
  ASSERT_EQ(velocity.v.size(), space.unknowns());
  for (const double v : velocity.v) EXPECT_TRUE(std::isnan(v));
  for (const int iterations : {1, 2000}) {
    Projection lsqr(bench.room.context, space, {"lsqr", 1e-4, 1e-10, iterations});
    EXPECT_EQ(lsqr.project(theta, x, f).converged, iterations == 2000);
  }
}

TEST_F(GalerkinRun, APolishedStartFitsItsFrame) {
  Bench bench(test_world(), siren);
  const auto theta = bench.start(2);
  WeightSpace space(bench.inr, theta, 0);
  const auto system = pde::systems().find("heat").make();
  pde::RateOfChange rate(test_world(), *system, domain_of(32), pde::fourier());
  GridField grid(bench.room.context, space, bench.facts, rate);
  Projection projection(bench.room.context, space, {});
  auto frame = grid.field(theta);
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] += 0.05 * std::sin(2 * M_PI * i / 32.0 + 1);
  const auto fit = polish(grid, projection, theta, frame, 30, 1e-3);
  EXPECT_GT(fit.before, 0.01);
  EXPECT_LT(fit.after, 1e-3 * fit.before);
  EXPECT_NEAR(relative_l2(grid.field(fit.q), frame), fit.after, 1e-12);
  EXPECT_EQ(polish(grid, projection, theta, frame, 0, 1e-3).q, theta);
}

// Of waves the velocity is exact, so only the error in time remains: u = sum of A_k e^{-nu k^2 t} cos(k (x -
// c t) + p).
TEST_F(GalerkinRun, AdvectionAndDiffusionOfWavesAreExact) {
  Bench bench(test_world(), waves);
  const auto theta = bench.start(3);
  const auto system = pde::systems().find("advection_diffusion").make();
  ASSERT_EQ(pde::set_parameter(*system, "diffusivity", 0.05), "");  // the velocity is 1
  pde::RateOfChange rate(test_world(), *system, domain_of(32), pde::fourier());
  WeightSpace space(bench.inr, theta, 0);
  GridField grid(bench.room.context, space, bench.facts, rate);
  // The exact solution, through the Fourier coefficients of the start.
  const auto start = grid.field(theta);
  const auto exact = [&](double t) {
    std::vector<double> u(32);
    for (int k = -15; k <= 15; ++k) {
      double re = 0, im = 0;
      for (int i = 0; i < 32; ++i) {
        re += start[i] * std::cos(2 * M_PI * k * i / 32) / 32;
        im -= start[i] * std::sin(2 * M_PI * k * i / 32) / 32;
      }
      const double damping = std::exp(-0.05 * k * k * t);
      for (int i = 0; i < 32; ++i) {
        const double phase = k * (2 * M_PI * i / 32 - t);
        u[i] += damping * (re * std::cos(phase) - im * std::sin(phase));
      }
    }
    return u;
  };
  for (const char* method : {"bogacki_shampine", "dormand_prince", "rk4"})
    for (const int points : {0, 16}) {  // 9 unknowns
      GalerkinOptions options;
      options.method = method;
      options.points = points;
      options.regularisation = 1e-14;
      options.step = options.method == "rk4" ? 0.01 : 0;
      Projection projection(bench.room.context, space, {"dense", options.regularisation});
      const auto evolution = evolve(bench.room.context, grid, projection, theta, 1.0, 2.0, options);
      EXPECT_EQ(evolution.stall, "");
      EXPECT_EQ(evolution.knots.back().time, 2.0);
      EXPECT_LT(relative_l2(grid.field(evolution.at(2.0)), exact(1.0)), 1e-4) << method << " " << points;
      EXPECT_LT(relative_l2(grid.field(evolution.at(1.437)), exact(0.437)), 1e-4)
          << method << " between knots";
      for (const auto& step : evolution.steps) EXPECT_LT(step.residual, 1e-6);
    }
}

// Burgers' equation from a SIREN.
TEST_F(GalerkinRun, TheDenseSolverGivesTheSameBitsOnAnyRanks) {
  Bench together(test_world(), siren), alone(Comm::self(), siren);
  const auto system = pde::systems().find("burgers").make();
  const auto run = [&](Bench& bench, const std::string& solver) {
    const auto theta = bench.start(4);
    WeightSpace space(bench.inr, theta, 0);
    pde::RateOfChange rate(bench.room.comm, *system, domain_of(32), pde::differences(6));
    GridField grid(bench.room.context, space, bench.facts, rate);
    GalerkinOptions options;
    options.points = 20;
    options.tolerance = 1e-4;
    options.regularisation = 1e-6;
    Projection projection(bench.room.context, space, {solver, options.regularisation, 1e-9, 400});
    const auto evolution = evolve(bench.room.context, grid, projection, theta, 0, 0.1, options);
    EXPECT_EQ(evolution.stall, "");
    EXPECT_GT(evolution.steps.size(), 2u);
    return evolution.knots.back().q;
  };
  const auto q = run(alone, "dense");
  EXPECT_EQ(run(together, "dense"), q);
  EXPECT_LT(relative_l2(run(together, "lsqr"), q), 1e-3);
}

// Two waves cannot follow sin x, which makes sin 2x and sin 3x.
TEST_F(GalerkinRun, WhatCannotFollowStallsWithItsResidual) {
  Bench bench(test_world(), "[inr]\nname = \"fourier\"\n[inr.fourier]\nmax_wavenumber = 1\ndepth = 0\n");
  const auto theta = bench.start(5);
  const auto system = pde::systems().find("burgers").make();
  pde::RateOfChange rate(test_world(), *system, domain_of(32), pde::fourier());
  WeightSpace space(bench.inr, theta, 0);
  GridField grid(bench.room.context, space, bench.facts, rate);
  Projection projection(bench.room.context, space, {});
  GalerkinOptions options;
  auto evolution = evolve(bench.room.context, grid, projection, theta, 1, 2, options);
  EXPECT_NE(evolution.stall.find("stalled at t = 1: the weights can follow only part"), std::string::npos)
      << evolution.stall;
  EXPECT_TRUE(evolution.steps.empty());
  options.most_residual = 2;  // let it go on; the steps that this tolerance asks for are too short
  options.tolerance = 1e-14;
  options.least_step = 1e-2;
  evolution = evolve(bench.room.context, grid, projection, theta, 1, 2, options);
  EXPECT_NE(evolution.stall.find("is too long for galerkin.tolerance"), std::string::npos) << evolution.stall;
  options.method = "rk4";
  options.step = 1e3;
  evolution = evolve(bench.room.context, grid, projection, theta, 0, 1e6, options);
  EXPECT_NE(evolution.stall.find("otherwise by the trapezoidal rule"), std::string::npos) << evolution.stall;
  options.step = 1e300;
  evolution = evolve(bench.room.context, grid, projection, theta, 0, 1e305, options);
  EXPECT_NE(evolution.stall.find("not finite"), std::string::npos) << evolution.stall;
}

namespace {

// A model of codes of three numbers, on a grid of `points` points.
hyper::Model<double> model_of_codes(const std::string& head, int points) {
  Schema schema;
  hyper::add_model_sections(schema);
  const Deck deck(schema,
                  std::string(siren) + "[condition]\nencoder = \"code\"\n[condition.code]\nsize = 3\n" +
                      "[hypernetwork]\ninit_scale = 1.0\n" + head,
                  "test.toml");
  auto facts = facts_of(points);
  facts.condition = hyper::Condition::code;
  return hyper::make_model<double>(deck, facts);
}

// Of a field affine in its code and of one that is not.
const std::string heads[] = {"head = \"last_layer\"\ndepth = 0\n", "head = \"full\"\nwidth = 6\ndepth = 1\n"};

}  // namespace

TEST(CodeSpace, ItsJacobianIsTheDerivativeOfTheField) {
  for (const auto& head : heads) {
    const auto model = model_of_codes(head, 32);
    const auto phi = model.initial(1);
    CodeSpace space(model, phi, {});
    ASSERT_EQ(space.unknowns(), 3u);
    Buffer<double> x(32 * space.inputs()), rows(32 * 3), product(32), before(32), after(32), back(3);
    model.coordinates.embed<double>(hyper::grid_points(model.facts.axes), x);
    for (const Buffer<double>& z : {Buffer<double>{0.3, -0.2, 0.5}, Buffer<double>{-0.1, 0.4, 0.2}}) {
      const Buffer<double> v{0.7, 0.2, -0.4};
      Buffer<double> less = z, more = z;
      constexpr double h = 1e-4;
      for (int k = 0; k < 3; ++k) {
        less[k] -= h * v[k];
        more[k] += h * v[k];
      }
      space.field(less, x, before);
      space.field(more, x, after);
      space.jacobian(z, x, rows);
      space.multiply(z, x, v, product);
      space.multiply_transposed(z, x, product, back);
      double expected[3] = {};
      for (int i = 0; i < 32; ++i) {
        EXPECT_NEAR(product[i], (after[i] - before[i]) / (2 * h), 1e-6) << head;
        EXPECT_NEAR(product[i], rows[3 * i] * v[0] + rows[3 * i + 1] * v[1] + rows[3 * i + 2] * v[2], 1e-10);
        for (int k = 0; k < 3; ++k) expected[k] += rows[3 * i + k] * product[i];
      }
      for (int k = 0; k < 3; ++k) EXPECT_NEAR(back[k], expected[k], 1e-9);
      EXPECT_GT(std::abs(expected[0]) + std::abs(expected[1]), 1e-3);
    }
  }
}

// However the points are shared out in whole blocks, and however many sets of them have been asked for.
TEST(CodeSpace, AnyRunOfBlocksHasTheSameBits) {
  for (const auto& head : heads) {
    const auto model = model_of_codes(head, 300);
    const auto phi = model.initial(1);
    CodeSpace space(model, phi, {});
    const std::size_t width = space.inputs(), block = hyper::point_block;
    Buffer<double> x(300 * width), rows(300 * 3), part(300 * 3), u(300), some(300);
    model.coordinates.embed<double>(hyper::grid_points(model.facts.axes), x);
    for (const Buffer<double>& z : {Buffer<double>{0.3, -0.2, 0.5}, Buffer<double>{-0.1, 0.4, 0.2}}) {
      space.jacobian(z, x, rows);
      space.field(z, x, u);
      for (const auto& [begin, end] : {std::pair<std::size_t, std::size_t>{0, block},
                                       {block, 2 * block},
                                       {2 * block, 300},
                                       {0, 2 * block},
                                       {block, 300}}) {
        const std::size_t n = end - begin;
        const auto places = std::span<const double>(x).subspan(begin * width, n * width);
        space.jacobian(z, places, std::span(part).first(n * 3));
        space.field(z, places, std::span(some).first(n));
        EXPECT_TRUE(std::equal(part.begin(), part.begin() + 3 * n, rows.begin() + 3 * begin)) << begin;
        EXPECT_TRUE(std::equal(some.begin(), some.begin() + n, u.begin() + begin)) << begin << " field";
      }
    }
  }
}
