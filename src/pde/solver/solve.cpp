#include "pde/solver/solve.hpp"

#include <fmt/core.h>

#include "pde/ensemble.hpp"
#include "pde/layout.hpp"
#include "pde/observation.hpp"
#include "pde/solver/fourier_grid.hpp"
#include "pde/solver/recorder.hpp"
#include "pde/solver/restart.hpp"
#include "pde/solver/session.hpp"

namespace hypercast::pde {

namespace {

void refuse_unused_options(const Deck& deck) {
  for (const auto& option : unused_petsc_options())
    deck.fail(
        "petsc", option,
        fmt::format("'{}' is an option that PETSc does not ask for with this integrator and number of ranks",
                    option));
}

io::Provenance make_provenance(const Study& study, const Setup& setup, int ranks_per_group) {
  io::ProvenanceInput input;
  input.command_line = study.command_line;
  input.deck = study.deck.text();
  input.deck_resolved = study.deck.resolved();
  input.seed = static_cast<std::uint64_t>(setup.initial.seed);
  input.libraries = study.libraries;
  input.more = {
      {"equation", setup.name},
      {"discretisation", fmt::format("{} on {}", to_text(setup.discretisation), to_text(setup.domain))},
      {"integrator", to_text(setup.time)},
      {"petsc_options_used", petsc_options_text()},
      {"ranks_per_group", std::to_string(ranks_per_group)}};
  return io::provenance(study.context.comm, input);
}

void announce(const Study& study, const Setup& setup, const Solver& solver, int groups, std::size_t files,
              std::size_t planned) {
  const auto& log = study.context.log;
  const int ranks = study.context.comm.size();
  log.info("equation {} grid {} {} boxes of {} points", setup.name, to_text(setup.domain),
           to_text(setup.discretisation), solver.block().points());
  log.info("integrator {}; {}", to_text(setup.time), frames_text(setup));
  log.info("ranks {} groups {} of {}; files {} of {} to make, {} trajectories in all", ranks, groups,
           ranks / groups, files, planned, setup.ensemble.trajectories());
  if (files > 0 && static_cast<std::size_t>(groups) > files)
    log.info(
        "{} groups have nothing to do; ensemble.ranks_per_group or fewer ranks would use the machine better",
        groups - static_cast<int>(files));
}

// COLLECTIVE over all ranks: what came of all groups' work. The first rank of a group speaks for it.
Exit agree(const Comm& world, const Comm& group, Outcome outcome, const Recorder& recorder) {
  const bool failed = outcome == Outcome::failed;
  const std::string mine = failed && group.is_root() ? recorder.failure()->what() + std::string("; ") : "";
  const auto texts = world.all_gather(std::span<const char>(mine.data(), mine.size()));
  const int code = world.max(failed ? static_cast<int>(recorder.failure()->code()) : 0);
  if (code != 0) throw UserError(static_cast<Exit>(code), std::string(texts.begin(), texts.end() - 2));
  return world.any(outcome == Outcome::stopped) ? Exit::again : Exit::ok;
}

void say_what_is_left(const Log& log, int planned, int left, int begun) {
  log.info(
      "stopped: kept {} of {} files; the next run solves the other {} from their first frames, {} of them "
      "had been begun",
      planned - left, planned, left, begun);
}

}  // namespace

Exit solve(const Study& study) {
  const Comm& world = study.context.comm;
  const Setup setup = read_setup(study.deck);
  const int size = group_size(setup.ensemble, world.size());
  const int groups = world.size() / size, mine = world.rank() / size;
  const Comm group = world.split(mine, world.rank());

  Solver solver(group, *setup.system, setup.domain, setup.discretisation, setup.time);
  refuse_unused_options(study.deck);

  const auto plan = plan_files(setup, study.folder);
  const auto files = files_to_make(study, setup, plan);
  announce(study, setup, solver, groups, files.size(), plan.size());

  const auto provenance = make_provenance(study, setup, size);
  write_observation_masks(study, setup, provenance);
  int trajectories = 0;
  for (std::size_t i = mine; i < files.size(); i += groups) trajectories += files[i].trajectories();
  Progress progress(study.context.log, setup.time.frames, trajectories,
                    study.deck.read<RunOptions>().progress_interval);
  Recorder recorder(group, study.context, setup, solver, progress);
  Outcome outcome = Outcome::done;
  int finished = 0;
  for (std::size_t i = mine; i < files.size() && outcome == Outcome::done; i += groups) {
    auto more = provenance;
    more.emplace_back("solve_hash", solve_hash(study.deck, setup, files[i]));
    outcome = recorder.record(files[i], more);
    if (outcome == Outcome::done && group.is_root()) ++finished;
  }
  const Exit exit = agree(world, group, outcome, recorder);
  const int begun = world.sum(outcome == Outcome::stopped && group.is_root() ? 1 : 0);
  const int left = static_cast<int>(files.size()) - world.sum(finished);
  if (exit == Exit::again) say_what_is_left(study.context.log, static_cast<int>(plan.size()), left, begun);
  return exit;
}

namespace {

// How a grid is shared by the ranks of a group: "2 x 2" boxes, or slabs.
std::string cut_text(const Setup& setup, int ranks) {
  if (setup.discretisation.is_spectral()) {
    if (const auto text = fourier_complaint(setup.domain, ranks); !text.empty())
      throw UserError(Exit::data, "grid.backend: " + text);
    return fmt::format("{} slabs", ranks);
  }
  const auto cut = require_rank_grid(
      setup.domain, stencil_reach(*setup.system, setup.domain, setup.discretisation.order), ranks);
  std::string parts;
  for (int part : cut.parts) parts += (parts.empty() ? "" : " x ") + std::to_string(part);
  return parts;
}

}  // namespace

std::string check_solve(const Study& study) {
  const Setup setup = read_setup(study.deck);
  const int ranks = study.context.comm.size(), size = group_size(setup.ensemble, ranks);
  constexpr double mebi = 1024 * 1024;
  return fmt::format(
      "equation {} grid {} {}\n"
      "integrator {}; {}\n"
      "trajectories {} files {} ranks {} groups {} of {} ranks, each grid cut into {}\n"
      "disk {:.1f} MiB memory about {:.1f} MiB a rank\n",
      setup.name, to_text(setup.domain), to_text(setup.discretisation), to_text(setup.time),
      frames_text(setup), setup.ensemble.trajectories(), plan_files(setup, study.folder).size(), ranks,
      ranks / size, size, cut_text(setup, size), disk_bytes(setup) / mebi, memory_bytes(setup, size) / mebi);
}

}  // namespace hypercast::pde
