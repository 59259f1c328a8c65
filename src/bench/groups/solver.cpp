// Right-hand sides of equations, as the solver evaluates them: a line and a square of points, by finite
// differences and by Fourier series.

#include <fmt/core.h>

#include <cmath>

#include "bench/places.hpp"
#include "bench/rate_items.hpp"
#include "core/buffer.hpp"
#include "core/error.hpp"
#include "pde/registry.hpp"

namespace hypercast::bench {

namespace {

struct Problem {
  std::string equation;
  int dims;
  pde::Discretisation discretisation;
};

// Periodic, of length 2 pi.
pde::Domain domain_of(int dims, int points) {
  pde::Domain domain;
  for (const char* name : {"x", "y"})
    if (domain.dims() < dims) domain.axes.push_back({.name = name, .points = points});
  return domain;
}

// Smooth and positive: a state that every equation has a rate for.
Buffer<double> smooth_values(const pde::Domain& domain, std::size_t channels) {
  const auto points = static_cast<std::size_t>(domain.points());
  const auto columns = static_cast<std::size_t>(domain.axes.back().points);
  Buffer<double> values;
  for (std::size_t i = 0; i < points; ++i)
    for (std::size_t c = 0; c < channels; ++c)
      values.push_back(0.5 + 0.2 * std::sin(domain.axes.back().point(static_cast<std::int64_t>(i % columns)) +
                                            static_cast<double>(c)));
  return values;
}

class SolverGroup final : public Group {
 public:
  void describe(Section& s) override {
    s.about(
        "Right-hand sides of the solver, each rank on a grid of its own: 16 bytes a value, which is read, "
        "and "
        "its rate, which is written, once; whatever else goes through memory counts for nothing.");
    s.key("line", line_, "points of a grid of one axis").at_least(16);
    s.key("square", square_, "points along each of two axes").at_least(16);
  }
  void run(const Bench& bench) const override {
    for (const auto& problem :
         {Problem{"burgers", 1, pde::differences(4)}, Problem{"burgers", 1, pde::fourier()},
          Problem{"gray_scott", 2, pde::differences(4)}, Problem{"navier_stokes", 2, pde::fourier()}})
      measure(bench, problem);
  }

 private:
  void measure(const Bench& bench, const Problem& problem) const {
    check(bench.make_rate != nullptr, "the program brings no solver");
    constexpr double value_bytes = 2 * sizeof(double);
    const auto system = pde::systems().find(problem.equation).make();
    const auto domain = domain_of(problem.dims, problem.dims == 1 ? line_ : square_);
    const std::size_t channels = system->channels().size();
    const auto values = smooth_values(domain, channels);
    Buffer<double> rates(values.size());
    const Comm self = Comm::self();
    const auto evaluate = bench.make_rate(self, *system, domain, problem.discretisation);
    const double bytes = value_bytes * static_cast<double>(values.size());
    add_rates(bench,
              {fmt::format("solver.{}.{}", problem.equation,
                           problem.discretisation.is_spectral() ? "spectral" : "fd"),
               "B/s",
               fmt::format("right-hand side of {}, {}, {}", problem.equation,
                           pde::to_text(problem.discretisation), pde::to_text(domain)),
               "memory." + home_of(bench, bytes) + ".copy", true},
              [&](double seconds) {
                return bytes * machine::passes_a_second(seconds, [&] { evaluate(0, values, rates); });
              });
  }
  // Where so many bytes of a rank stay.
  static std::string home_of(const Bench& bench, double bytes) {
    for (const auto& place : places_of(bench.machine, bench.context.node.size(), bytes))
      if (bytes <= place.bytes) return place.name;
    return "dram";
  }

  int line_ = 4096, square_ = 256;
};

}  // namespace

void register_solver(GroupRegistry& registry) {
  registry.add("solver", "right-hand sides of equations", [] { return std::make_unique<SolverGroup>(); });
}

}  // namespace hypercast::bench
