// Codes as coordinates of the field: where they come from, and what symmetries do to them.

#include "hyper/code_basis.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "code_models.hpp"
#include "hyper/code_fit.hpp"
#include "hyper/readout_fit.hpp"
#include "hyper/symmetries.hpp"
#include "nn/pod.hpp"

using namespace hypercast;
using namespace hypercast::hyper;

namespace {

// Frames in the span of the features of an INR: coefficients [frame][channel][K + 1].
struct Frames {
  Schema schema;
  ModelFacts facts = facts_of_waves();
  std::unique_ptr<Deck> deck;
  std::unique_ptr<Model<float>> model;
  Buffer<float> hidden;
  std::size_t columns, count;
  Buffer<double> coefficients;

  Frames(const std::string& inr, std::size_t frames, const std::string& parameters = "[]") : count(frames) {
    add_model_sections(schema);
    deck = std::make_unique<Deck>(schema, deck_text("last_layer", 0, parameters, inr), "test.toml");
    for (const auto& name : conditioning_of(*deck).parameters) facts.parameters.push_back({name, 2, 0.5});
    model = std::make_unique<Model<float>>(make_model<float>(*deck, facts));
    Buffer<float> theta(model->inr.params());
    model->inr.initialise(theta, Random(1, Random::Purpose::weights));
    hidden.assign(theta.begin(), theta.begin() + model->inr.hidden());
    columns = model->inr.features().outputs() + 1;
    coefficients = random_numbers(count * 2 * columns, 4);
    for (std::size_t i = 0; i < coefficients.size(); ++i)
      coefficients[i] *= std::pow(0.7, static_cast<double>(i % (2 * columns)));  // falling variances
  }
  // [frame][point][channel]
  std::vector<float> fields() const {
    Buffer<float> x(facts.points() * model->inr.inputs());
    model->coordinates.embed<float>(grid_points(facts.axes), x);
    const auto a = feature_matrix(model->inr, hidden, x);
    std::vector<float> all;
    for (std::size_t f = 0; f < count; ++f)
      for (std::size_t i = 0; i < facts.points(); ++i)
        for (std::size_t c = 0; c < 2; ++c) {
          double sum = 0;
          for (std::size_t k = 0; k < columns; ++k)
            sum += a[i * columns + k] * coefficients[(f * 2 + c) * columns + k];
          all.push_back(static_cast<float>(sum));
        }
    return all;
  }
  // The model of codes that a basis makes, in double precision.
  Buffer<double> phi(const CodeBasis& basis) const {
    Buffer<double> all(hidden.begin(), hidden.end());
    all.insert(all.end(), basis.head.begin(), basis.head.end());
    return all;
  }
  Model<double> precise() const { return make_model<double>(*deck, facts); }
  Buffer<double> grid(const Model<double>& of) const {
    Buffer<double> x(facts.points() * of.inr.inputs());
    of.coordinates.embed<double>(grid_points(facts.axes), x);
    return x;
  }
};

}  // namespace

TEST(PrincipalCodes, AreThePodOfTheFrames) {
  const Frames frames("siren", 30);
  const auto basis = principal_codes(*frames.model, frames.hidden, frames.coefficients, {}, code);
  const auto fields = frames.fields();
  std::vector<std::span<const float>> snapshots;
  for (std::size_t f = 0; f < frames.count; ++f)
    snapshots.push_back(
        std::span(fields).subspan(f * fields.size() / frames.count, fields.size() / frames.count));
  const auto pod = nn::pod(snapshots, {static_cast<int>(code), true});
  const auto model = frames.precise();
  const auto phi = frames.phi(basis);
  CodeField grid(model, phi, frames.grid(model));
  const std::size_t rows = grid.rows();
  Buffer<double> j(rows * code), mean(rows);
  grid.jacobian(Buffer<double>(code), {}, j);
  grid.values(Buffer<double>(code), {}, mean);
  EXPECT_NEAR(basis.left_out / pod.left_out, 1, 1e-4);
  for (std::size_t i = 0; i < rows; ++i) EXPECT_NEAR(mean[i], pod.mean[i], 1e-5);
  for (std::size_t a = 0; a < code; ++a) {
    EXPECT_NEAR(basis.variances[a] / std::pow(pod.singular_values[a], 2), 1, 1e-4);
    double same = 0;
    for (std::size_t i = 0; i < rows; ++i) same += j[i * code + a] * pod.modes[a * rows + i] / rows;
    EXPECT_NEAR(std::abs(same), 1, 1e-4) << a;
    for (std::size_t b = 0; b < code; ++b) {
      double product = 0;
      for (std::size_t i = 0; i < rows; ++i) product += j[i * code + a] * j[i * code + b] / rows;
      EXPECT_NEAR(product, a == b ? 1 : 0, 1e-5) << a << " " << b;
    }
  }
}

