#include "pde/setup.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "core/nearest.hpp"
#include "pde/finite_differences.hpp"
#include "pde/registry.hpp"

namespace hypercast::pde {

void add_pde_sections(Schema& schema) {
  schema.add<PdeOptions>();
  const auto registry = systems();
  for (const auto& name : registry.names()) {
    std::shared_ptr<System> system = registry.find(name).make();
    schema.add("pde." + name, [system](Section& s) { system->describe(s); });
  }
  schema.add<GridOptions>();
  schema.add<TimeOptions>();
  schema.add<InitialOptions>();
  schema.add<EnsembleOptions>();
  schema.add<ObservationOptions>();
  schema.add<CertifyOptions>();
  schema.add_free("petsc",
                  "Options of PETSc without the dash, e.g. ksp_rtol = 1e-13; unused ones are refused.");
}

namespace {

template <class T>
T entry(const Deck& deck, const char* key, const std::vector<T>& list, std::size_t axis, std::size_t axes) {
  if (list.size() != 1 && list.size() != axes)
    deck.fail("grid", key, fmt::format("{} has {} entries, points has {}", key, list.size(), axes));
  return list[list.size() == 1 ? 0 : axis];
}

Boundary to_boundary(const std::string& word) {
  if (word == "dirichlet") return Boundary::dirichlet;
  return word == "neumann" ? Boundary::neumann : Boundary::periodic;
}

Domain read_domain(const Deck& deck) {
  const auto grid = deck.read<GridOptions>();
  const std::size_t axes = grid.points.size();
  if (axes < 1 || axes > 3) deck.fail("grid", "points", "a grid has one, two or three axes");
  Domain domain;
  domain.wall_value = grid.wall_value;
  for (std::size_t a = 0; a < axes; ++a) {
    DomainAxis axis{std::string(1, "xyz"[a]), entry(deck, "lower", grid.lower, a, axes), 0, grid.points[a],
                    to_boundary(entry(deck, "boundary", grid.boundary, a, axes))};
    axis.length = entry(deck, "upper", grid.upper, a, axes) - axis.lower;
    if (axis.length <= 0) deck.fail("grid", "upper", "upper must be above lower");
    domain.axes.push_back(axis);
  }
  return domain;
}

void check_time(const Deck& deck, const TimeOptions& time) {
  if (time.end <= time.start) deck.fail("time", "end", "end must be after start");
  if (time.interval() / time.step > 1e9)
    deck.fail("time", "step", "more than a thousand million steps a frame");
  if (time.burn_in / time.step > 1e9)
    deck.fail("time", "burn_in", "more than a thousand million steps before the first frame");
  const auto& methods = find_integrator(time.integrator).methods;
  if (!time.method.empty() && std::find(methods.begin(), methods.end(), time.method) == methods.end())
    deck.fail("time", "method",
              methods.empty() ? fmt::format("integrator {} has no methods to choose from", time.integrator)
                              : fmt::format("integrator {} has no method '{}'{}", time.integrator,
                                            time.method, did_you_mean(time.method, methods)));
  if (time.tolerance > 0 && !time.can_adapt())
    deck.fail("time", "tolerance",
              fmt::format("{}{} estimates no error; its steps are fixed", time.integrator,
                          time.method_in_force().empty() ? "" : " " + time.method_in_force()));
}

// A demand that nothing measures must not count as met.
void check_certify(const Deck& deck, const CertifyOptions& certify, const TimeOptions& time) {
  if (certify.tolerance > 0 && certify.every == 0)
    deck.fail("certify", "tolerance", "nothing is certified; set certify.every");
  if (certify.every == 0) return;
  if (certify.tolerance > 0 && !(certify.time && certify.space))
    deck.fail("certify", "tolerance",
              "needs the errors in time and space; leave certify.time and space true");
  if (!certify.time && !certify.space && !certify.agreement)
    deck.fail("certify", "every", "there is nothing to measure: time, space and agreement are all false");
  if (certify.until > 0 && certify.until < time.frame_time(1))
    deck.fail("certify", "until",
              fmt::format("counts no frame but the first: the second is at t = {:g}", time.frame_time(1)));
}

void check_ensemble(const Deck& deck, const EnsembleOptions& ensemble, System& system,
                    const std::string& name) {
  if (ensemble.trajectories() == 0) deck.fail("ensemble", "train", "there is no trajectory to solve");
  if (ensemble.vary.empty()) return;
  if (ensemble.vary_range.size() != 2 || ensemble.vary_range[0] > ensemble.vary_range[1])
    deck.fail("ensemble", "vary_range", "vary_range needs two numbers, the least and the largest");
  if (ensemble.trajectories_per_file != 1)
    deck.fail("ensemble", "trajectories_per_file", "must be 1 with vary: a file holds its parameters once");
  double present = 0;
  for (const auto& [key, value] : parameters(system))
    if (key == ensemble.vary) present = value;
  for (double value : ensemble.vary_range)
    if (const auto text = set_parameter(system, ensemble.vary, value); !text.empty())
      deck.fail("ensemble", "vary", fmt::format("{} (equation {})", text, name));
  set_parameter(system, ensemble.vary, present);
}

// PETSc numbers the unknowns with 32 bits.
void check_size(const Deck& deck, const Setup& setup) {
  double unknowns = static_cast<double>(setup.system->channels().size());
  for (const auto& axis : setup.domain.axes) unknowns *= axis.points;
  if (unknowns > std::numeric_limits<int>::max())
    deck.fail("grid", "points",
              fmt::format("{} points have {:.0f} unknowns, more than 32 bits can number",
                          to_text(setup.domain), unknowns));
}

void check_discretisation(const Deck& deck, const Setup& setup) {
  const bool spectral = setup.discretisation.is_spectral();
  if (spectral && !setup.domain.is_periodic())
    deck.fail("grid", "backend",
              fmt::format("spectral needs periodic axes, the grid is {}", to_text(setup.domain)));
  if (!spectral && find_integrator(setup.time.integrator).linear == Integrator::Linear::by_modes)
    deck.fail("time", "integrator", setup.time.integrator + " needs [grid] backend = \"spectral\"");
  if (spectral) return;
  if (const auto text = order_complaint(*setup.system, setup.domain, setup.discretisation.order);
      !text.empty())
    deck.fail("grid", "order", text);
}

// No two trajectories may have one seed.
void check_seeds(const Deck& deck, const InitialOptions& initial, const EnsembleOptions& ensemble) {
  if (!is_published(initial.family)) return;
  const std::int64_t most = 2147483647 - ensemble.test,
                     last = initial.seed + ensemble.train + ensemble.valid - 1;
  if (last > most)
    deck.fail("initial", "seed",
              fmt::format("the seeds of training and validation go up to {}, those of test down to {}", last,
                          most + 1));
}

void check_certify(const Deck& deck, const CertifyOptions& certify, const EnsembleOptions& ensemble) {
  constexpr int most = 8000;  // numbers in an attribute of a file
  if (certify.every > 0 && (ensemble.trajectories_per_file - 1) / certify.every >= most)
    deck.fail("certify", "every", fmt::format("a file can hold the errors of {} trajectories only", most));
  if (certify.tolerance > 0 && !certify.time && !certify.space)
    deck.fail("certify", "tolerance", "nothing measures the error: time and space are both false");
}

void check_observation(const Deck& deck, std::vector<double> rates) {
  std::sort(rates.begin(), rates.end());
  if (std::adjacent_find(rates.begin(), rates.end()) != rates.end())
    deck.fail("observation", "rates", "a rate is given twice");
}

}  // namespace

std::string order_complaint(const System& system, const Domain& domain, int order) {
  if (order % 2 != 0) return "order must be 2, 4 or 6";
  if (order == 6 && !domain.is_periodic() && !system.reflects_at_walls(domain))
    return "order 6 needs walls at which reflection is exact for this equation; choose 2 or 4";
  return "";
}

std::vector<int> stencil_reach(const System& system, const Domain& domain, int order) {
  std::vector<int> highest(domain.axes.size(), system.is_linear() ? 1 : 2);
  for (const auto& term : system.linear(domain.dims()))
    for (std::size_t a = 0; a < highest.size(); ++a) highest[a] = std::max(highest[a], term.orders[a]);
  const bool reflect = system.reflects_at_walls(domain);
  std::vector<int> reach;
  for (std::size_t a = 0; a < highest.size(); ++a) {
    int most = 0;
    for (int m = 1; m <= highest[a]; ++m)
      most = std::max(most, Line(domain.axes[a], m, order, reflect).reach());
    reach.push_back(most);
  }
  return reach;
}

Setup read_setup(const Deck& deck) {
  Setup setup;
  setup.name = deck.read<PdeOptions>().name;
  setup.system = systems().find(setup.name).make();
  const std::string table = "pde." + setup.name;
  deck.read(table, *setup.system);
  setup.domain = read_domain(deck);
  setup.discretisation = deck.read<GridOptions>().discretisation();
  setup.time = deck.read<TimeOptions>();
  setup.initial = deck.read<InitialOptions>();
  setup.ensemble = deck.read<EnsembleOptions>();
  setup.observation = deck.read<ObservationOptions>();
  setup.certify = deck.read<CertifyOptions>();

  check_time(deck, setup.time);
  check_certify(deck, setup.certify, setup.time);
  check_ensemble(deck, setup.ensemble, *setup.system, setup.name);
  check_seeds(deck, setup.initial, setup.ensemble);
  check_observation(deck, setup.observation.rates);
  check_certify(deck, setup.certify, setup.ensemble);
  if (const auto text = setup.system->complaint(setup.domain); !text.empty()) deck.fail("pde", "name", text);
  check_size(deck, setup);
  check_discretisation(deck, setup);
  const auto [key, text] = initial_complaint(*setup.system, setup.domain, setup.initial);
  if (!text.empty()) deck.fail("initial", key, text);
  return setup;
}

std::string list_text() {
  std::string text = "equations ([pde] name):\n";
  const auto registry = systems();
  for (const auto& name : registry.names())
    text += fmt::format("  {:20} {}\n", name, registry.find(name).summary);
  text += "initial states ([initial] family):\n ";
  for (const auto& name : initial_families()) text += " " + name;
  text += "\nintegrators ([time] integrator, method):\n";
  for (const auto& integrator : integrators()) {
    text += fmt::format("  {:8} {}", integrator.name, integrator.summary);
    for (std::size_t m = 0; m < integrator.methods.size(); ++m)
      text += (m == 0 ? ": " : " ") + integrator.methods[m];
    text += "\n";
  }
  return text;
}

}  // namespace hypercast::pde
