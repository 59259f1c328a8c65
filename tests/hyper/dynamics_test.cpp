#include "hyper/dynamics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "../nn/gradient_check.hpp"
#include "hyper/code_path.hpp"
#include "hyper/propagator.hpp"
#include "hyper/rollout.hpp"
#include "hyper/runge_kutta_dynamics.hpp"
#include "hyper/symmetries.hpp"

using namespace hypercast;
using namespace hypercast::hyper;

namespace {

Buffer<double> normals(std::size_t count, std::uint32_t stream, double size = 1) {
  Buffer<double> values(count);
  const Random random(3, Random::Purpose::test, stream);
  for (std::size_t i = 0; i < count; ++i) values[i] = size * random.normal(i);
  return values;
}

// Trajectories of a linear flow, a frame every unit of time.
struct LinearFlow {
  static constexpr std::size_t count = 24, frames = 6, d = 3;
  std::vector<float> codes, mu;

  explicit LinearFlow(std::size_t parameters) {
    for (std::size_t s = 0; s < count; ++s) {
      if (parameters > 0) mu.push_back(static_cast<float>(2.0 * s / (count - 1) - 1));
      const auto start = normals(d, static_cast<std::uint32_t>(s));
      for (std::size_t k = 0; k < frames; ++k)
        for (const double value : at(start, parameters > 0 ? mu[s] : 0, static_cast<double>(k)))
          codes.push_back(static_cast<float>(value));
    }
  }
  // A damped rotation of the first two and a relaxation of the third to a multiple of 1 + 0.2 mu, exactly.
  static std::vector<double> at(std::span<const double> y, double mu, double t) {
    const double decay = std::exp(-0.1 * t), angle = 0.9 * t;
    const double c = decay * std::cos(angle), s = decay * std::sin(angle), r = std::exp(-0.3 * t);
    return {c * y[0] - s * y[1], s * y[0] + c * y[1], r * y[2] + (1 - r) * (0.5 + 0.1 * mu)};
  }
  CodeSequences sequences() const { return {count, frames, d, mu.size() / count, codes, mu}; }
};

Schema dynamics_schema() {
  Schema schema;
  schema.add<DynamicsOptions>();
  add_dynamics_kinds(schema);
  return schema;
}

CodeScaling some_scaling(std::size_t d, std::size_t p) {
  CodeScaling scaling;
  scaling.mean.assign(d, 0.0);
  for (std::size_t i = 0; i < d; ++i) scaling.deviation.push_back(1.5 / (1.0 + static_cast<double>(i)));
  scaling.mu_mean.assign(p, 0.0);
  scaling.mu_scale.assign(p, 1.0);
  return scaling;
}

template <class Real>
DynamicsPtr<Real> dynamics_of(const std::string& kind, const CodeScaling& scaling, int rank = 0,
                              const std::string& method = "rk4") {
  const Schema schema = dynamics_schema();
  const Deck deck(schema,
                  "[dynamics]\nkind = \"" + kind +
                      "\"\n[dynamics.mlp]\nwidth = 7\nsubsteps = 2\nmethod = \"" + method +
                      "\"\n[dynamics.quadratic]\nmethod = \"" + method + "\"\nrank = " + std::to_string(rank),
                  "test");
  return make_dynamics<Real>(deck, scaling);
}

double weighted(const Dynamics<double>& f, std::span<const double> w, std::span<const double> y,
                std::span<const double> mu, double dt, std::span<const double> c) {
  Buffer<double> out(y.size()), tape(f.tape_size(y.size() / 3, dt));
  f.step(w, y, mu, dt, out, tape);
  double sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) sum += c[i] * out[i];
  return sum;
}

// dy/dt = (-y1, y0) (1 + mu) and nothing to learn.
class Rotation final : public nn::Function<double> {
 public:
  std::size_t inputs() const override { return 3; }
  std::size_t outputs() const override { return 2; }
  std::size_t params() const override { return 0; }
  std::vector<nn::Block> blocks() const override { return {}; }
  std::size_t tape_size(std::size_t) const override { return 0; }
  void initialise(std::span<double>, const Random&) const override {}
  void forward(std::span<const double>, std::span<const double> x, std::span<double> y,
               std::span<double>) const override {
    for (std::size_t b = 0; b < x.size() / 3; ++b) {
      y[2 * b] = -x[3 * b + 1] * (1 + x[3 * b + 2]);
      y[2 * b + 1] = x[3 * b] * (1 + x[3 * b + 2]);
    }
  }
  void backward(std::span<const double>, std::span<const double>, std::span<double>, std::span<const double>,
                std::span<double>, std::span<double>) const override {}
};

