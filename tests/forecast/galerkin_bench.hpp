#pragma once
// What tests of Galerkin forecasts stand on: a small periodic problem, its INRs, a PETSc session.

#include <gtest/gtest.h>

#include <cmath>

#include "core/context.hpp"
#include "core/random.hpp"
#include "hyper/model.hpp"
#include "pde/registry.hpp"
#include "pde/setup.hpp"
#include "pde/solver/session.hpp"
#include "room.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"

namespace hypercast::galerkin_test {

// A periodic interval of `points` points.
inline hyper::ModelFacts facts_of(int points) {
  const auto layout = synthetic::layout(points, 11, 1);
  hyper::ModelFacts facts;
  facts.dataset_name = "advection_diffusion";
  facts.channels = {"u"};
  facts.axes = layout.axes;
  facts.mean = {0.25};
  facts.scale = {2.0};
  facts.window_start = 0;
  facts.window_end = 1;
  facts.frame_interval = 0.1;
  facts.train_times = layout.times;
  facts.conditions.count = 11;
  return facts;
}

constexpr const char* waves = "[inr]\nname = \"fourier\"\n[inr.fourier]\nmax_wavenumber = 4\ndepth = 0\n";
constexpr const char* siren =
    "[inr]\nname = \"siren\"\n[inr.siren]\nwidth = 12\ndepth = 2\nomega0 = 3\nomega = 2\n";

struct Bench {
  explicit Bench(const Comm& comm, const std::string& text, int points = 32)
      : room(comm),
        facts(facts_of(points)),
        deck(with_models(schema), text, "test.toml"),
        inr(hyper::make_model<double>(deck, facts).inr) {}
  static Schema& with_models(Schema& schema) {
    hyper::add_model_sections(schema);
    return schema;
  }
  Buffer<double> start(std::uint64_t seed) const {
    Buffer<double> theta(inr.params());
    inr.initialise(theta, Random(seed, Random::Purpose::weights));
    for (std::size_t i = inr.hidden(); i < theta.size(); ++i)
      theta[i] = Random(seed, Random::Purpose::test).normal(i) / 3;
    return theta;
  }
  Room room;
  hyper::ModelFacts facts;
  Schema schema;
  Deck deck;
  hyper::Inr<double> inr;
};

inline pde::Domain domain_of(int points) {
  pde::Domain domain;
  domain.axes.push_back({"x", 0.0, 2 * M_PI, points, io::Boundary::periodic});
  return domain;
}

inline double relative_l2(std::span<const double> a, std::span<const double> b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

// Tests that evaluate equations: one PETSc session a suite.
class GalerkinRun : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    session = std::make_unique<pde::PetscSession>(test_world(), pde::PetscOptions{});
  }
  static void TearDownTestSuite() { session.reset(); }
  static inline std::unique_ptr<pde::PetscSession> session;
};

}  // namespace hypercast::galerkin_test
