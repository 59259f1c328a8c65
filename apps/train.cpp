// hypercast-train: trajectories -> checkpoint. Data-parallel over all ranks; see src/train.

#include "train/train.hpp"

#include "deck/app.hpp"
#include "hyper/dynamics.hpp"
#include "hyper/model.hpp"
#include "io/child_jobs.hpp"
#include "study.hpp"

using namespace hypercast;

int main(int argc, char** argv) {
  if (const auto code = io::serve_child(argc, argv, io::child_jobs())) return *code;
  App app;
  app.name = "hypercast-train";
  app.summary = "Fit a hypernetwork that writes the weights of an implicit neural representation.";
  app.schema = study_schema();
  app.flags = {{"resume", "auto|FILE", "go on from the newest checkpoint that verifies, or from a file"}};
  app.libraries = study_libraries();
  app.list = [] { return hyper::list_models() + hyper::list_dynamics(); };
  app.check = train::describe;
  app.run = train::train;
  return run_app(argc, argv, std::move(app));
}