class Turning final : public RungeKuttaDynamics<double> {
 public:
  explicit Turning(int substeps, const std::string& method = "rk4")
      : RungeKuttaDynamics(std::make_unique<Rotation>(), 2, runge_kutta_named(method), substeps) {}
  void initialise(std::span<double>, const CodeSequences&, const Random&) const override {}
};

double turning_error(const std::string& method, int substeps, double dt) {
  const Turning dynamics(substeps, method);
  const Buffer<double> y{1, 0, 0, 2}, mu{0, 0.5};
  Buffer<double> out(4), tape(dynamics.tape_size(2, dt));
  dynamics.step({}, y, mu, dt, out, tape);
  return std::hypot(out[0] - std::cos(dt), out[1] - std::sin(dt)) +
         std::hypot(out[2] + 2 * std::sin(1.5 * dt), out[3] - 2 * std::cos(1.5 * dt));
}

}  // namespace

TEST(Dynamics, GradientsOfEveryKindAreThoseOfFiniteDifferences) {
  struct Case {
    std::string kind, method = "rk4";
    int rank = 0;
  };
  std::vector<Case> cases{{"quadratic", "rk4", 4}, {"mlp", "midpoint"}, {"mlp", "euler"}};
  for (const auto& kind : dynamics_registry().names()) cases.push_back({kind});
  for (const auto& [kind, method, rank] : cases)
    for (const std::size_t p : {0, 2})
      for (const double dt : {1.0, 2.0, 0.4, 1.3}) {
        const auto dynamics = dynamics_of<double>(kind, some_scaling(3, p), rank, method);
        Buffer<double> w = normals(dynamics->params(), 1, kind == "quadratic" ? 0.05 : 0.3);
        if (kind == "linear")  // away from negative eigenvalues, where the real part has a kink
          for (std::size_t i = 0; i < 3; ++i) w[i * (dynamics->params() / 3) + i] += 1.5;
        const auto y = normals(5 * 3, 2), mu = normals(5 * p, 3, 0.3), c = normals(5 * 3, 4);
        Buffer<double> out(y.size()), tape(dynamics->tape_size(5, dt)), dw(w.size()), dy(y.size());
        dynamics->step(w, y, mu, dt, out, tape);
        dynamics->step_backward(w, y, mu, dt, tape, c, dw, dy);
        const auto by_w = [&, &f = *dynamics](std::span<const double> at) {
          return weighted(f, at, y, mu, dt, c);
        };
        const auto by_y = [&, &f = *dynamics](std::span<const double> at) {
          return weighted(f, w, at, mu, dt, c);
        };
        EXPECT_LT(gradient_error(by_w, w, dw), 1e-7) << kind << " " << method << " p " << p << " dt " << dt;
        EXPECT_LT(gradient_error(by_y, y, dy), 1e-7) << kind << " " << method << " p " << p << " dt " << dt;
      }
}

TEST(Dynamics, QuadraticHoldsEveryProductOnce) {
  // dy0/dt = y0 y1 with y1 constant: y0 grows like exp(y1 t).
  const auto dynamics = dynamics_of<double>("quadratic", some_scaling(2, 0));
  ASSERT_EQ(dynamics->params(), 2u * 2 + 2 + 2 * 3);
  Buffer<double> w(dynamics->params());
  const double square = some_scaling(2, 0).deviation[0] * some_scaling(2, 0).deviation[0] +
                        some_scaling(2, 0).deviation[1] * some_scaling(2, 0).deviation[1];
  w[6 + 1] = square / 2;  // undoes the scaling of products to mean square one
  const Buffer<double> y{2, 0.3};
  Buffer<double> out(2), tape(dynamics->tape_size(1, 1));
  dynamics->step(w, y, {}, 1, out, tape);
  EXPECT_NEAR(out[0], 2 * std::exp(0.3), 1e-5);
  EXPECT_NEAR(out[1], 0.3, 1e-12);
}

TEST(Dynamics, BlocksTileTheParameters) {
  for (const auto& kind : dynamics_registry().names()) {
    const auto dynamics = dynamics_of<float>(kind, some_scaling(3, 1));
    std::size_t at = 0;
    for (const auto& block : dynamics->blocks()) {
      EXPECT_EQ(block.offset, at) << kind << " " << block.name;
      at += block.size();
    }
    EXPECT_EQ(at, dynamics->params()) << kind;
  }
}

