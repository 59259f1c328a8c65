// hypercast-solve: integrates the equation of a deck and writes its trajectories.
//
//   mpirun -n 4 hypercast-solve inputs/burgers1d.toml --output runs/burgers1d
//
// 1. the deck's [petsc] options go to PETSc, which lives as long as the run
// 2. ranks are split into groups; each solves its share of the files in FOLDER/data/{train,valid,test}
// 3. files that an earlier run finished with the same settings are kept
//
//   hypercast-solve --check-file FILE...      says what is wrong with trajectory files

#include "pde/solver/solve.hpp"

#include "deck/app.hpp"
#include "io/check_files.hpp"
#include "io/child_jobs.hpp"
#include "pde/setup.hpp"
#include "pde/solver/session.hpp"
#include "study.hpp"

namespace {

using namespace hypercast;

// A line for each problem, or one that says what a good file holds.
Exit check_files(const Comm& comm, const Log& log, const std::vector<std::string>& files) {
  Exit exit = Exit::ok;
  const auto verdicts = io::check_files(comm, {files.begin(), files.end()});
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const auto& line : verdicts[i].lines) log.info("{}: {}", files[i], line);
    if (exit != Exit::data && verdicts[i].code != Exit::ok) exit = verdicts[i].code;
  }
  return exit;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = io::serve_child(argc, argv, io::child_jobs())) return *code;
  App app;
  app.name = "hypercast-solve";
  app.summary = "Integrates a partial differential equation and writes its trajectories.";
  app.schema = study_schema();
  app.flags = {{"overwrite", "",
                "make files anew that were made with other settings; move leftover ones to previous-N"}};
  app.modes = {{"check-file",
                "says all that is wrong with trajectory files, whoever wrote them: layout, values, seal",
                check_files}};
  app.libraries = study_libraries();
  for (const auto& fact : pde::pde_libraries()) app.libraries.push_back(fact);
  app.list = pde::list_text;
  app.begin = [](const Comm& comm, const Deck& deck) -> std::shared_ptr<void> {
    return std::make_shared<pde::PetscSession>(comm, deck.read_free("petsc"));
  };
  app.check = pde::check_solve;
  app.run = pde::solve;
  return run_app(argc, argv, std::move(app));
}
