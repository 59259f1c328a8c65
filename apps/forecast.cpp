// hypercast-forecast: checkpoint -> fields at any times and places, and their errors; see src/forecast.

#include "forecast/forecast.hpp"

#include "deck/app.hpp"
#include "hyper/dynamics.hpp"
#include "hyper/model.hpp"
#include "io/child_jobs.hpp"
#include "pde/solver/session.hpp"
#include "study.hpp"

using namespace hypercast;

int main(int argc, char** argv) {
  if (const auto code = io::serve_child(argc, argv, io::child_jobs())) return *code;
  App app;
  app.name = "hypercast-forecast";
  app.summary = "Evaluate a checkpoint inside and beyond its training window, beside honest baselines.";
  app.schema = study_schema();
  app.libraries = study_libraries();
  for (const auto& fact : pde::pde_libraries()) app.libraries.push_back(fact);
  app.list = [] { return hyper::list_models() + hyper::list_dynamics(); };
  app.begin = [](const Comm& comm, const Deck& deck) -> std::shared_ptr<void> {
    if (!forecast::needs_solver(deck)) return nullptr;
    return std::make_shared<pde::PetscSession>(comm, deck.read_free("petsc"));
  };
  app.check = forecast::describe;
  app.run = forecast::forecast;
  return run_app(argc, argv, std::move(app));
}