TEST(Dynamics, EveryKindBeginsCloseToTheLinearFlow) {
  for (const std::size_t p : {0, 1}) {
    const LinearFlow flow(p);
    const auto sequences = flow.sequences();
    for (const auto& kind : dynamics_registry().names()) {
      const auto dynamics = dynamics_of<double>(kind, CodeScaling::of(sequences));
      Buffer<double> w(dynamics->params());
      dynamics->initialise(w, sequences, Random(1, Random::Purpose::weights));
      const Buffer<double> y{1, 0.5, -0.3}, mu(p, 0.0);
      Buffer<double> out(3), tape(dynamics->tape_size(1, 2.5));
      dynamics->step(w, y, mu, 2.5, out, tape);
      const auto truth = LinearFlow::at(y, 0, 2.5);
      for (int i = 0; i < 3; ++i) EXPECT_NEAR(out[i], truth[i], kind == "linear" ? 1e-5 : 0.1) << kind;
    }
  }
}

TEST(Dynamics, LinearFitFollowsPolynomialsOfItsParameters) {
  // A rotation by 0.8 + 0.3 mu0 + 0.1 mu1 a frame.
  const auto turn = [](std::span<const double> y, double mu0, double mu1) {
    const double angle = 0.8 + 0.3 * mu0 + 0.1 * mu1, c = std::cos(angle), s = std::sin(angle);
    return std::vector<double>{c * y[0] - s * y[1], s * y[0] + c * y[1]};
  };
  std::vector<float> codes, mu;
  for (std::uint32_t s = 0; s < 60; ++s) {
    const auto drawn = normals(4, s);
    mu.push_back(static_cast<float>(std::tanh(drawn[2])));
    mu.push_back(static_cast<float>(std::tanh(drawn[3])));
    std::vector<double> y{drawn[0], drawn[1]};
    for (int k = 0; k < 5; ++k, y = turn(y, mu[2 * s], mu[2 * s + 1]))
      for (const double value : y) codes.push_back(static_cast<float>(value));
  }
  const CodeSequences sequences{60, 5, 2, 2, codes, mu};
  const auto error = [&](const std::string& degree, std::size_t params) {
    const Schema schema = dynamics_schema();
    const std::string text = "[dynamics]\nkind = \"linear\"\n[dynamics.linear]\ndegree = " + degree;
    const auto dynamics = make_dynamics<double>(Deck(schema, text, "test"), CodeScaling::of(sequences));
    EXPECT_EQ(dynamics->params(), params);
    Buffer<double> w(dynamics->params());
    dynamics->initialise(w, sequences, Random(1, Random::Purpose::weights));
    const Buffer<double> y{0.6, -0.8, 0.6, -0.8}, unseen{0.5, -0.4, -0.7, 0.2};
    Buffer<double> out(4), tape(dynamics->tape_size(2, 1));
    dynamics->step(w, y, unseen, 1, out, tape);
    double most = 0;
    for (std::size_t b = 0; b < 2; ++b) {
      const auto truth = turn(std::span(y).first(2), unseen[2 * b], unseen[2 * b + 1]);
      for (std::size_t i = 0; i < 2; ++i) most = std::max(most, std::abs(out[2 * b + i] - truth[i]));
    }
    EXPECT_NEAR(*dynamics->growth(w, std::span(unseen).first(2)), 1, 2 * most + 1e-5);
    return most;
  };
  EXPECT_GT(error("1", 2 * 3 * 3), 5e-3);
  EXPECT_LT(error("2", 2 * 6 * 3), 4e-3);
  EXPECT_LT(error("4", 2 * 15 * 3), 1e-4);
}

TEST(Dynamics, LinearFitFollowsItsParameterAndTellsGrowth) {
  const LinearFlow flow(1);
  const auto sequences = flow.sequences();
  const auto dynamics = dynamics_of<double>("linear", CodeScaling::of(sequences));
  Buffer<double> w(dynamics->params());
  dynamics->initialise(w, sequences, Random(1, Random::Purpose::weights));
  const Buffer<double> y{0.2, -1, 0.7, 0.2, -1, 0.7}, mu{-0.8, 0.6};
  for (const double dt : {0.0, 0.25, 1.0, 3.0, -0.5}) {
    Buffer<double> out(6), tape(dynamics->tape_size(2, dt));
    dynamics->step(w, y, mu, dt, out, tape);
    for (std::size_t b = 0; b < 2; ++b) {
      const auto truth = LinearFlow::at(std::span(y).first(3), mu[b], dt);
      for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(out[3 * b + i], truth[i], 1e-5) << dt << " " << b;
    }
  }
  EXPECT_NEAR(*dynamics->growth(w, std::span(mu).first(1)), std::exp(-0.1), 1e-5);
  EXPECT_TRUE(dynamics->is_fitted());
  EXPECT_FALSE(dynamics_of<double>("mlp", CodeScaling::of(sequences))->growth(w, mu).has_value());
}

