// hypercast-bench: what this machine can do -> bench/bench.json; see src/bench.

#include "bench/bench.hpp"

#include "deck/app.hpp"
#include "study.hpp"

using namespace hypercast;

int main(int argc, char** argv) {
  App app;
  app.name = "hypercast-bench";
  app.summary = "Measure what this machine can do, and what training must cost on it.";
  app.schema = study_schema();
  app.libraries = study_libraries();
  app.list = bench::list_groups;
  app.check = bench::describe;
  app.run = bench::bench;
  return run_app(argc, argv, std::move(app));
}
