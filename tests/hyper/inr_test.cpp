#include "hyper/inr.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "../nn/gradient_check.hpp"
#include "core/buffer.hpp"
#include "hyper/fourier_basis.hpp"
#include "hyper/head.hpp"
#include "nn/packed.hpp"

using namespace hypercast;
using namespace hypercast::hyper;

namespace {

constexpr double pi = std::numbers::pi;

io::Axis axis(const std::string& name, io::Boundary boundary, double first, double step, int points) {
  io::Axis result{name, {}, boundary};
  for (int i = 0; i < points; ++i) result.points.push_back(first + step * i);
  return result;
}

const io::Axis ring = axis("x", io::Boundary::periodic, -1, 0.25, 8);   // [-1, 1)
const io::Axis cells = axis("y", io::Boundary::neumann, 0.25, 0.5, 6);  // [0, 3]
const io::Axis nodes = axis("z", io::Boundary::dirichlet, 2, 0.2, 6);   // [2, 3]
const std::vector<std::vector<io::Axis>> domains = {{ring},        {cells},       {ring, ring},
                                                    {ring, cells}, {cells, ring}, {nodes, cells, ring}};

Buffer<double> embedded(const std::vector<io::Axis>& axes, const std::vector<double>& points) {
  const auto coordinates = Coordinates::of(axes);
  Buffer<double> x(points.size() / axes.size() * coordinates.inputs());
  coordinates.embed<double>(points, x);
  return x;
}

// Points anywhere in the domain.
std::vector<double> places(const std::vector<io::Axis>& axes, int count) {
  const Random random(8, Random::Purpose::test);
  std::vector<double> points;
  for (int i = 0; i < count; ++i)
    for (const auto& a : axes) points.push_back(a.lower() + a.length() * random.uniform(points.size()));
  return points;
}

// A kind with some keys of its table set.
using Keys = std::vector<std::pair<std::string, KeyValue>>;
std::unique_ptr<InrKind> kind_with(const std::string& name, const Keys& keys) {
  auto kind = inr_registry().find(name).make();
  Section section(name);
  kind->describe(section);
  for (const auto& [key, value] : keys)
    for (const auto& k : section.keys())
      if (k.name() == key) k.assign(value);
  return kind;
}

// Every registered kind with its defaults, and other variants, on every domain.
struct Made {
  std::string name;
  std::vector<io::Axis> axes;
  nn::FunctionPtr<double> features;
};
std::vector<Made> all_features() {
  std::vector<std::pair<std::string, Keys>> kinds = {
      {"fourier", {{"max_wavenumber", 2.5}, {"depth", 2}, {"width", 7}}},
      {"pod", {{"modes", 3}}},
      {"mfn", {{"depth", 0}, {"width", 4}}},
      {"mfn", {{"depth", 2}, {"width", 7}, {"scale", 3.0}}}};
  for (const auto& name : inr_registry().names()) kinds.push_back({name, {}});
  std::vector<Made> made;
  for (const auto& [name, keys] : kinds)
    for (const auto& axes : domains)
      made.push_back({name, axes, kind_with(name, keys)->features({axes}, double{})});
  return made;
}

Buffer<double> values(const nn::Function<double>& f, std::span<const double> w, std::span<const double> x) {
  const std::size_t rows = x.size() / f.inputs();
  Buffer<double> y(rows * f.outputs()), tape(f.tape_size(rows));
  nn::Packed<double> packed(f);
  f.forward(packed.pack(w), x, y, tape);
  return y;
}

Buffer<double> weights(const nn::Function<double>& f) {
  Buffer<double> w(f.params());
  f.initialise(w, Random(2, Random::Purpose::weights));
  const Random random(3, Random::Purpose::test);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] += 0.05 * random.normal(i);
  return w;
}