TEST(Dynamics, RungeKuttaMethodsHaveTheirOrderForAnyTime) {
  const std::vector<std::pair<std::string, int>> orders{{"rk4", 4}, {"midpoint", 2}, {"euler", 1}};
  for (const auto& [method, order] : orders)
    for (const double dt : {1.0, 0.75, 3.5}) {
      const int coarse = order == 1 ? 512 : 16;
      const double ratio = turning_error(method, coarse, dt) / turning_error(method, 2 * coarse, dt);
      EXPECT_NEAR(std::log2(ratio), order, 0.1) << method << " " << dt;
    }
}

TEST(Propagator, PowersOfMatrices) {
  const std::vector<double> shear{1, 1, 0, 1};  // not diagonalisable
  const auto half = real_exponential(matrix_logarithm(shear), 0.5);
  EXPECT_NEAR(half[0], 1, 1e-12);
  EXPECT_NEAR(half[1], 0.5, 1e-12);
  const std::vector<double> singular{0.5, 0, 0, 0};
  const auto one = real_exponential(matrix_logarithm(singular), 1);
  EXPECT_NEAR(one[0], 0.5, 1e-9);
  EXPECT_NEAR(one[3], 0, 1e-9);
  EXPECT_NEAR(spectral_radius(std::vector<double>{0, -2, 2, 0}), 2, 1e-12);
}

TEST(Propagator, TheRidgeIsChosenForSequencesNotFitted) {
  // Fewer pairs than unknowns and noise: without a ridge, rollouts fail.
  constexpr std::size_t count = 8, frames = 3, d = 20;
  std::vector<float> codes;
  for (std::size_t s = 0; s < count; ++s) {
    const auto y = normals(d, 50 + static_cast<std::uint32_t>(s));
    for (std::size_t k = 0; k < frames; ++k)
      for (std::size_t i = 0; i < d; ++i) codes.push_back(static_cast<float>(y[i] * std::pow(0.5, k)));
  }
  const auto fit = fit_propagator({count, frames, d, 0, codes, {}});
  EXPECT_LT(fit.held_out_error, 1.0);
  const LinearFlow flow(0);
  const auto exact = fit_propagator(flow.sequences());
  EXPECT_LT(exact.ridge, 1e-8);
  EXPECT_LT(exact.held_out_error, 1e-5);
}

TEST(CodeScaling, OneScaleForAllComponents) {
  const LinearFlow flow(1);
  const auto sequences = flow.sequences();
  const auto scaling = CodeScaling::of(sequences);
  std::vector<float> y(flow.codes.size()), back(y.size());
  scaling.scaled<float>(flow.codes, y);
  double square = 0, largest = 0;
  for (std::size_t at = 0; at < y.size(); at += 3) {
    const double norm = std::hypot(y[at], y[at + 1], y[at + 2]);
    square += norm * norm;
    largest = std::max(largest, norm);
  }
  EXPECT_NEAR(square / static_cast<double>(y.size()), 1, 1e-5);
  EXPECT_NEAR(scaling.largest_norm, largest, 1e-5);
  scaling.restored<float>(y, back);
  for (std::size_t i = 0; i < back.size(); ++i) EXPECT_NEAR(back[i], flow.codes[i], 1e-5);
  std::vector<float> mu(flow.mu.size());
  scaling.scaled_mu<float>(flow.mu, mu);
  EXPECT_NEAR(mu.front(), -mu.back(), 1e-5);
}

TEST(Rollout, GradientsFromLossesAtEveryFrame) {
  for (const std::size_t p : {0, 1}) {
    const auto dynamics = dynamics_of<double>("mlp", some_scaling(3, p));
    const auto w = normals(dynamics->params(), 1, 0.3), start = normals(4 * 3, 2),
               mu = normals(4 * p, 3, 0.3), c = normals(3 * 4 * 3, 4);
    Rollout<double> rollout(*dynamics, 3, 4, 5);
    const auto loss = [&](std::span<const double> weights, std::span<const double> from) {
      rollout.forward(weights, from, mu, 3);
      double sum = 0;
      for (std::size_t k = 1; k <= 3; ++k)
        for (std::size_t i = 0; i < 12; ++i) sum += c[(k - 1) * 12 + i] * std::pow(rollout.codes(k)[i], 2);
      return sum;
    };
    loss(w, start);
    for (std::size_t k = 1; k <= 3; ++k)
      for (std::size_t i = 0; i < 12; ++i)
        rollout.d_codes(k)[i] = 2 * c[(k - 1) * 12 + i] * rollout.codes(k)[i];
    Buffer<double> dw(w.size());
    rollout.backward(w, mu, dw);
    const std::vector<double> d_start(rollout.d_codes(0).begin(), rollout.d_codes(0).end());
    EXPECT_LT(gradient_error([&](auto at) { return loss(at, start); }, w, dw), 1e-7) << p;
    EXPECT_LT(gradient_error([&](auto at) { return loss(w, at); }, start, d_start), 1e-7) << p;
  }
}

