// The Jacobian of every INR against finite differences, and its products against its rows.

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"
#include "hyper/coordinates.hpp"
#include "hyper/inr_jacobian.hpp"
#include "hyper/model.hpp"

using namespace hypercast;
using namespace hypercast::hyper;

namespace {

Inr<double> small_inr(const std::string& name, std::size_t channels) {
  Schema schema;
  add_model_sections(schema);
  const Deck deck(schema,
                  "[inr]\nname = \"" + name + "\"\n[inr.siren]\nwidth = 6\ndepth = 2\n" +
                      "[inr.fourier]\nmax_wavenumber = 2\nwidth = 6\ndepth = 1\n",
                  "test.toml");
  ModelFacts facts;
  facts.channels.assign(channels, "u");
  facts.mean.assign(channels, 0);
  facts.scale.assign(channels, 1);
  facts.axes = {{"x", {0, 0.25, 0.5, 0.75}, io::Boundary::periodic},
                {"y", {0.5, 1.5, 2.5}, io::Boundary::neumann}};
  facts.train_times = {0, 1};
  return std::move(make_model<double>(deck, facts).inr);
}

Buffer<double> random_numbers(std::size_t size, std::uint32_t stream) {
  const Random random(3, Random::Purpose::test, stream);
  Buffer<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = random.normal(i);
  return values;
}

struct Place {
  explicit Place(const std::string& name) : inr(small_inr(name, 2)), theta(inr.params()) {
    inr.initialise(theta, Random(1, Random::Purpose::weights));
    const std::size_t points = point_block + 3;  // a block and some
    const auto places = random_numbers(2 * points, 7);
    x.resize(points * inr.inputs());
    Coordinates::of(
        {{"x", {0, 0.25, 0.5, 0.75}, io::Boundary::periodic}, {"y", {0.5, 1.5, 2.5}, io::Boundary::neumann}})
        .embed<double>(places, x);
    values = points * inr.channels();
  }
  Buffer<double> field(std::span<const double> weights) const {
    Buffer<double> u(values);
    inr.evaluate(weights, x, u);
    return u;
  }
  Inr<double> inr;
  Buffer<double> theta, x;
  std::size_t values;
};

double largest(std::span<const double> values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

}  // namespace

TEST(Jacobian, IsTheDerivativeOfEveryInr) {
  for (const auto& name : inr_registry().names()) {
    const Place place(name);
    InrJacobian<double> jacobian(place.inr);
    const std::size_t all = place.inr.params();
    Buffer<double> rows(place.values * all), product(place.values);
    jacobian.rows(place.theta, place.x, rows);
    const auto v = random_numbers(all, 1);
    const auto moved = [&](double h) {
      Buffer<double> weights = place.theta;
      for (std::size_t i = 0; i < all; ++i) weights[i] += h * v[i];
      return place.field(weights);
    };
    const double h = 1e-4;
    const auto far_before = moved(-2 * h), before = moved(-h), after = moved(h), far_after = moved(2 * h);
    jacobian.multiply(place.theta, place.x, v, product);
    const double size = largest(product);
    ASSERT_GT(size, 0.1);
    for (std::size_t i = 0; i < place.values; ++i) {
      const double difference = (8 * (after[i] - before[i]) - (far_after[i] - far_before[i])) / (12 * h);
      EXPECT_NEAR(product[i], difference, 1e-7 * size) << name << " row " << i;
      double sum = 0;
      for (std::size_t k = 0; k < all; ++k) sum += rows[i * all + k] * v[k];
      EXPECT_NEAR(sum, product[i], 1e-11 * size) << name << " row " << i;
    }
  }
}

TEST(Jacobian, ItsTransposeAndItsReadoutAreThoseOfItsRows) {
  for (const auto& name : inr_registry().names()) {
    const Place place(name);
    InrJacobian<double> jacobian(place.inr);
    const std::size_t all = place.inr.params(), readout = place.inr.readout();
    Buffer<double> rows(place.values * all), readout_rows(place.values * readout), product(all, 1.0);
    jacobian.rows(place.theta, place.x, rows);
    jacobian.readout_rows(place.theta, place.x, readout_rows);
    const auto r = random_numbers(place.values, 2);
    jacobian.multiply_transposed(place.theta, place.x, r, product);
    std::vector<double> expected(all, 1.0);  // the product is added
    for (std::size_t i = 0; i < place.values; ++i) {
      for (std::size_t k = 0; k < all; ++k) expected[k] += r[i] * rows[i * all + k];
      for (std::size_t k = 0; k < readout; ++k)
        EXPECT_NEAR(readout_rows[i * readout + k], rows[i * all + all - readout + k], 1e-13) << name;
    }
    for (std::size_t k = 0; k < all; ++k)
      EXPECT_NEAR(product[k], expected[k], 1e-11 * largest(expected)) << name << " weight " << k;
  }
}