Buffer<double> normals(std::size_t count, std::uint32_t stream) {
  Buffer<double> result(count);
  const Random random(4, Random::Purpose::test, stream);
  for (std::size_t i = 0; i < count; ++i) result[i] = random.normal(i);
  return result;
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The features with k0 and k1 as in a plain double loop, to be compared as sets: any order will do.
std::vector<double> waves(double px, double py, double most) {
  std::vector<double> all;
  const int n = static_cast<int>(most);
  for (int a = 0; a <= n; ++a) {
    for (int b = -n; b <= n; ++b) {
      if (a * a + b * b > most * most || (a == 0 && b <= 0)) continue;
      all.push_back(std::cos(2 * pi * (a * px + b * py)));
      all.push_back(std::sin(2 * pi * (a * px + b * py)));
    }
  }
  return all;
}

}  // namespace

TEST(Features, GradientsMatchFiniteDifferencesInWeightsAndInputs) {
  for (const auto& [name, axes, f] : all_features()) {
    const auto x = embedded(axes, places(axes, 5));
    const auto w = weights(*f), c = normals(5 * f->outputs(), 1);
    Buffer<double> y(c.size()), tape(f->tape_size(5)), dw(w.size()), dx(x.size());
    nn::Packed<double> packed(*f);
    f->forward(packed.pack(w), x, y, tape);
    f->backward(packed.weights(), x, tape, c, packed.begin_gradient(dw), dx);
    packed.end_gradient(dw);
    // Inputs move by so little that even the highest wave is resolved.
    const auto scaled = [&](std::span<const double> v) {
      Buffer<double> at(x.size());
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = x[i] + 0.05 * v[i];
      return dot(values(*f, w, at), c);
    };
    Buffer<double> slope(dx.begin(), dx.end());
    for (auto& s : slope) s *= 0.05;
    EXPECT_LT(gradient_error(scaled, Buffer<double>(x.size()), slope), 1e-6) << name << " " << axes.size();
    if (w.empty()) continue;
    const auto loss = [&](std::span<const double> v) { return dot(values(*f, v, x), c); };
    EXPECT_LT(gradient_error(loss, w, dw), 1e-6) << name << " " << axes.size();
  }
}

// The Jacobian by rows and by columns: against backward() on all rows and on one alone, and against finite
// differences; and the tape serves a backward pass afterwards.
TEST(Features, JacobiansAgreeWithTheBackwardPass) {
  constexpr std::size_t n = 5;
  for (const auto& [name, axes, f] : all_features()) {
    const auto x = embedded(axes, places(axes, n));
    const std::size_t size = f->params(), out = f->outputs(), in = f->inputs();
    const auto w = weights(*f), c = normals(n * out, 1), v = normals(size, 2);
    Buffer<double> y(n * out), tape(f->tape_size(n)), rows(n * size, NAN), dy(n * out, NAN);
    nn::Packed<double> packed(*f);
    f->forward(packed.pack(w), x, y, tape);
    f->backward_rows(w, x, tape, c, rows);
    f->tangent(w, x, v, tape, dy);
    Buffer<double> dw(size), alone(size), fresh(f->tape_size(1)), one(out);
    f->backward(packed.weights(), x, tape, c, packed.begin_gradient(dw), {});
    packed.end_gradient(dw);
    const auto row = std::span(x).subspan(3 * in, in);
    f->forward(packed.weights(), row, one, fresh);
    f->backward(packed.weights(), row, fresh, std::span(c).subspan(3 * out, out),
                packed.begin_gradient(alone), {});
    packed.end_gradient(alone);
    for (std::size_t i = 0; i < size; ++i) {
      double sum = 0;
      for (std::size_t r = 0; r < n; ++r) sum += rows[r * size + i];
      ASSERT_NEAR(sum, dw[i], 1e-11) << name;
      ASSERT_NEAR(rows[3 * size + i], alone[i], 1e-11) << name;
    }
    EXPECT_NEAR(dot(c, dy), dot(dw, v), 1e-10) << name;
    const auto moved = [&](double h) {
      Buffer<double> at = w;
      for (std::size_t i = 0; i < size; ++i) at[i] += h * v[i];
      return values(*f, at, x);
    };
    const double h = 1e-4;
    const auto up = moved(h), down = moved(-h), up2 = moved(2 * h), down2 = moved(-2 * h);
    for (std::size_t i = 0; i < dy.size(); ++i)
      ASSERT_NEAR(dy[i], (8 * (up[i] - down[i]) - (up2[i] - down2[i])) / (12 * h), 1e-6) << name;
  }
}