TEST(CodePath, AtAnyTimeFollowsTheFlow) {
  const Turning dynamics(32);
  const Buffer<double> start{0, 2}, mu{0.5};
  const CodePath<double> path(dynamics, {}, start, mu, 4, 10);
  EXPECT_TRUE(path.is_bounded());
  EXPECT_EQ(path.frames(), 4u);
  for (const double t : {0.0, 1.0, 3.0, 4.0}) EXPECT_NEAR(path.at(t)[0], -2 * std::sin(1.5 * t), 1e-5) << t;
  for (const double t : {0.25, 1.5, 1.75, 3.9}) EXPECT_NEAR(path.at(t)[0], -2 * std::sin(1.5 * t), 0.5) << t;
  EXPECT_THROW(path.at(5.5), Error);
}

// Interpolated is what the flow was trained on: a cubic motion of frames comes back exactly.
TEST(CodePath, BetweenFramesIsACubicThroughThem) {
  class Cubic final : public Dynamics<double> {  // y = (t, t^3) -> (t + 1, (t + 1)^3)
   public:
    std::size_t params() const override { return 0; }
    std::vector<nn::Block> blocks() const override { return {}; }
    void initialise(std::span<double>, const CodeSequences&, const Random&) const override {}
    std::size_t tape_size(std::size_t, double) const override { return 0; }
    void step(std::span<const double>, std::span<const double> y, std::span<const double>, double dt,
              std::span<double> out, std::span<double>) const override {
      ASSERT_EQ(dt, 1) << "between frames the flow is not asked";
      out[0] = y[0] + 1;
      out[1] = std::pow(out[0], 3);
    }
    void step_backward(std::span<const double>, std::span<const double>, std::span<const double>, double,
                       std::span<double>, std::span<const double>, std::span<double>,
                       std::span<double>) const override {}
  } dynamics;
  const CodePath<double> path(dynamics, {}, Buffer<double>{0, 0}, {}, 6, 1e6);
  for (const double t : {0.3, 1.5, 2.0, 4.7, 5.9}) EXPECT_NEAR(path.at(t)[1], t * t * t, 1e-11) << t;
}

TEST(CodePath, IsNanOnceItHasLeftTheBound) {
  // y' = 2 y each frame.
  const auto dynamics = dynamics_of<double>("linear", some_scaling(2, 0));
  Buffer<double> w(dynamics->params());
  w[0] = w[4] = 2;
  const CodePath<double> path(*dynamics, w, Buffer<double>{1, 0}, {}, 2000, 5);
  EXPECT_FALSE(path.is_bounded());
  EXPECT_EQ(path.frames(), 2u);
  EXPECT_EQ(path.at(2)[0], 4);
  EXPECT_NEAR(path.at(1.5)[0], std::pow(2, 1.5), 1e-12);
  for (const double t : {2.5, 3.0, 2000.0}) EXPECT_TRUE(std::isnan(path.at(t)[0])) << t;
  const CodePath<double> rest(*dynamics, w, Buffer<double>{0, 0}, {}, 2000, 5);
  EXPECT_TRUE(rest.is_bounded());
  EXPECT_EQ(rest.at(2000)[0], 0);
}

TEST(Symmetries, MapsActOnRows) {
  CodeSymmetries symmetries{2, {1, 0, 0, 1, 0, -1, 1, 0}, {0, 0, 5, 6}};
  const std::vector<float> from{1, 2, 3, 4};
  std::vector<float> to(4);
  EXPECT_EQ(symmetries.count(), 2u);
  symmetries.apply(1, from, to);
  EXPECT_EQ(to, (std::vector<float>{3, 7, 1, 9}));
  CodeSymmetries{}.apply(0, from, to);
  EXPECT_EQ(to, from);
  EXPECT_EQ(CodeSymmetries{}.count(), 1u);
}
