// Codes: their fields and slopes, and how they are fitted.

#include <gtest/gtest.h>

#include <cmath>

#include "code_models.hpp"
#include "hyper/code_fit.hpp"

using namespace hypercast;
using namespace hypercast::hyper;

namespace {

// A model of codes that lie about the origin with deviation 0.5.
struct Codes {
  Schema schema;
  ModelFacts facts = facts_of_waves();
  std::unique_ptr<Deck> deck;
  std::unique_ptr<Model<double>> model;
  Buffer<double> phi;

  explicit Codes(const std::string& head, int depth = 0, const std::string& parameters = "[]",
                 double noise = 1e-8) {
    add_model_sections(schema);
    deck = std::make_unique<Deck>(schema, deck_text(head, depth, parameters), "test.toml");
    for (const auto& name : conditioning_of(*deck).parameters) facts.parameters.push_back({name, 2, 0.5});
    facts.codes.mean.assign(code, 0);
    facts.codes.covariance.assign(code * code, 0);
    for (std::size_t i = 0; i < code; ++i) facts.codes.covariance[i * code + i] = 0.25;
    facts.codes.noise = noise;
    model = std::make_unique<Model<double>>(make_model<double>(*deck, facts));
    phi = model->initial(1);
    const auto more = random_numbers(phi.size(), 5, 0.05);
    for (std::size_t i = 0; i < phi.size(); ++i) phi[i] += more[i];
  }
  // Inputs of `count` grid points, any of them.
  Buffer<double> places(std::size_t count) const {
    auto points = grid_points(facts.axes);
    points.resize(2 * count);
    Buffer<double> x(count * model->inr.inputs());
    model->coordinates.embed<double>(points, x);
    return x;
  }
  Buffer<double> mu() const { return Buffer<double>(facts.parameters.size(), 0.4); }
};

struct Variant {
  std::string head;
  int depth;
  std::string parameters;
};

std::vector<Variant> variants() {
  std::vector<Variant> all;
  for (const auto& head : head_registry().names())
    for (const int depth : {0, 1})
      for (const std::string parameters : {"[]", "[\"viscosity\"]"}) all.push_back({head, depth, parameters});
  return all;
}

}  // namespace

TEST(CodeField, ItsSlopeMatchesFiniteDifferencesForEveryHead) {
  for (const auto& [head, depth, parameters] : variants()) {
    const Codes codes(head, depth, parameters);
    CodeField field(*codes.model, codes.phi, codes.places(48));
    ASSERT_EQ(field.size(), code);
    ASSERT_EQ(field.rows(), 96u);
    EXPECT_EQ(field.is_linear(), head == "last_layer" && depth == 0);
    const auto z = random_numbers(code, 1, 0.5), v = random_numbers(code, 2);
    Buffer<double> j(field.rows() * code), u(field.rows());
    field.jacobian(z, codes.mu(), j);
    const auto at = [&](double h) {
      Buffer<double> moved = z;
      for (std::size_t i = 0; i < code; ++i) moved[i] += h * v[i];
      field.values(moved, codes.mu(), u);
      return u;
    };
    const double h = 1e-3;
    const auto a = at(-2 * h), b = at(-h), c = at(h), d = at(2 * h);
    double size = 0;
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double difference = (8 * (c[i] - b[i]) - (d[i] - a[i])) / (12 * h);
      double along = 0;
      for (std::size_t k = 0; k < code; ++k) along += j[i * code + k] * v[k];
      EXPECT_NEAR(along, difference, 1e-7) << head << depth << parameters;
      size = std::max(size, std::abs(along));
    }
    EXPECT_GT(size, 1e-2) << head << depth << ": the code does nothing";
  }
}

