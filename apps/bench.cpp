// hypercast-bench: what this machine can do -> bench/bench.json; see src/bench.

#include "bench/bench.hpp"

#include "pde/rate_of_change.hpp"
#include "pde/solver/session.hpp"
#include "study.hpp"

namespace {

using namespace hypercast;

bench::RateOfChange make_rate(const Comm& comm, const pde::System& system, const pde::Domain& domain,
                              const pde::Discretisation& discretisation) {
  auto rate = std::make_shared<pde::RateOfChange>(comm, system, domain, discretisation);
  return
      [rate](double t, std::span<const double> u, std::span<double> rates) { rate->evaluate(t, u, rates); };
}

}  // namespace

int main(int argc, char** argv) {
  App app;
  app.name = "hypercast-bench";
  app.summary = "Measure what this machine can do, and what training must cost on it.";
  app.schema = study_schema();
  app.libraries = study_libraries();
  for (const auto& fact : pde::pde_libraries()) app.libraries.push_back(fact);
  app.list = bench::list_groups;
  app.begin = [](const Comm& comm, const Deck& deck) -> std::shared_ptr<void> {
    return std::make_shared<pde::PetscSession>(comm, deck.read_free("petsc"));
  };
  app.check = bench::describe;
  app.run = [](const Study& study) { return bench::bench(study, make_rate); };
  return run_app(argc, argv, std::move(app));
}
