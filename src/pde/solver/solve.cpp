#include "pde/solver/solve.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include "core/ticket_counter.hpp"
#include "io/dataset_card.hpp"
#include "io/on_root.hpp"
#include "pde/ensemble.hpp"
#include "pde/layout.hpp"
#include "pde/observation.hpp"
#include "pde/registry.hpp"
#include "pde/solver/fourier_grid.hpp"
#include "pde/solver/recorder.hpp"
#include "pde/solver/restart.hpp"
#include "pde/solver/session.hpp"

namespace hypercast::pde {

namespace {

// The part of the energy in the outer third of the modes that is worth a warning. Where spectra fall
// exponentially, as those of smooth solutions do, the modes left out have about its power 3/4: errors of
// 1e-6.
constexpr double most_tail_energy = 1e-8;

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

// COLLECTIVE. UserError (Exit::memory) where a node's memory cannot hold what its ranks will need: better no
// run than one that is killed half way.
void require_memory(const Study& study, const Setup& setup, int ranks_per_group) {
  const Comm& world = study.context.comm;
  constexpr double gibi = 1024.0 * 1024 * 1024;
  const double needed = memory_bytes(setup, ranks_per_group) * study.context.node.size() / gibi;
  const double there = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE) / gibi;
  if (!world.any(needed > there)) return;
  throw UserError(
      Exit::memory,
      fmt::format("this grid needs about {:.0f} GiB of memory on a node that has {:.0f} GiB; take a "
                  "coarser one, or more nodes",
                  world.max(needed), world.min(there)));
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
  if (setup.certify.every > 0 && setup.certify.until == 0 && setup.system->is_chaotic())
    log.info(
        "{} is chaotic: no trajectory stays converged for ever; certify.until says which frames count for "
        "the certified errors",
        setup.name);
  if (files > 0 && static_cast<std::size_t>(groups) > files)
    log.info("{} groups of ranks have nothing to do; fewer ranks would be enough",
             groups - static_cast<int>(files));
}

// What came of one group's files.
struct Tally {
  int finished = 0;
  bool stopped = false;
  std::vector<UserError> failures;
};

// COLLECTIVE over the group. Takes file after file until none is left, somebody asks to stop, or no file can
// be written. A trajectory that diverges is no reason to leave the others unsolved.
Tally take_files(const Study& study, const Setup& setup, const Comm& group, TicketCounter& tickets,
                 const std::vector<FilePlan>& files, const io::Provenance& provenance, Recorder& recorder,
                 Progress& progress) {
  Tally tally;
  while (true) {
    std::int64_t number = group.is_root() ? tickets.next() : 0;
    group.broadcast(std::span(&number, 1));
    if (number >= static_cast<std::int64_t>(files.size())) return tally;
    const auto& file = files[number];
    progress.file(static_cast<int>(number),
                  std::int64_t{setup.time.frames} * setup.ensemble.sequences * file.trajectories());
    auto more = provenance;
    more.emplace_back("solve_hash", solve_hash(study.deck, setup, file));
    const auto outcome = recorder.record(file, more);
    tally.stopped = outcome == Outcome::stopped;
    if (outcome == Outcome::done) ++tally.finished;
    if (outcome == Outcome::failed) tally.failures.push_back(*recorder.failure());
    if (tally.stopped || (outcome == Outcome::failed && recorder.failure()->code() != Exit::diverged))
      return tally;
  }
}

// COLLECTIVE over all ranks. The first rank of a group speaks for it. What kept files from being written goes
// before what went wrong with trajectories; then the order is that of the files, whoever met them first.
Exit agree(const Comm& world, const Comm& group, const Tally& tally) {
  std::string mine;
  for (const auto& failure : tally.failures)
    if (group.is_root()) mine += fmt::format("{} {}\n", static_cast<int>(failure.code()), failure.what());
  const auto texts = world.all_gather(std::span<const char>(mine.data(), mine.size()));
  if (texts.empty()) return world.any(tally.stopped) ? Exit::again : Exit::ok;
  std::set<std::tuple<bool, std::string, Exit>> failures;
  for (auto at = texts.begin(); at != texts.end();) {
    const auto end = std::find(at, texts.end(), '\n'), space = std::find(at, end, ' ');
    const auto code = static_cast<Exit>(std::stoi(std::string(at, space)));
    failures.emplace(code == Exit::diverged, std::string(space + 1, end), code);
    at = end + 1;
  }
  auto [diverged, text, code] = *failures.begin();
  if (failures.size() > 1) text += fmt::format("; and {} more files failed", failures.size() - 1);
  throw UserError(code, text);
}

// COLLECTIVE over all ranks. What this run found and measured, of all its files.
void summarise(const Study& study, const Setup& setup, const Recorder& recorder, const Comm& group) {
  const Comm& world = study.context.comm;
  const int continued = world.sum(group.is_root() ? recorder.continued() : 0);
  if (continued > 0) study.context.log.info("files continued from a saved state: {}", continued);
  const int certified = world.sum(group.is_root() ? recorder.certified() : 0);
  const auto reduced = [&](double value, bool largest) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const double empty = largest ? -infinite : infinite;
    const double found = std::isnan(value) ? empty : value;
    const double all = largest ? world.max(found) : world.min(found);
    return all == empty ? std::numeric_limits<double>::quiet_NaN() : all;
  };
  const auto& w = recorder.worst();
  const Certificate worst{reduced(w.err_time, true),      reduced(w.err_space, true),
                          reduced(w.order_time, false),   reduced(w.order_space, false),
                          reduced(w.err_agreement, true), reduced(w.converged_until, false)};
  if (certified > 0)
    study.context.log.info("certified {} trajectories, at worst: {}", certified, to_text(worst));
  const double tail = world.max(recorder.tail_energy());
  if (tail <= most_tail_energy || setup.system->is_linear()) return;
  if (world.is_root())
    study.context.log.warn(
        "the outer third of the modes holds up to {:.1e} of a frame's energy: the grid is coarse for this "
        "solution; [certify] measures the error",
        tail);
}

