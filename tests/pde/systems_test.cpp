// Every equation is the one it says: its right-hand side on both backends, against derivatives that no
// discretisation has touched, and against the rate of its exact solution.

#include <iostream>

#include "problem.hpp"
#include "trigonometric.hpp"

namespace hypercast::pde {
namespace {

class Systems : public Solving {};

void set_rows(System& system, const std::string& name, const std::vector<std::vector<double>>& rows) {
  Section section("");
  system.describe(section);
  for (const auto& key : section.keys())
    if (key.name() == name) key.assign(rows);
}

// Sides 2 pi, 4 pi and 2 pi that do not start at zero.
Domain shifted(int dims, int points) {
  Domain domain = box(dims, points, Boundary::periodic);
  for (int a = 0; a < dims; ++a) domain.axes[a].lower = 0.4 - a;
  if (dims > 1) domain.axes[1].length *= 2;
  return domain;
}

// Few waves that fit those sides.
Waves some_waves(int dims, int channel) {
  const double s = channel;
  Waves waves{{{0.9, 0.3 + s, {1, 0, 0}}, {0.5, 1.1 - s, {2, 0, 0}}}};
  if (dims > 1) {
    waves.modes[0].k[1] = 0.5;
    waves.modes.push_back({0.4, 0.2 * s, {-1, 1.5, 0}});
  }
  if (dims > 2) waves.modes[1].k[2] = 1;
  return waves;
}

// du/dt at a point.
using Formula =
    std::function<void(std::span<const Waves> u, std::span<const double> x, std::span<double> rate)>;

struct Case {
  std::string name;
  std::vector<std::pair<std::string, double>> parameters;
  std::vector<int> dims;
  Formula formula;
};

double sum_of_slopes(const Waves& u, std::span<const double> x) {
  double sum = u(x, {1, 0, 0});
  if (x.size() > 1) sum += u(x, {0, 1, 0});
  if (x.size() > 2) sum += u(x, {0, 0, 1});
  return sum;
}

double square_of_slopes(const Waves& u, std::span<const double> x) {
  double sum = std::pow(u(x, {1, 0, 0}), 2);
  if (x.size() > 1) sum += std::pow(u(x, {0, 1, 0}), 2);
  if (x.size() > 2) sum += std::pow(u(x, {0, 0, 1}), 2);
  return sum;
}

// Of waves that are all different.
double mean_square_of_slopes(const Waves& u) {
  double sum = 0;
  for (const auto& mode : u.modes)
    sum += mode.amplitude * mode.amplitude / 2 *
           (mode.k[0] * mode.k[0] + mode.k[1] * mode.k[1] + mode.k[2] * mode.k[2]);
  return sum;
}

double biharmonic_of(const Waves& u, std::span<const double> x) {
  double sum = u(x, {4, 0, 0});
  if (x.size() > 1) sum += u(x, {0, 4, 0}) + 2 * u(x, {2, 2, 0});
  if (x.size() > 2) sum += u(x, {0, 0, 4}) + 2 * u(x, {2, 0, 2}) + 2 * u(x, {0, 2, 2});
  return sum;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"heat",
       {{"diffusivity", 0.3}},
       {1, 2, 3},
       [](auto u, auto x, auto rate) { rate[0] = 0.3 * u[0].laplacian(x); }},
      {"advection", {}, {1, 2, 3}, [](auto u, auto x, auto rate) { rate[0] = -sum_of_slopes(u[0], x); }},
      {"advection_diffusion",
       {{"diffusivity", 0.3}},
       {1, 2, 3},
       [](auto u, auto x, auto rate) { rate[0] = 0.3 * u[0].laplacian(x) - sum_of_slopes(u[0], x); }},
      {"burgers",
       {{"viscosity", 0.3}},
       {1, 2, 3},
       [](auto u, auto x, auto rate) {
         rate[0] = 0.3 * u[0].laplacian(x) - u[0](x) * sum_of_slopes(u[0], x);
       }},
      {"wave",
       {{"speed", 0.7}},
       {1, 2, 3},
       [](auto u, auto x, auto rate) {
         rate[0] = u[1](x);
         rate[1] = 0.49 * u[0].laplacian(x);
       }},
      {"schroedinger",
       {{"nonlinearity", 1.3}},
       {1, 2, 3},
       [](auto u, auto x, auto rate) {
         const double density = std::pow(u[0](x), 2) + std::pow(u[1](x), 2);
         rate[0] = -0.5 * u[1].laplacian(x) - 1.3 * density * u[1](x);
         rate[1] = 0.5 * u[0].laplacian(x) + 1.3 * density * u[0](x);
       }},
      {"korteweg_de_vries",
       {{"nonlinearity", 5.0}, {"dispersion", 0.2}},
       {1},
       [](auto u, auto x, auto rate) {
         rate[0] = -5 * u[0](x) * u[0](x, {1, 0, 0}) - 0.2 * u[0](x, {3, 0, 0});
       }},
      {"kuramoto_sivashinsky",
       {{"viscosity", 0.4}},
       {1, 2, 3},
       [](auto u, auto x, auto rate) {
         rate[0] = -u[0].laplacian(x) - 0.4 * biharmonic_of(u[0], x);
         rate[0] -= x.size() == 1 ? u[0](x) * u[0](x, {1, 0, 0})
                                  : (square_of_slopes(u[0], x) - mean_square_of_slopes(u[0])) / 2;
       }},
      {"navier_stokes",
       {{"viscosity", 0.05}, {"drag", 0.2}},
       {2},
       [](auto w, auto x, auto rate) {
         const Waves p = w[0].inverse_laplacian();  // -psi
         rate[0] = 0.05 * w[0].laplacian(x) - 0.2 * w[0](x) + p(x, {0, 1, 0}) * w[0](x, {1, 0, 0}) -
                   p(x, {1, 0, 0}) * w[0](x, {0, 1, 0});
         rate[0] += 0.1 * std::sin(2 * x[0] + 0.5 * x[1] + 0.7) + 0.3 * std::cos(x[1]);
       }},
  };
  return all;
}