TEST(Features, ArePeriodicOnPeriodicAxes) {
  for (const auto& [name, axes, f] : all_features()) {
    auto points = places(axes, 4), shifted = points;
    for (std::size_t i = 0; i < points.size(); ++i)
      if (const auto& a = axes[i % axes.size()]; a.boundary == io::Boundary::periodic)
        shifted[i] += a.length() * (i % 3 == 0 ? -2 : 1);
    const auto w = weights(*f);
    const auto here = values(*f, w, embedded(axes, points)), there = values(*f, w, embedded(axes, shifted));
    for (std::size_t i = 0; i < here.size(); ++i) ASSERT_NEAR(here[i], there[i], 1e-12) << name;
  }
}

// Values on the grid, in both precisions: the bits that theta_h holds.
template <class Real>
void expect_exact_on_the_grid(const std::vector<io::Axis>& axes) {
  const auto f = kind_with("pod", {{"modes", 5}})->features({axes}, Real{});
  const auto points = grid_points(axes);
  const auto coordinates = Coordinates::of(axes);
  const std::size_t rows = points.size() / axes.size();
  ASSERT_EQ(f->params(), rows * 5);
  Buffer<Real> w(f->params()), x(rows * f->inputs()), y(rows * 5);
  const Random random(6, Random::Purpose::test);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<Real>(random.normal(i));
  coordinates.embed<Real>(points, x);
  f->forward(w, x, y, {});
  for (std::size_t i = 0; i < y.size(); ++i) ASSERT_EQ(y[i], w[i]) << axes.size() << " axes, " << i;
}

TEST(Pod, TakesItsValuesOnGridPoints) {
  auto all = domains;
  all.push_back({axis("x", io::Boundary::open, -1, 0.1, 2), axis("y", io::Boundary::periodic, 3, 0.1, 3)});
  all.push_back({axis("x", io::Boundary::periodic, 0, 2 * pi / 256, 256), nodes});
  for (const auto& axes : all) {
    expect_exact_on_the_grid<double>(axes);
    expect_exact_on_the_grid<float>(axes);
  }
}

// Halving the grid step divides the error of a smooth function between grid points by 2^4, with any walls.
TEST(Pod, InterpolatesToFourthOrder) {
  const auto field = [](double x, double y, double z) {
    return std::cos(2 * pi * x + 0.3) * std::cos(pi * y) * std::exp(z);
  };
  const auto error = [&](int n) {
    const std::vector<io::Axis> axes = {axis("x", io::Boundary::periodic, 0, 1.0 / n, n),
                                        axis("y", io::Boundary::neumann, 0.5 / n, 1.0 / n, n),
                                        axis("z", io::Boundary::dirichlet, 0, 1.0 / (n - 1), n)};
    const auto f = kind_with("pod", {{"modes", 1}})->features({axes}, double{});
    const auto grid = grid_points(axes), points = places(axes, 200);
    Buffer<double> w(f->params());
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = field(grid[3 * i], grid[3 * i + 1], grid[3 * i + 2]);
    const auto y = values(*f, w, embedded(axes, points));
    double worst = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      worst = std::max(worst, std::abs(y[i] - field(points[3 * i], points[3 * i + 1], points[3 * i + 2])));
    return worst;
  };
  const double coarse = error(12), fine = error(24);
  EXPECT_LT(fine, 2e-3);
  EXPECT_GT(coarse / fine, 10);
}

TEST(Pod, ModesHaveNoSlopeAtZeroFluxWalls) {
  const std::vector<io::Axis> axes = {ring, cells};
  const auto f = kind_with("pod", {{"modes", 3}})->features({axes}, double{});
  const auto w = normals(f->params(), 1), c = normals(2 * 3, 2);
  const auto x = embedded(axes, {0.2, 0, 0.2, 3});
  Buffer<double> dw(w.size()), dx(x.size());
  f->backward(w, x, {}, c, dw, dx);
  EXPECT_NEAR(dx[2], 0, 1e-12);
  EXPECT_NEAR(dx[5], 0, 1e-12);
  EXPECT_GT(std::abs(dx[0]), 1e-2);
}