io::DatasetText dataset_text(const Setup& setup, const io::Provenance& provenance) {
  io::DatasetText text;
  text.equation = systems().find(setup.name).summary;
  text.initial_states = fmt::format("family {}, seed {}", setup.initial.family, setup.initial.seed);
  if (setup.time.burn_in > 0)
    text.initial_states += fmt::format(", after a burn-in of {:g}", setup.time.burn_in);
  if (setup.ensemble.sequences > 1)
    text.initial_states +=
        fmt::format("; each solution is cut into {} trajectories", setup.ensemble.sequences);
  text.discretisation = fmt::format("{} on {}", to_text(setup.discretisation), to_text(setup.domain));
  text.integrator = to_text(setup.time);
  text.provenance = provenance;
  return text;
}

bool has_card(const Study& study) {
  bool there = false;
  io::on_root(study.context.comm, [&] { there = std::filesystem::exists(study.folder / "DATASET.md"); });
  return study.context.comm.any(there);
}

}  // namespace

Exit solve(const Study& study) {
  const Comm& world = study.context.comm;
  const Setup setup = read_setup(study.deck);
  const int size = group_size(setup, world.size());
  const int groups = world.size() / size;
  const Comm group = world.split(world.rank() / size, world.rank());

  require_memory(study, setup, size);
  Solver solver(group, *setup.system, setup.domain, setup.discretisation, setup.time);
  refuse_unused_options(study.deck);

  const auto plan = plan_files(setup, study.folder);
  const auto files = files_to_make(study, setup, plan);
  announce(study, setup, solver, groups, files.size(), plan.size());

  const auto provenance = make_provenance(study, setup, size);
  write_observation_masks(study, setup, provenance);
  Progress progress(study.context.log, static_cast<int>(files.size()), groups,
                    study.deck.read<RunOptions>().progress_interval);
  Recorder recorder(group, study.context, setup, solver, progress);
  TicketCounter tickets(world);
  const Tally tally = take_files(study, setup, group, tickets, files, provenance, recorder, progress);
  const int left = static_cast<int>(files.size()) - world.sum(group.is_root() ? tally.finished : 0);
  summarise(study, setup, recorder, group);
  const Exit exit = agree(world, group, tally);
  if (exit == Exit::ok && (!files.empty() || !has_card(study)))
    io::write_dataset_card(world, study.folder, dataset_text(setup, provenance));
  if (exit == Exit::again)
    study.context.log.info("stopped: {} of {} files are finished; the next run goes on with the others",
                           plan.size() - left, plan.size());
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
  const int ranks = study.context.comm.size(), size = group_size(setup, ranks);
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
