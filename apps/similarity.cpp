// hypercast-similarity: features of many models -> how similar they are; see src/similarity.

#include "similarity/similarity.hpp"

#include "deck/app.hpp"
#include "io/child_jobs.hpp"
#include "study.hpp"

using namespace hypercast;

int main(int argc, char** argv) {
  if (const auto code = io::serve_child(argc, argv, io::child_jobs())) return *code;
  App app;
  app.name = "hypercast-similarity";
  app.summary = "Measure how similar models are, by what they make of the same inputs.";
  app.schema = study_schema();
  app.libraries = study_libraries();
  app.list = similarity::list_measures;
  app.check = similarity::describe;
  app.run = similarity::similarity;
  return run_app(argc, argv, std::move(app));
}