TEST(Pod, StartsWithTheLongestWaves) {
  const std::vector<io::Axis> axes = {ring, ring};
  const auto f = kind_with("pod", {{"modes", 4}})->features({axes}, double{});
  const FourierBasis<double> longest(Coordinates::of(axes), 1);
  Buffer<double> w(f->params());
  f->initialise(w, Random(1, Random::Purpose::weights));
  const auto expected = values(longest, {}, embedded(axes, grid_points(axes)));
  ASSERT_EQ(expected.size(), w.size());
  for (std::size_t i = 0; i < w.size(); ++i) EXPECT_NEAR(w[i], expected[i], 1e-14);
}

// The formula, written out for one point.
TEST(Mfn, ValuesByHand) {
  const auto f = kind_with("mfn", {{"width", 2}, {"depth", 1}, {"scale", 5.0}})->features({{ring}}, double{});
  ASSERT_EQ(f->params(), 2u + 2 + 2 + 4 + 2);
  const Buffer<double> w{0.3, -0.2, 1.5, 0.7, 0.1, 0.4, 2, -1, 0.5, 3, 0.25, -0.75}, x{0.6, 0.8};
  const double c = 5 / std::sqrt(2.0), a = c * (0.3 * 0.6 - 0.2 * 0.8), b = c * (0.1 * 0.6 + 0.4 * 0.8);
  const double z0 = 1.5 * std::sin(a), z1 = 0.7 * std::cos(a);
  const auto z = values(*f, w, x);
  EXPECT_NEAR(z[0], (2 * z0 - z1 + 0.25) * std::sin(b), 1e-14);
  EXPECT_NEAR(z[1], (0.5 * z0 + 3 * z1 - 0.75) * std::cos(b), 1e-14);
}

TEST(Shift, MovesTheBiasesByAmountsLinearInH) {
  const Inr<double> inr(kind_with("mfn", {{"width", 4}, {"depth", 2}})->features({{ring}}, double{}), 2);
  const HeadShape shape{3, inr.params(), inr.hidden(), inr.blocks(), 0.1};
  const auto head = head_registry().find("shift").make()->make(shape, double{});
  ASSERT_EQ(head->own(), inr.params());
  Buffer<double> start(inr.params()), w(head->params()), theta(3 * inr.params());
  inr.initialise(start, Random(1, Random::Purpose::weights));
  const Random random(2, Random::Purpose::weights);
  const std::size_t rows = head->rows();
  head->initialise_fixed(std::span(w).first(head->fixed()), start, random);
  head->map_start(start).make(0, rows, 3, random, std::span(w).subspan(head->fixed(), 3 * rows),
                              std::span(w).last(rows));
  head->forward(w, Buffer<double>{0, 0, 0, 1, 2, -1, 2, 4, -2}, theta);
  const std::size_t size = inr.params();
  for (const auto& block : inr.blocks()) {
    for (std::size_t i = block.offset; i < block.offset + block.size(); ++i) {
      EXPECT_EQ(theta[i], start[i]) << block.name;
      const double moved = theta[size + i] - theta[i];
      EXPECT_EQ(moved != 0, block.is_bias) << block.name;  // even the biases that start at zero
      EXPECT_NEAR(theta[2 * size + i] - theta[i], 2 * moved, 1e-14) << block.name;
    }
  }
}

TEST(Fourier, FeaturesAreTheWavesUpToTheLargestWavenumber) {
  const std::vector<io::Axis> axes = {ring, axis("y", io::Boundary::periodic, 0, 0.5, 10)};
  const FourierBasis<double> basis(Coordinates::of(axes), 4.2);
  for (const auto& point : {std::array{0.3, 1.7}, std::array{-0.9, 4.9}}) {
    const auto x = embedded(axes, {point[0], point[1]});
    auto found = values(basis, {}, x);
    auto expected = waves((point[0] + 1) / 2, point[1] / 5, 4.2);
    ASSERT_EQ(found.size(), expected.size());
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-13);
  }
}

