// The baselines of H(t, mu).

#include <gtest/gtest.h>

#include "forecast/parametric_baselines.hpp"

using namespace hypercast;
using namespace hypercast::forecast;

namespace {

// Fields of two points, u = [mu + t, mu t], of trajectories with these parameters at times 0, 1, 2.
struct Trajectories {
  explicit Trajectories(std::vector<double> parameters) {
    for (const double mu : parameters) {
      known.mu.push_back({mu});
      for (const double t : {0.0, 1.0, 2.0})
        fields.push_back({static_cast<float>(mu + t), static_cast<float>(mu * t)});
    }
    known.times = {0, 1, 2};
    for (const auto& field : fields) known.training.emplace_back(field);
  }
  std::vector<float> of(const std::string& name, double mu, double t) {
    known.wanted = {{-100}, {mu}};
    for (const auto& one : parametric_baselines(known))
      if (one->name() == name) {
        std::vector<float> values(2);
        one->forecast(1, t, values);
        return values;
      }
    ADD_FAILURE() << "no baseline " << name;
    return {};
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& one : parametric_baselines(known)) found.push_back(one->name());
    return found;
  }
  std::vector<std::vector<float>> fields;
  ParametricKnowledge known;
};

using Field = std::vector<float>;

}  // namespace

TEST(ParametricBaselines, NearestIsATrainingTrajectory) {
  Trajectories some({4, 1, 2});
  EXPECT_EQ(some.of("nearest", 3.1, 1), (Field{5, 4}));
  EXPECT_EQ(some.of("nearest", 2.9, 2), (Field{4, 4}));
  EXPECT_EQ(some.of("nearest", -7, 0), (Field{1, 0}));
  EXPECT_EQ(some.of("nearest", 2, 0.25), (Field{2.25, 0.5})) << "between two frames";
}

TEST(ParametricBaselines, InterpolationIsLinearBetweenNeighbours) {
  Trajectories some({4, 1, 2});
  EXPECT_EQ(some.of("interpolation", 3.5, 2), (Field{5.5, 7}));
  EXPECT_EQ(some.of("interpolation", 1.5, 1), (Field{2.5, 1.5}));
  EXPECT_EQ(some.of("interpolation", 2, 1), (Field{3, 2})) << "on a training trajectory";
  EXPECT_EQ(some.of("interpolation", 5, 1), (Field{6, 5})) << "the line goes on";
  EXPECT_EQ(some.of("interpolation", 0, 2), (Field{2, 0}));
  EXPECT_EQ(some.of("interpolation", 3, 9), (Field{5, 6})) << "the last frame, beyond the window";
  EXPECT_EQ(some.of("interpolation", 3, -1), (Field{3, 0}));
}

TEST(ParametricBaselines, MeansAreOfAllTrainingFrames) {
  Trajectories some({4, 1, 1});
  EXPECT_EQ(some.of("time_mean", 9, 1), (Field{3, 2}));
  EXPECT_EQ(some.of("zero", 9, 1), (Field{0, 0}));
  some.fields[3] = {5, 0};  // the trajectories of mu = 1 are not the same at t = 0
  EXPECT_EQ(some.of("interpolation", 1, 0), (Field{3, 0})) << "the mean of both";
}

TEST(ParametricBaselines, InterpolationNeedsOneParameterWithTwoValues) {
  EXPECT_EQ(Trajectories({3, 3}).names(), (std::vector<std::string>{"zero", "time_mean", "nearest"}));
  EXPECT_EQ(Trajectories({3, 4}).names(),
            (std::vector<std::string>{"zero", "time_mean", "nearest", "interpolation"}));
  Trajectories two({3, 4});
  two.known.mu = {{0, 0}, {1, 0.5}};
  two.known.wanted = {{0.4, 0.5}};
  const auto all = parametric_baselines(two.known);
  ASSERT_EQ(all.size(), 3u);
  std::vector<float> values(2);
  all[2]->forecast(0, 1, values);
  EXPECT_EQ(values, (Field{5, 4})) << "nearest in the plane";
}