// The relative error of the right-hand side.
double rate_error(const Case& one, int dims, int points, const Discretisation& how) {
  const auto system = systems().find(one.name).make();
  for (const auto& [key, value] : one.parameters) EXPECT_EQ(set_parameter(*system, key, value), "");
  if (one.name == "navier_stokes")
    set_rows(*system, "forcing", {{0.1, 0.7, 2, 0.5}, {0.3, std::numbers::pi / 2, 0, 1}});
  const Domain domain = shifted(dims, points);
  EXPECT_EQ(system->complaint(domain), "") << one.name;
  std::vector<Waves> channels;
  for (std::size_t c = 0; c < system->channels().size(); ++c)
    channels.push_back(some_waves(dims, static_cast<int>(c)));
  const State formula = [&](std::span<const double> x, std::span<double> rate) {
    one.formula(channels, x, rate);
  };
  const auto rate = rate_of(Comm::self(), *system, domain, how, state_of(channels));
  return relative_l2(rate, sample(domain, formula, channels.size()));
}

TEST_F(Systems, RightHandSidesAreThoseOfTheEquations) {
  if (elsewhere()) return;
  for (const auto& one : cases())
    for (int dims : one.dims) {
      EXPECT_LT(rate_error(one, dims, 32, fourier()), 1e-11) << one.name << " " << dims;
      for (int order : {2, 4, 6}) {
        if (dims == 3 && order != 4) continue;
        const int points = dims == 3 ? 24 : 48;
        const double coarse = rate_error(one, dims, points, differences(order)),
                     fine = rate_error(one, dims, 2 * points, differences(order));
        EXPECT_NEAR(std::log2(coarse / fine), order, 0.25) << one.name << " " << dims << "-D order " << order;
      }
    }
}

// Rates of the exact solutions, from differences in time.
TEST_F(Systems, ExactSolutionsSolveTheEquations) {
  if (elsewhere()) return;
  int solutions = 0;
  for (const auto& name : systems().names())
    for (int dims : {1, 2})
      for (const auto& how : {fourier(), differences(6)}) {
        const auto system = systems().find(name).make();
        const Domain domain = box(dims, 96, Boundary::periodic);
        if (!system->complaint(domain).empty() || !system->exact(domain)) continue;
        const auto exact = *system->exact(domain);
        const std::size_t channels = system->channels().size();
        const double t = 0.3, e = 2e-3;
        const auto at = [&](double time) { return sample(domain, at_time(exact, time), channels); };
        const auto before2 = at(t - 2 * e), before = at(t - e), after = at(t + e), after2 = at(t + 2 * e);
        std::vector<double> slope(before.size());
        for (std::size_t i = 0; i < slope.size(); ++i)
          slope[i] = (8 * (after[i] - before[i]) - (after2[i] - before2[i])) / (12 * e);
        auto rate = rate_of(Comm::self(), *system, domain, how, at_time(exact, t), t);
        const auto here = at(t);  // added to both: some solutions are at rest
        for (std::size_t i = 0; i < rate.size(); ++i) {
          rate[i] += here[i];
          slope[i] += here[i];
        }
        EXPECT_LT(relative_l2(rate, slope), how.is_spectral() ? 1e-8 : 1e-5)
            << name << " " << dims << "-D " << to_text(how);
        ++solutions;
      }
  EXPECT_GE(solutions, 18);
}

std::string complaint_of(const std::string& name, const Domain& domain) {
  return systems().find(name).make()->complaint(domain);
}

