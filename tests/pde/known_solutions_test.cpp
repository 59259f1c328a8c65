// Solutions that are known in closed form, and quantities that equations keep.

#include <iostream>

#include "pde/elliptic.hpp"
#include "problem.hpp"
#include "trigonometric.hpp"

namespace hypercast::pde {
namespace {

class KnownSolutions : public Solving {};

void report(const std::string& what, double error) { std::cout << "  " << what << ": " << error << "\n"; }

double mean_product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(a.size());
}

// K(1/2) = Gamma(1/4)^2 / (4 sqrt(pi)); the limits m = 0 and m -> 1; derivatives and periods in between.
TEST(Elliptic, FunctionsAreThoseOfJacobi) {
  EXPECT_NEAR(complete_elliptic_k(0), std::numbers::pi / 2, 1e-15);
  EXPECT_NEAR(complete_elliptic_k(0.5), std::pow(std::tgamma(0.25), 2) / (4 * std::sqrt(std::numbers::pi)),
              1e-14);
  EXPECT_NEAR(complete_elliptic_k(0.99), 3.6956373629898747, 1e-13);
  for (double u : {-2.0, 0.3, 1.7}) EXPECT_NEAR(jacobi(u, 1 - 1e-15).cn, 1 / std::cosh(u), 1e-12);
  for (double u : {-2.0, 0.3, 1.7, 11.0}) {
    EXPECT_NEAR(jacobi(u, 0).cn, std::cos(u), 1e-14);
    for (double m : {0.1, 0.5, 0.9, 0.999}) {
      const auto [sn, cn, dn] = jacobi(u, m);
      EXPECT_NEAR(sn * sn + cn * cn, 1, 1e-14);
      EXPECT_NEAR(dn * dn + m * sn * sn, 1, 1e-14);
      EXPECT_NEAR(jacobi(u + 4 * complete_elliptic_k(m), m).sn, sn, 1e-12);
      EXPECT_NEAR(jacobi(u + 2 * complete_elliptic_k(m), m).cn, -cn, 1e-12);
      const double e = 1e-5;
      EXPECT_NEAR((jacobi(u + e, m).sn - jacobi(u - e, m).sn) / (2 * e), cn * dn, 1e-9) << u << " " << m;
    }
  }
}

// What is left is the error of the steps, which falls until it drowns in rounding.
TEST_F(KnownSolutions, SpectralRunsReachTheExactSolutions) {
  if (elsewhere()) return;
  for (const auto& name : systems().names()) {
    const auto system = systems().find(name).make();
    const Domain domain = least_box(*system, 64);
    if (!system->exact(domain)) continue;
    double error = 1;
    for (int steps = 250; error > 1e-10 && steps <= 2000; steps *= 2)
      error = exact_error(Comm::self(), *system, domain, fourier(), until(1, steps, "etdrk4", ""));
    report(name, error);
    EXPECT_LT(error, 1e-10) << name;
  }
}

TEST_F(KnownSolutions, CnoidalWaveConvergesAtOrderFour) {
  if (elsewhere()) return;
  const auto system = systems().find("korteweg_de_vries").make();
  const auto error = [&](int steps) {
    return exact_error(Comm::self(), *system, box(1, 64, Boundary::periodic), fourier(),
                       until(1, steps, "etdrk4", ""));
  };
  const double order = std::log2(error(250) / error(500));
  report("korteweg_de_vries etdrk4 order", order);
  EXPECT_NEAR(order, 4, 0.2);
}

// u = 2 q^2 sech^2(q (x - 4 q^2 t)) once through a domain so long that its images do not count.
TEST_F(KnownSolutions, SolitonReturnsAfterOnePeriod) {
  if (elsewhere()) return;
  const auto system = systems().find("korteweg_de_vries").make();
  Domain domain = box(1, 256, Boundary::periodic, 30);
  domain.axes[0].lower = -15;
  const State soliton = [](std::span<const double> x, std::span<double> u) {
    u[0] = 2 / std::pow(std::cosh(x[0]), 2);
  };
  const auto end =
      solve_to_end(Comm::self(), *system, domain, fourier(), until(7.5, 15000, "etdrk4", ""), soliton);
  const double error = relative_l2(end, sample(domain, soliton));
  report("soliton of Korteweg and de Vries after one period", error);
  EXPECT_LT(error, 1e-8);
}

// psi = a sech(sqrt(g) a (x - v t)) exp(i (v x - (v^2 - g a^2) t / 2)), v = 2 pi n / L.
TEST_F(KnownSolutions, BrightSolitonMovesAndKeepsItsShape) {
  if (elsewhere()) return;
  const auto system = systems().find("schroedinger").make();
  const double g = 2, a = 1.1, length = 32, v = 2 * std::numbers::pi * 8 / length;
  ASSERT_EQ(set_parameter(*system, "nonlinearity", g), "");
  Domain domain = box(1, 384, Boundary::periodic, length);
  domain.axes[0].lower = -16;
  const ExactSolution soliton = [&](double t, std::span<const double> x, std::span<double> psi) {
    const double envelope = a / std::cosh(std::sqrt(g) * a * std::remainder(x[0] - v * t, length));
    const double phase = v * x[0] - (v * v - g * a * a) * t / 2;
    psi[0] = envelope * std::cos(phase);
    psi[1] = envelope * std::sin(phase);
  };
  const double end = length / v;  // back where it started, turned
  const auto error = [&](int steps) {
    return relative_l2(solve_to_end(Comm::self(), *system, domain, fourier(), until(end, steps, "etdrk4", ""),
                                    at_time(soliton, 0)),
                       sample(domain, at_time(soliton, end), 2));
  };
  const double coarse = error(6500), fine = error(13000), order = std::log2(coarse / fine);
  report("bright soliton after one period", fine);
  report("order", order);
  EXPECT_LT(fine, 1e-8);
  EXPECT_NEAR(order, 4, 0.2);
}

// Waves of one |k| do not advect each other, since psi is a multiple of w; but u w_x and v w_y are large.
TEST_F(KnownSolutions, TaylorGreenVorticesDecay) {
  if (elsewhere()) return;
  const auto system = systems().find("navier_stokes").make();
  ASSERT_EQ(set_parameter(*system, "viscosity", 0.02), "");
  ASSERT_EQ(set_parameter(*system, "drag", 0.1), "");
  const Waves w{
      {{1.0, 0.3, {3, 4, 0}}, {0.7, 1.0, {4, -3, 0}}, {1.2, 2.0, {5, 0, 0}}, {0.9, 0.0, {0, 5, 0}}}};
  const double decay = std::exp(-(0.02 * 25 + 0.1) * 1);
  const State end = [&](std::span<const double> x, std::span<double> u) { u[0] = decay * w(x); };
  const Domain domain = box(2, 48, Boundary::periodic);
  const auto expected = sample(domain, end);
  const double spectral = relative_l2(
      solve_to_end(Comm::self(), *system, domain, fourier(), until(1, 50, "etdrk4", ""), state_of({w})),
      expected);
  report("Taylor-Green vortices", spectral);
  EXPECT_LT(spectral, 1e-8);
  // Finite differences mix them, as the stencil's |k| differ: an error of the order of the stencil.
  const auto error = [&](int points) {
    const Domain grid = box(2, points, Boundary::periodic);
    return relative_l2(
        solve_to_end(Comm::self(), *system, grid, differences(4), until(1, 100, "rk", "4"), state_of({w})),
        sample(grid, end));
  };
  const double coarse = error(64);
  EXPECT_LT(coarse, 2e-2);
  EXPECT_NEAR(std::log2(coarse / error(128)), 4, 0.3);
}

// Small waves of the Kuramoto-Sivashinsky equation grow like e^{(k^2 - k^4) t}.
TEST_F(KnownSolutions, SmallWavesGrowAsTheyShould) {
  if (elsewhere()) return;
  const auto system = systems().find("kuramoto_sivashinsky").make();
  for (int dims : {1, 2})
    for (const auto& how : {fourier(), differences(6)}) {
      Domain domain = box(dims, 36, Boundary::periodic, 2 * std::numbers::pi / 0.35);
      Mode mode{1e-7, 0.4, {0.7, 0.35, 0}};
      if (dims == 1) mode.k[1] = 0;
      const double square = 0.49 + mode.k[1] * mode.k[1], growth = std::exp((square - square * square) * 10);
      const auto time =
          until(10, 100, how.is_spectral() ? "etdrk4" : "arkimex", how.is_spectral() ? "" : "4");
      const auto state = state_of({Waves{{mode}}});
      mode.amplitude *= growth;
      const double error = relative_l2(solve_to_end(Comm::self(), *system, domain, how, time, state),
                                       sample(domain, state_of({Waves{{mode}}})));
      EXPECT_LT(error, 2e-5) << dims << "-D " << to_text(how);
    }
}

// A long domain is chaotic: neighbours part, while each run is converged by itself for a while.
TEST_F(KnownSolutions, NeighboursPartInLongDomains) {
  if (elsewhere()) return;
  const auto system = systems().find("kuramoto_sivashinsky").make();
  const Domain domain = box(1, 128, Boundary::periodic, 60);
  const auto start = [](double shift) -> State {
    return [shift](std::span<const double> x, std::span<double> u) {
      const double k = 2 * std::numbers::pi / 60;
      u[0] = 1.5 * std::cos(7 * k * x[0]) + std::sin(4 * k * x[0] + 1) + (1 + shift) * std::cos(k * x[0]);
    };
  };
  const auto end = [&](double shift, double t, int steps) {
    return solve_to_end(Comm::self(), *system, domain, fourier(), until(t, steps, "etdrk4", ""),
                        start(shift));
  };
  EXPECT_LT(relative_l2(end(0, 20, 800), end(0, 20, 1600)), 1e-5);
  const double parted = relative_l2(end(0, 150, 1500), end(1e-6, 150, 1500));
  report("neighbours 1e-6 apart, at t = 150", parted);
  EXPECT_GT(parted, 1e-4);
}

// The nonlinear term moves energy and enstrophy between waves, and makes none.
TEST_F(KnownSolutions, FlowsKeepEnergyAndEnstrophy) {
  if (elsewhere()) return;
  const auto system = systems().find("navier_stokes").make();
  ASSERT_EQ(set_parameter(*system, "viscosity", 0), "");
  const Waves w{
      {{1.0, 0.3, {1, 2, 0}}, {0.7, 1.0, {3, -1, 0}}, {1.2, 2.0, {0, 2, 0}}, {0.5, 0.0, {4, 1, 0}}}};
  const Domain domain = box(2, 48, Boundary::periodic);
  const auto values = sample(domain, state_of({w})), psi = sample(domain, state_of({w.inverse_laplacian()}));
  const auto rate = rate_of(Comm::self(), *system, domain, fourier(), state_of({w}));
  EXPECT_GT(mean_product(rate, rate), 0.1);
  EXPECT_NEAR(mean_product(values, rate), 0, 1e-14);
  EXPECT_NEAR(mean_product(psi, rate), 0, 1e-14);
  // Over time too, also when waves beyond the kept ones would be made.
  const auto end =
      solve_to_end(Comm::self(), *system, domain, fourier(), until(5, 500, "etdrk4", ""), state_of({w}));
  EXPECT_GT(relative_l2(end, values), 0.5);
  EXPECT_NEAR(mean_product(end, end) / mean_product(values, values), 1, 1e-6);
}

// With viscosity and drag the enstrophy Z = mean w^2 / 2 obeys Z_t = -nu mean |grad w|^2 - 2 drag Z.
TEST_F(KnownSolutions, FlowsLoseEnstrophyToViscosityAndDrag) {
  if (elsewhere()) return;
  const auto system = systems().find("navier_stokes").make();
  ASSERT_EQ(set_parameter(*system, "viscosity", 0.03), "");
  ASSERT_EQ(set_parameter(*system, "drag", 0.2), "");
  const Waves w{{{1.0, 0.3, {1, 2, 0}}, {0.7, 1.0, {3, -1, 0}}, {0.5, 0.0, {4, 1, 0}}}};
  const Domain domain = box(2, 32, Boundary::periodic);
  double expected = 0;
  for (const auto& [a, phase, k] : w.modes)
    expected -= a * a / 2 * (0.03 * (k[0] * k[0] + k[1] * k[1]) + 0.2);
  const auto rate = rate_of(Comm::self(), *system, domain, fourier(), state_of({w}));
  EXPECT_NEAR(mean_product(sample(domain, state_of({w})), rate), expected, 1e-13);
}

// Mean and mean square of u, whatever the grid: finite differences keep them as Fourier series do.
TEST_F(KnownSolutions, KortewegDeVriesKeepsMassAndMomentum) {
  if (elsewhere()) return;
  const auto system = systems().find("korteweg_de_vries").make();
  const Domain domain = box(1, 48, Boundary::periodic, 20);
  const State rough = [](std::span<const double> x, std::span<double> u) {
    u[0] = std::sin(x[0] * std::numbers::pi / 10) +
           1 / (1 + std::pow(std::sin(x[0] * std::numbers::pi / 20), 2));
  };
  const auto values = sample(domain, rough);
  const std::vector<double> ones(values.size(), 1.0);
  for (const auto& how : {fourier(), differences(2), differences(6)}) {
    const auto rate = rate_of(Comm::self(), *system, domain, how, rough);
    const double size = std::sqrt(mean_product(rate, rate));
    EXPECT_NEAR(mean_product(ones, rate) / size, 0, 1e-13) << to_text(how);
    EXPECT_NEAR(mean_product(values, rate) / size, 0, 1e-9) << to_text(how);
  }
  const auto end =
      solve_to_end(Comm::self(), *system, domain, fourier(), until(2, 2000, "etdrk4", ""), rough);
  EXPECT_GT(relative_l2(end, values), 0.3);
  EXPECT_NEAR(mean_product(ones, end), mean_product(ones, values), 1e-13);
  EXPECT_NEAR(mean_product(end, end), mean_product(values, values), 1e-8);
}

TEST_F(KnownSolutions, SchroedingerKeepsItsMass) {
  if (elsewhere()) return;
  for (double g : {1.0, -1.0}) {
    const auto system = systems().find("schroedinger").make();
    ASSERT_EQ(set_parameter(*system, "nonlinearity", g), "");
    const Domain domain = box(2, 32, Boundary::periodic);
    const auto state = smooth_state(*system);
    const auto values = sample(domain, state, 2);
    for (const auto& how : {fourier(), differences(4)}) {
      const auto rate = rate_of(Comm::self(), *system, domain, how, state);
      EXPECT_NEAR(mean_product(values, rate), 0, 1e-13) << to_text(how);
    }
    const auto end =
        solve_to_end(Comm::self(), *system, domain, fourier(), until(0.5, 400, "etdrk4", ""), state);
    EXPECT_GT(relative_l2(end, values), 0.3);
    EXPECT_NEAR(mean_product(end, end) / mean_product(values, values), 1, 1e-6) << g;
  }
}

// mean (v^2 - c^2 u Lap u) / 2, where c^2 Lap u is the rate of v.
TEST_F(KnownSolutions, WavesKeepTheirEnergy) {
  if (elsewhere()) return;
  const auto system = systems().find("wave").make();
  const Domain domain = box(2, 32, Boundary::periodic);
  const auto energy = [&](const std::vector<double>& values) {
    const State frozen = [&](std::span<const double> x, std::span<double> u) {
      const auto index = [&](int a) { return std::lround(x[a] / domain.axes[a].spacing()); };
      const auto p = 2 * (index(0) * domain.axes[1].points + index(1));
      u[0] = values[p];
      u[1] = values[p + 1];
    };
    const auto rate = rate_of(Comm::self(), *system, domain, fourier(), frozen);
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); i += 2)
      sum += values[i + 1] * values[i + 1] - values[i] * rate[i + 1];
    return sum;
  };
  const auto state = smooth_state(*system);
  const double before = energy(sample(domain, state, 2));
  const auto end =
      solve_to_end(Comm::self(), *system, domain, fourier(), until(7.3, 10, "etdrk4", ""), state);
  EXPECT_GT(relative_l2(end, sample(domain, state, 2)), 0.5);
  EXPECT_NEAR(energy(end) / before, 1, 1e-12);
}