TEST(CodeField, ItsValuesAreThoseOfTheHypernetwork) {
  for (const auto& [head, depth, parameters] : variants()) {
    const Codes codes(head, depth, parameters);
    const auto x = codes.places(48);
    CodeField field(*codes.model, codes.phi, x);
    const auto z = random_numbers(2 * code, 1);
    // Parameters that change between calls.
    for (const double value : {0.4, -0.3}) {
      const Buffer<double> mu(codes.facts.parameters.size(), value);
      Buffer<double> both(2 * field.rows()), expected(field.rows());
      field.values(z, mu, both);
      for (std::size_t k = 0; k < 2; ++k) {
        Buffer<double> c(z.begin() + k * code, z.begin() + (k + 1) * code);
        c.insert(c.end(), mu.begin(), mu.end());
        codes.model->inr.evaluate(codes.model->hypernetwork.weights(codes.phi, c), x, expected);
        for (std::size_t i = 0; i < expected.size(); ++i)
          ASSERT_NEAR(both[k * field.rows() + i], expected[i], 1e-12) << head << depth << parameters;
      }
    }
  }
}

TEST(CodeFit, RecoversCodesOfEveryHead) {
  for (const auto& [head, depth, parameters] : variants()) {
    const Codes codes(head, depth, parameters, 1e-12);
    CodeFit fit(*codes.model, codes.phi, codes.places(48));
    CodeField field(*codes.model, codes.phi, codes.places(48));
    const auto truth = random_numbers(3 * code, 8, 0.3);
    Buffer<double> u(3 * field.rows()), z(3 * code), one(code);
    field.values(truth, codes.mu(), u);
    const double left = fit.fit(u, codes.mu(), z);
    EXPECT_LT(left, 1e-10) << head << depth << parameters;
    for (std::size_t i = 0; i < z.size(); ++i)
      EXPECT_NEAR(z[i], truth[i], 1e-3) << head << depth << parameters;
    for (std::size_t k = 0; k < 3; ++k) {
      fit.fit(std::span(u).subspan(k * field.rows(), field.rows()), codes.mu(), one);
      for (std::size_t i = 0; i < code; ++i) EXPECT_NEAR(one[i], z[k * code + i], 1e-9) << head;
    }
  }
}

TEST(CodeFit, StartsWhereItIsTold) {
  const Codes codes("full", 1, "[]", 1e-12);
  const auto x = codes.places(48);
  CodeFit none(*codes.model, codes.phi, x, {0, 1e-6}), fit(*codes.model, codes.phi, x);
  CodeField field(*codes.model, codes.phi, x);
  const auto truth = random_numbers(code, 8, 0.3);
  Buffer<double> u(field.rows()), z(code);
  field.values(truth, {}, u);
  EXPECT_LT(none.fit(u, {}, z, truth), 1e-20) << "no iteration is needed";
  EXPECT_EQ(z, truth);
  EXPECT_GT(none.fit(u, {}, z), 1e-6) << "from the prior's mean, some are";
}

// min |J z - u|^2 / s2 + z^T S^-1 z, in closed form: J^T (J z - u) / s2 + S^-1 z = 0.
TEST(CodeFit, TheMostProbableCodeOfFewPointsMakesTheSlopeVanish) {
  for (const std::string head : {"last_layer", "low_rank"}) {
    const double noise = 1e-3;
    const Codes codes(head, 0, "[]", noise);
    const auto x = codes.places(1);  // two values for four numbers
    CodeFit fit(*codes.model, codes.phi, x);
    CodeField field(*codes.model, codes.phi, x);
    const auto truth = random_numbers(code, 8, 0.5);
    Buffer<double> u(2), z(code), values(2), j(2 * code);
    field.values(truth, {}, u);
    fit.fit(u, {}, z);
    field.values(z, {}, values);
    field.jacobian(z, {}, j);
    double size = 0;
    for (std::size_t k = 0; k < code; ++k) {
      double misfit = 0;
      for (std::size_t i = 0; i < 2; ++i) misfit += j[i * code + k] * (values[i] - u[i]) / noise;
      EXPECT_NEAR(misfit + z[k] / 0.25, 0, 1e-4) << head;
      size = std::max(size, std::abs(z[k]));
    }
    EXPECT_GT(size, 0.01) << head;
  }
}

TEST(CodeFit, AModelWithoutCodesIsRefused) {
  Codes codes("last_layer");
  codes.model->facts.codes = {};
  try {
    CodeFit fit(*codes.model, codes.phi, codes.places(3));
    ADD_FAILURE() << "fitted codes that are not known";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::refused);
  }
}