TEST(SystemsRefuse, DomainsOnWhichTheyCannotBeSolved) {
  const struct {
    const char* name;
    int dims;
    Boundary boundary;
    double wall_value;
    const char* text;  // part of the complaint; "": none
  } rows[] = {
      {"navier_stokes", 1, Boundary::periodic, 0, "two periodic axes"},
      {"navier_stokes", 2, Boundary::neumann, 0, "two periodic axes"},
      {"navier_stokes", 3, Boundary::periodic, 0, "two periodic axes"},
      {"navier_stokes", 2, Boundary::periodic, 0, ""},
      {"korteweg_de_vries", 2, Boundary::periodic, 0, "one periodic axis"},
      {"korteweg_de_vries", 1, Boundary::dirichlet, 0, "one periodic axis"},
      {"kuramoto_sivashinsky", 1, Boundary::neumann, 0, "dirichlet"},
      {"kuramoto_sivashinsky", 1, Boundary::dirichlet, 0, ""},
      {"kuramoto_sivashinsky", 1, Boundary::dirichlet, 1, "wall_value"},
      {"kuramoto_sivashinsky", 2, Boundary::dirichlet, 0, "neumann"},
      {"kuramoto_sivashinsky", 2, Boundary::neumann, 0, ""},
      {"schroedinger", 1, Boundary::dirichlet, 2, "wall_value"},
      {"schroedinger", 2, Boundary::neumann, 2, ""},
      {"wave", 2, Boundary::dirichlet, 1, "wall_value"},
      {"wave", 2, Boundary::dirichlet, 0, ""},
      {"advection", 1, Boundary::neumann, 0, "wall"},
      {"advection", 3, Boundary::periodic, 0, ""},
  };
  for (const auto& [name, dims, boundary, wall_value, text] : rows) {
    Domain domain = box(dims, 24, boundary);
    domain.wall_value = wall_value;
    const auto complaint = complaint_of(name, domain);
    const auto what = std::string(name) + " on " + to_text(domain) + ": " + complaint;
    if (*text == 0) {
      EXPECT_EQ(complaint, "") << what;
    } else {
      EXPECT_NE(complaint.find(text), std::string::npos) << what;
    }
  }
}

// A wind along the walls is none of theirs.
TEST(SystemsRefuse, OnlyWindsThroughWalls) {
  const auto system = systems().find("advection").make();
  Domain domain = box(2, 16, Boundary::periodic);
  domain.axes[1].boundary = Boundary::dirichlet;
  Section section("");
  system->describe(section);
  section.keys()[0].assign(std::vector<double>{2.0, 0.0});
  EXPECT_EQ(system->complaint(domain), "");
  section.keys()[0].assign(std::vector<double>{2.0, 1.0});
  EXPECT_NE(system->complaint(domain), "");
  section.keys()[0].assign(std::vector<double>{2.0, 1.0, 0.0});
  EXPECT_NE(system->complaint(domain).find("3 numbers"), std::string::npos);
}

TEST(SystemsRefuse, NumbersOutOfRange) {
  const struct {
    const char *name, *key;
    double bad;
  } rows[] = {{"navier_stokes", "viscosity", -1},        {"navier_stokes", "drag", -0.1},
              {"kuramoto_sivashinsky", "viscosity", 0},  {"korteweg_de_vries", "dispersion", 0},
              {"korteweg_de_vries", "nonlinearity", -6}, {"wave", "speed", 0}};
  for (const auto& [name, key, bad] : rows) {
    const auto system = systems().find(name).make();
    EXPECT_EQ(set_parameter(*system, key, 1), "") << name << " " << key;
    EXPECT_NE(set_parameter(*system, key, bad), "") << name << " " << key;
  }
  int numbers = 0, lists = 0;
  for (const auto& name : systems().names())
    for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
      const auto system = systems().find(name).make();
      Section section("");
      system->describe(section);
      for (const auto& key : section.keys()) {
        if (const auto* number = std::get_if<double*>(&key.target())) {
          EXPECT_EQ(key.complaint(), "") << name << " " << key.name();
          **number = bad;
          ++numbers;
        } else if (const auto* list = std::get_if<std::vector<double>*>(&key.target())) {
          EXPECT_EQ(key.complaint(), "") << name << " " << key.name();
          **list = {1.0, bad};
          ++lists;
        } else {
          continue;
        }
        EXPECT_NE(key.complaint(), "") << name << " " << key.name();
      }
    }
  EXPECT_GT(numbers, 20);
  EXPECT_GT(lists, 0);
}

TEST(SystemsRefuse, ForcingsThatDoNotFit) {
  const struct {
    std::vector<double> row;
    const char* text;
  } rows[] = {{{0.1, 0, 2, 0.5}, ""},
              {{0.1, 0, 2}, "4 numbers"},
              {{0.1, 0, 2, 1, 0}, "4 numbers"},
              {{0.1, 0, 0.5, 1}, "does not fit axis x"},
              {{0.1, 0, 1, 0.25}, "does not fit axis y"},
              {{0.1, 1.5, 0, 0}, "constant"},
              {{0.1, 0, 8, 0}, "more points along axis x"}};
  for (const auto& [row, text] : rows) {
    const auto system = systems().find("navier_stokes").make();
    set_rows(*system, "forcing", {{0.1, 0, 1, 0}, row});
    const auto complaint = system->complaint(shifted(2, 24));
    EXPECT_EQ(complaint.empty(), *text == 0) << complaint;
    EXPECT_NE(complaint.find(text), std::string::npos) << complaint;
    EXPECT_EQ(system->exact(shifted(2, 24)), std::nullopt);
  }
}

}  // namespace
}  // namespace hypercast::pde