TEST(PrincipalCodes, WhatFollowsFromParametersIsNotLeftToTheCode) {
  Frames frames("siren", 30, "[\"viscosity\"]");
  const auto mu = random_numbers(30, 6);
  const auto along = random_numbers(2 * frames.columns, 7);
  for (std::size_t f = 0; f < 30; ++f)
    for (std::size_t i = 0; i < along.size(); ++i)
      frames.coefficients[f * along.size() + i] =
          0.01 * frames.coefficients[f * along.size() + i] + mu[f] * along[i];
  const auto basis = principal_codes(*frames.model, frames.hidden, frames.coefficients, mu, code);
  auto facts = frames.facts;
  facts.codes = {std::vector<double>(code), std::vector<double>(code * code), 1e-10};
  for (std::size_t i = 0; i < code; ++i) facts.codes.covariance[i * (code + 1)] = basis.variances[i];
  const auto model = make_model<double>(*frames.deck, facts);
  const auto phi = frames.phi(basis);
  CodeFit fit(model, phi, frames.grid(model));
  const auto fields = frames.fields();
  const std::size_t rows = fit.rows();
  double left = 0, size = 0;
  for (std::size_t f = 0; f < 30; ++f) {
    const Buffer<double> u(fields.begin() + f * rows, fields.begin() + (f + 1) * rows);
    Buffer<double> z(code);
    left += fit.fit(u, std::span(mu).subspan(f, 1), z) / 30;
    for (const double value : u) size += value * value / (30 * rows);
  }
  EXPECT_NEAR(left / basis.left_out, 1, 0.05);
  EXPECT_LT(left, 1e-3 * size);
}

TEST(PrincipalCodes, CannotBeMoreThanTheFramesHold) {
  const Frames frames("siren", 4);  // three about their mean
  EXPECT_NO_THROW(principal_codes(*frames.model, frames.hidden, frames.coefficients, {}, 3));
  try {
    principal_codes(*frames.model, frames.hidden, frames.coefficients, {}, 4);
    ADD_FAILURE() << "made a component out of nothing";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::data);
  }
}

TEST(ReadoutFit, FindsTheReadoutsThatMadeTheFrames) {
  const Frames frames("siren", 3);
  const auto fields = frames.fields();
  const auto& inr = frames.model->inr;
  const std::size_t points = frames.facts.points();
  Buffer<float> x(points * inr.inputs());
  frames.model->coordinates.embed<float>(grid_points(frames.facts.axes), x);
  std::vector<float> targets;  // [point][frame][channel]
  for (std::size_t i = 0; i < points; ++i)
    for (std::size_t f = 0; f < 3; ++f)
      for (std::size_t c = 0; c < 2; ++c) targets.push_back(fields[(f * points + i) * 2 + c]);
  Buffer<float> readouts(3 * inr.readout());
  ReadoutFit(inr).solve(frames.hidden, x, targets, readouts);
  Buffer<double> expected(inr.readout());
  for (std::size_t f = 0; f < 3; ++f) {
    Buffer<float> theta(frames.hidden.begin(), frames.hidden.end()), u(2 * points);
    theta.insert(theta.end(), readouts.begin() + f * inr.readout(),
                 readouts.begin() + (f + 1) * inr.readout());
    inr.evaluate(theta, x, u);
    for (std::size_t i = 0; i < u.size(); ++i)
      EXPECT_NEAR(u[i], fields[f * u.size() + i], 2e-3) << "frame " << f;
  }
}

