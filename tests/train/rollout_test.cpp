#include <gtest/gtest.h>

#include <cmath>

#include "deck/deck.hpp"
#include "nn/adam.hpp"
#include "room.hpp"
#include "test_world.hpp"
#include "train/rollout_loss.hpp"

using namespace hypercast;
using namespace hypercast::train;

namespace {

// Frames of pendulums a'' = -(1 + 0.2 mu) sin a from many starts: codes (a, a'), nonlinear and easy.
struct Pendulums {
  static constexpr std::size_t frames = 7, d = 2;
  std::size_t count;
  std::vector<float> codes, mu;
  hyper::CodeScaling scaling;

  explicit Pendulums(std::size_t many) : count(many) {
    for (std::size_t s = 0; s < count; ++s) {
      const Random random(3, Random::Purpose::test, static_cast<std::uint32_t>(s));
      mu.push_back(static_cast<float>(random.uniform(2) - 0.5));
      double a = 4 * random.uniform(0) - 2, v = 2 * random.uniform(1) - 1;
      for (std::size_t k = 0; k < frames; ++k) {
        codes.push_back(static_cast<float>(a));
        codes.push_back(static_cast<float>(v));
        for (int i = 0; i < 500; ++i) {  // symplectic Euler, error 1e-3
          v -= 0.001 * (1 + 0.2 * mu.back()) * std::sin(a);
          a += 0.001 * v;
        }
      }
    }
    scaling = hyper::CodeScaling::of(all());
    scaling.scaled<float>(codes, codes);
    scaling.scaled_mu<float>(mu, mu);
  }
  hyper::CodeSequences all() const { return {count, frames, d, 1, codes, mu}; }
};

// z -> -z, in scaled codes.
hyper::CodeSymmetries mirror(const hyper::CodeScaling& scaling) {
  hyper::CodeSymmetries symmetries{2, {1, 0, 0, 1, -1, 0, 0, -1}, {0, 0}};
  for (const double mean : scaling.mean)
    symmetries.offsets.push_back(static_cast<float>(-2 * mean / scaling.scale));
  return symmetries;
}

DynamicsTraining small_training() {
  DynamicsTraining options;
  options.steps = 60;
  options.batch = 11;
  options.sequences_per_leaf = 3;
  options.rate = 5e-3;
  options.noise = 0.01;
  return options;
}

hyper::DynamicsPtr<float> small_dynamics(const std::string& kind, const hyper::CodeScaling& scaling) {
  Schema schema;
  add_train_sections(schema);
  const Deck deck(schema, "[dynamics]\nkind = \"" + kind + "\"\n[dynamics.mlp]\nwidth = 20\ndepth = 1\n",
                  "test.toml");
  return hyper::make_dynamics<float>(deck, scaling);
}

struct Trained {
  std::vector<float> w, gradient;
  double loss, before, after;
};

Trained run_on(MPI_Comm parent, const std::string& kind, const DynamicsTraining& options, int member = 0) {
  Room room(parent);
  const Pendulums pendulums(40);
  const auto symmetries = mirror(pendulums.scaling);
  const auto dynamics = small_dynamics(kind, pendulums.scaling);
  const auto sequences = pendulums.all();
  RolloutLoss objective(
      room.context, *dynamics,
      {sequences.part(0, 31), sequences.part(31, 40), &symmetries, pendulums.scaling.deviation}, options,
      member);
  Buffer<float> w(dynamics->params()), dw(w.size()), m(w.size()), v(w.size());
  dynamics->initialise(w, sequences.part(0, 31), Random(0, Random::Purpose::weights));
  Trained result;
  result.before = objective.validate(w);
  for (int step = 0; step < options.steps; ++step) {
    result.loss = objective.compute(step, w, dw);
    const nn::AdamStep adam{{}, nn::cosine_rate(step, 10, options.steps, options.rate, 0.01), step + 1};
    nn::adam<float>(adam, 1.0f, dw, w, m, v);
  }
  result.after = objective.validate(w);
  result.w.assign(w.begin(), w.end());
  result.gradient.assign(dw.begin(), dw.end());
  return result;
}

}  // namespace

TEST(RolloutLoss, TrainsToTheSameBitsOnAnyNumberOfRanks) {
  for (const std::string kind : {"mlp", "quadratic", "linear"}) {
    const auto options = small_training();
    const Trained alone = run_on(MPI_COMM_SELF, kind, options);
    const Trained together = run_on(test_world(), kind, options);
    EXPECT_EQ(alone.loss, together.loss) << kind;
    EXPECT_EQ(alone.gradient, together.gradient) << kind;
    EXPECT_EQ(alone.w, together.w) << kind;
    EXPECT_EQ(alone.after, together.after) << kind;
  }
}

TEST(RolloutLoss, LearnsWhatALinearMapCannot) {
  auto options = small_training();
  options.steps = 800;
  options.noise = 0;
  options.rate = 1e-2;
  const Trained mlp = run_on(test_world(), "mlp", options);
  EXPECT_GT(mlp.before, 0.05);
  EXPECT_LT(mlp.after, 0.3 * mlp.before);
}

TEST(RolloutLoss, MembersOfAnEnsembleSeeOtherBatches) {
  auto options = small_training();
  options.steps = 1;
  EXPECT_NE(run_on(test_world(), "mlp", options, 0).gradient,
            run_on(test_world(), "mlp", options, 1).gradient);
}

TEST(RolloutLoss, GradientIsThatOfTheLoss) {
  Room room(test_world());
  const Pendulums pendulums(20);
  const auto symmetries = mirror(pendulums.scaling);
  const auto dynamics = small_dynamics("mlp", pendulums.scaling);
  const auto options = small_training();
  RolloutLoss objective(room.context, *dynamics,
                        {pendulums.all(), {}, &symmetries, pendulums.scaling.deviation}, options, 0);
  Buffer<float> w(dynamics->params()), dw(w.size()), other(w.size());
  dynamics->initialise(w, pendulums.all(), Random(0, Random::Purpose::weights));
  objective.compute(59, w, dw);
  const double norm = nn::norm<float>(dw);
  const auto along = [&](double h) {
    Buffer<float> moved(w);
    for (std::size_t i = 0; i < w.size(); ++i) moved[i] += static_cast<float>(h * dw[i] / norm);
    return objective.compute(59, moved, other);
  };
  EXPECT_NEAR((along(2e-3) - along(-2e-3)) / 4e-3, norm, 2e-3 * norm);
  EXPECT_EQ(objective.validated_on(), "fitted");
}

TEST(RolloutLoss, RolloutsGrowToTheWindow) {
  Room room(test_world());
  const Pendulums pendulums(5);
  const auto dynamics = small_dynamics("mlp", pendulums.scaling);
  auto options = small_training();
  options.rollout_first = 2;
  options.steps = 100;
  const RolloutLoss::Data data{pendulums.all(), {}, nullptr, pendulums.scaling.deviation};
  const RolloutLoss objective(room.context, *dynamics, data, options, 0);
  EXPECT_EQ(objective.rollout_frames(0), 2);
  EXPECT_EQ(objective.rollout_frames(25), 4);
  EXPECT_EQ(objective.rollout_frames(49), 6);
  EXPECT_EQ(objective.rollout_frames(99), 6);
  options.rollout_last = 7;
  try {
    const RolloutLoss too_long(room.context, *dynamics, data, options, 0);
    ADD_FAILURE() << "six steps lie between seven frames";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::data);
  }
}