// A wall is a mirror: the solution between walls is half of an odd or even one on a periodic domain of twice
// the length.
TEST_F(KnownSolutions, WallsAreMirrors) {
  if (elsewhere()) return;
  const struct {
    const char* name;
    int dims;
    Boundary boundary;
  } rows[] = {{"kuramoto_sivashinsky", 1, Boundary::dirichlet},
              {"kuramoto_sivashinsky", 2, Boundary::neumann},
              {"schroedinger", 1, Boundary::dirichlet},
              {"schroedinger", 1, Boundary::neumann},
              {"wave", 1, Boundary::dirichlet},
              {"wave", 1, Boundary::neumann}};
  for (const auto& [name, dims, boundary] : rows) {
    const auto system = systems().find(name).make();
    const int n = 12;
    const double pi = std::numbers::pi, h = pi / n;
    Domain half = box(dims, n, boundary, pi), whole = box(dims, n, Boundary::periodic, pi);
    half.axes[0].points = boundary == Boundary::dirichlet ? n + 1 : n;
    for (int a = 1; a < dims; ++a) half.axes[a].boundary = Boundary::periodic;
    whole.axes[0] = {"x", boundary == Boundary::dirichlet ? -pi : -pi + h / 2, 2 * pi, 2 * n,
                     Boundary::periodic};
    const bool odd = boundary == Boundary::dirichlet;
    const State state = [odd](std::span<const double> x, std::span<double> u) {
      const double y = x.size() > 1 ? std::cos(2 * x[1]) : 0;
      for (std::size_t c = 0; c < u.size(); ++c)
        u[c] = odd ? std::sin(x[0]) + (0.5 - c) * std::sin(2 * x[0])
                   : 0.3 + std::cos(x[0]) + (0.5 - c) * std::cos(2 * x[0]) * (1 + y);
    };
    const double end = 0.2, step = 2 / stiffness(*system, whole);
    const auto time = until(end, static_cast<int>(end / step) + 1, "rk", "4");
    const auto between = solve_to_end(Comm::self(), *system, half, differences(4), time, state);
    const auto all = solve_to_end(Comm::self(), *system, whole, differences(4), time, state);
    // The part from x = 0 on; the node at x = pi is the periodic one at -pi.
    const std::size_t row = between.size() / half.axes[0].points;
    std::vector<double> part(all.begin() + static_cast<std::ptrdiff_t>(n * row), all.end());
    if (odd) part.insert(part.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(row));
    EXPECT_LT(relative_max(between, part), 1e-11) << name << " " << dims << "-D " << to_text(boundary);
    EXPECT_GT(relative_l2(between, sample(half, state, system->channels().size())), 0.05) << name;
  }
}

}  // namespace
}  // namespace hypercast::pde