// In one dimension the order is plain: cosines, then sines.
TEST(Fourier, OneAxis) {
  const FourierBasis<double> periodic(Coordinates::of({ring}), 40), walls(Coordinates::of({cells}), 40);
  const double p = 0.37;
  const auto a = values(periodic, {}, embedded({ring}, {-1 + 2 * p}));
  const auto b = values(walls, {}, embedded({cells}, {3 * p}));
  ASSERT_EQ(a.size(), 80u);
  ASSERT_EQ(b.size(), 40u);
  for (int k = 1; k <= 40; ++k) {
    EXPECT_NEAR(a[k - 1], std::cos(2 * pi * k * p), 1e-13);
    EXPECT_NEAR(a[40 + k - 1], std::sin(2 * pi * k * p), 1e-13);
    EXPECT_NEAR(b[k - 1], std::cos(pi * k * p), 1e-13);
    EXPECT_EQ(periodic.wavenumbers()[40 + k - 1], k);
  }
}

// On a grid that resolves them, the waves are orthogonal: no two are the same, none is constant.
TEST(Fourier, FeaturesAreOrthogonalOnAGrid) {
  for (const auto& axes : {std::vector{axis("x", io::Boundary::periodic, 0, 1, 9), cells},
                           std::vector{cells, axis("y", io::Boundary::periodic, 0, 1, 9), cells}}) {
    const FourierBasis<double> basis(Coordinates::of(axes), 3.5);
    const auto points = grid_points(axes);
    const auto phi = values(basis, {}, embedded(axes, points));
    const std::size_t n = basis.outputs(), rows = points.size() / axes.size();
    ASSERT_EQ(basis.wavenumbers().size(), n);
    for (std::size_t i = 0; i < n; ++i) {
      double mean = 0;
      for (std::size_t r = 0; r < rows; ++r) mean += phi[r * n + i];
      EXPECT_NEAR(mean, 0, 1e-11);
      for (std::size_t j = 0; j <= i; ++j) {
        double product = 0;
        for (std::size_t r = 0; r < rows; ++r) product += phi[r * n + i] * phi[r * n + j];
        if (i == j) {
          EXPECT_GT(product, 0.1 * rows);
        } else {
          EXPECT_NEAR(product, 0, 1e-11);
        }
      }
    }
  }
}

TEST(Fourier, CosinesHaveNoSlopeAtTheWalls) {
  const std::vector<io::Axis> axes = {ring, cells};
  const FourierBasis<double> basis(Coordinates::of(axes), 6);
  const double h = 1e-4;
  for (const double wall : {0.0, 3.0}) {
    const double inwards = wall == 0 ? h : -h;
    const auto at = values(basis, {}, embedded(axes, {0.2, wall}));
    const auto near = values(basis, {}, embedded(axes, {0.2, wall + inwards}));
    for (std::size_t i = 0; i < at.size(); ++i)  // k^2 pi^2 h^2 / 2 / L^2, where a slope k would give k h
      EXPECT_NEAR(at[i], near[i], 25 * h * h);
  }
}

TEST(Fourier, FourHundredWavesInSinglePrecision) {
  const std::vector<io::Axis> axes = {axis("x", io::Boundary::periodic, 0, 1. / 64, 64),
                                      axis("y", io::Boundary::periodic, 0, 1. / 64, 64)};
  const FourierBasis<float> single(Coordinates::of(axes), 11.3);
  const FourierBasis<double> exact(Coordinates::of(axes), 11.3);
  ASSERT_NEAR(static_cast<double>(single.outputs()), 400, 10);
  const auto points = grid_points(axes);
  const auto coordinates = Coordinates::of(axes);
  Buffer<float> x(points.size() * 2), y(4096 * single.outputs()), tape(single.tape_size(4096));
  coordinates.embed<float>(points, x);
  single.forward({}, x, y, tape);
  const auto expected = values(exact, {}, embedded(axes, points));
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i) worst = std::max(worst, std::abs(y[i] - expected[i]));
  EXPECT_LT(worst, 3e-6);
}