// A shift along x, a mirror in y, and the second channel's sign.
TEST(CodeSymmetries, MapTheCodeOfAFieldToThatOfItsImage) {
  // Waves up to the shortest: the features hold every field of this grid, so that images are held, too.
  const Frames frames("fourier", 40);
  const auto model = frames.precise();
  const std::size_t all = std::min<std::size_t>(code, 4);
  const std::size_t nx = 8, ny = 6, rows = 2 * nx * ny;
  // Training fields that are closed under the map: two waves in x of all phases, even and odd in y.
  FieldMap map{{}, {1.0, -1.0}};
  for (std::size_t i = 0; i < nx; ++i)
    for (std::size_t k = 0; k < ny; ++k)
      map.from.push_back(static_cast<std::uint32_t>((i + nx - 3) % nx * ny + (ny - 1 - k)));
  const auto field = [&](const Buffer<double>& a) {
    std::vector<double> u;  // normalised
    for (std::size_t i = 0; i < nx; ++i)
      for (std::size_t k = 0; k < ny; ++k) {
        const double x = 2 * M_PI * i / nx, y = M_PI * (k + 0.5) / ny;
        // What is added makes the physical field odd where the map takes its sign.
        u.push_back((a[0] * std::cos(x) + a[1] * std::sin(x)) * std::cos(y));
        u.push_back((a[2] * std::cos(x) + a[3] * std::sin(x)) - frames.facts.mean[1] / frames.facts.scale[1]);
      }
    return u;
  };
  // 1. The basis of such fields.
  Buffer<double> coefficients;
  Buffer<float> x(frames.facts.points() * frames.model->inr.inputs());
  frames.model->coordinates.embed<float>(grid_points(frames.facts.axes), x);
  ReadoutFit readout(frames.model->inr);
  std::vector<Buffer<double>> amplitudes;
  for (std::uint32_t f = 0; f < 40; ++f) {
    amplitudes.push_back(random_numbers(4, 20 + f));
    const auto u = field(amplitudes.back());
    Buffer<float> targets(u.begin(), u.end()), found(frames.model->inr.readout());
    readout.solve(frames.hidden, x, targets, found);
    const std::size_t width = frames.columns - 1;
    for (std::size_t c = 0; c < 2; ++c) {
      coefficients.insert(coefficients.end(), found.begin() + c * width, found.begin() + (c + 1) * width);
      coefficients.push_back(found[2 * width + c]);
    }
  }
  const auto basis = principal_codes(*frames.model, frames.hidden, coefficients, {}, all);
  EXPECT_LT(basis.left_out, 1e-6) << "the features hold these waves";
  const auto phi = frames.phi(basis);
  CodeField grid(model, phi, frames.grid(model));
  // 2. Codes by projection.
  Buffer<double> j(rows * all), origin(rows);
  grid.jacobian(Buffer<double>(all), {}, j);
  grid.values(Buffer<double>(all), {}, origin);
  const auto code_of = [&](const std::vector<double>& u) {
    Buffer<double> z(all);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t k = 0; k < all; ++k) z[k] += j[i * all + k] * (u[i] - origin[i]) / rows;
    return z;
  };
  CodeScaling scaling;
  scaling.mean = {0.1, -0.2, 0.3, 0.4};
  scaling.scale = 1.7;
  scaling.deviation.assign(all, 1);
  const auto symmetries = symmetries_of_codes(grid, frames.facts, scaling, {map});
  ASSERT_EQ(symmetries.count(), 1u);
  for (const auto& a : amplitudes) {
    const auto u = field(a);
    std::vector<double> image(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::size_t c = i % 2;
      const double physical = frames.facts.mean[c] + frames.facts.scale[c] * u[map.from[i / 2] * 2 + c];
      image[i] = (map.signs[c] * physical - frames.facts.mean[c]) / frames.facts.scale[c];
    }
    const auto z = code_of(u), expected = code_of(image);
    std::vector<float> y(all), mapped(all), right(all);
    for (std::size_t k = 0; k < all; ++k) {
      y[k] = static_cast<float>((z[k] - scaling.mean[k]) / scaling.scale);
      right[k] = static_cast<float>((expected[k] - scaling.mean[k]) / scaling.scale);
    }
    symmetries.apply(0, y, mapped);
    for (std::size_t k = 0; k < all; ++k) EXPECT_NEAR(mapped[k], right[k], 1e-3);
  }
}
