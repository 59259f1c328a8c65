// Mode galerkin as a whole, and how well forecasts obey their equation.

#include <fstream>
#include <functional>
#include <optional>

#include "forecast/galerkin.hpp"
#include "forecast/options.hpp"
#include "forecast/physics_residual.hpp"
#include "galerkin_bench.hpp"

using namespace hypercast;
using namespace hypercast::forecast;
using namespace hypercast::galerkin_test;

using PhysicsResidual = GalerkinRun;
using GalerkinPath = GalerkinRun;

namespace {

// theta of a wave that moves and decays as it should, or does not move at all.
class Wave final : public WeightPath {
 public:
  Wave(std::size_t params, double velocity, double diffusivity)
      : p_(params), c_(velocity), nu_(diffusivity) {}
  Buffer<float> weights(int, int, double t) override {
    Buffer<float> theta(p_);
    theta[0] = static_cast<float>(std::exp(-nu_ * t) * std::cos(c_ * t));
    theta[4] = static_cast<float>(std::exp(-nu_ * t) * std::sin(c_ * t));
    return theta;
  }

 private:
  std::size_t p_;
  double c_, nu_;
};

Schema whole_schema() {
  Schema schema;
  schema.add<RunOptions>();
  pde::add_pde_sections(schema);
  hyper::add_model_sections(schema);
  add_forecast_sections(schema);
  return schema;
}

constexpr const char* equation =
    "[pde]\nname = \"advection_diffusion\"\n[pde.advection_diffusion]\nvelocity = [2.0]\ndiffusivity = 0.1\n"
    "[grid]\npoints = [32]\nbackend = \"spectral\"\n";

}  // namespace

TEST_F(PhysicsResidual, IsSmallForASolutionAndOneForAFieldAtRest) {
  const auto schema = whole_schema();
  const Deck deck(schema, std::string(waves) + equation, "test.toml");
  const auto facts = facts_of(32);
  const auto model = hyper::make_model<float>(deck, facts);
  Room room(test_world());
  Equation problem(deck, nullptr);
  EXPECT_EQ(problem.misfit(facts), "");
  EXPECT_EQ(problem.difference(facts, nullptr), "");
  const std::vector<double> times{0.2, 0.5, 1.5};
  Wave solution(model.inr.params(), 2, 0.1), other(model.inr.params(), 1, 0.1),
      rest(model.inr.params(), 0, 0);
  for (const double r : physics_residual(room.context, problem, model, solution, nullptr, times))
    EXPECT_LT(r, 1e-3);
  for (const double r : physics_residual(room.context, problem, model, other, nullptr, times))
    EXPECT_NEAR(r, 0.5, 0.01) << "half as fast";
  for (const double r : physics_residual(room.context, problem, model, rest, nullptr, times))
    EXPECT_NEAR(r, 1, 1e-12);
}

TEST_F(PhysicsResidual, KnowsWhatTheDeckHasInCommonWithTheData) {
  const auto schema = whole_schema();
  EXPECT_FALSE(names_equation(Deck(schema, waves, "test.toml")));
  const Deck deck(schema, equation, "test.toml");
  EXPECT_TRUE(names_equation(deck));
  const Equation problem(deck, nullptr);
  auto facts = facts_of(24);
  EXPECT_NE(problem.misfit(facts), "") << "another grid";
  facts = facts_of(32);
  facts.channels = {"v"};
  EXPECT_NE(problem.misfit(facts), "");
  facts.dataset_name = "heat";
  EXPECT_NE(problem.difference(facts, nullptr), "");
}

namespace {

struct Workplace {
  explicit Workplace(const std::string& text, hyper::Condition condition = hyper::Condition::time)
      : deck(schema, text, "test.toml"), facts(facts_of(32)) {
    facts.condition = condition;
    model.emplace(hyper::make_model<float>(deck, facts));
    phi = model->initial(1);
    folder = synthetic::folder(test_world(), "galerkin");
  }
  ~Workplace() {
    test_world().barrier();
    if (test_world().is_root()) std::filesystem::remove_all(folder);
  }
  std::unique_ptr<forecast::Galerkin> path() {
    return std::make_unique<forecast::Galerkin>(study, *model, hyper::make_model<double>(deck, facts), phi,
                                                folder / "test", io::Provenance{});
  }
  Room room{test_world()};
  Schema schema = whole_schema();
  Deck deck;
  hyper::ModelFacts facts;
  std::optional<hyper::Model<float>> model;
  Buffer<float> phi;
  std::filesystem::path folder;
  Study study{room.context, deck, folder, {}, "test", {}};
};

// "code: text" of the UserError that the work ends in.
std::string failure(const std::function<void()>& work) {
  try {
    work();
  } catch (const UserError& error) {
    return std::to_string(static_cast<int>(error.code())) + ": " + error.what();
  }
  return "";
}

}  // namespace

TEST_F(GalerkinPath, APathLeavesTheWindowAlongTheEquation) {
  Workplace app(std::string(waves) + equation + "[galerkin]\noverlap = 0.2\n");
  const auto path = app.path();
  ASSERT_TRUE(path->prepare(1.5, nullptr));
  Direct direct(*app.model, app.phi);
  EXPECT_EQ(path->weights(0, 0, 0.5), direct.weights(0, 0, 0.5)) << "H(t) in the window";
  EXPECT_EQ(path->evolution().knots.front().time, 0.8);
  const auto theta = path->weights(0, 0, 1.5);
  EXPECT_NE(theta, direct.weights(0, 0, 1.5));
  Equation problem(app.deck, nullptr);
  for (const double r :
       physics_residual(app.room.context, problem, *app.model, *path, nullptr, {0.9, 1.2, 1.4}))
    EXPECT_LT(r, 5e-3);
  if (test_world().is_root()) {
    std::ifstream table(app.folder / "test_galerkin.csv");
    std::string head;
    std::getline(table, head);
    EXPECT_EQ(head, "t,step,error,residual,rate,speed,rejected,iterations,converged,trajectory");
    EXPECT_TRUE(std::filesystem::exists(app.folder / "test_galerkin.hdf5"));
  }
}

TEST_F(GalerkinPath, WhatItCannotDoItSays) {
  const auto fails = [](const std::string& text, hyper::Condition condition = hyper::Condition::time) {
    Workplace app(text, condition);
    return failure([&] { app.path()->prepare(1.5, nullptr); });
  };
  EXPECT_NE(fails(waves).find("65: test.toml"), std::string::npos);
  EXPECT_NE(fails(waves).find("the deck names none: give [pde] name"), std::string::npos);
  EXPECT_EQ(fails(std::string(waves) + equation, hyper::Condition::index).substr(0, 3), "77:");
  EXPECT_NE(fails(std::string(waves) + equation + "[galerkin]\noverlap = 2\n").find("65: test.toml"),
            std::string::npos);
  EXPECT_EQ(fails(std::string(waves) + "[pde]\nname = \"burgers\"\n[grid]\npoints = [64]\n").substr(0, 3),
            "77:");
  EXPECT_NE(fails(std::string(waves) + "[pde]\nname = \"burgers\"\n[grid]\npoints = [32]\n"
                                       "[galerkin]\nmost_residual = 1e-9\n")
                .find("76: galerkin stalled at t = 1: "),
            std::string::npos);
}
