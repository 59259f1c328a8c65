#include "deck/app.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "core/isa.hpp"
#include "deck/command_line.hpp"
#include "deck/files.hpp"
#include "deck/last_words.hpp"
#include "deck/run_record.hpp"

namespace hypercast {

namespace {

// Nothing when the command line asks for work rather than for a text.
std::optional<std::string> answer(const App& app, const CommandLine& line) {
  if (line.help && line.help_section.empty()) return help_text(app);
  if (line.help && line.help_section == "all") return app.schema.key_reference();
  if (line.help) return app.schema.help(line.help_section);
  if (line.version) return version_text(app);
  if (line.list) return app.list ? app.list() : "";
  return {};
}

double time_limit(const RunOptions& options) {
  const char* end = std::getenv("SLURM_JOB_END_TIME");
  return options.max_walltime > 0 || !end ? options.max_walltime
                                          : slurm_walltime(end, static_cast<double>(std::time(nullptr)));
}

// The checks of the app behind `#`, so that the output is a deck.
void print_check(const App& app, const Study& study) {
  const std::string text = app.check ? app.check(study) : "";
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    study.context.log.info("# {}", text.substr(at, end - at));
    at = end + 1;
  }
  study.context.log.info("{}", study.deck.resolved());
}

void print_end(const Context& context, Exit exit, double seconds) {
  const std::string table = context.timers.table(context.comm);
  if (table.find('\n') != std::string::npos) context.log.info("{}", table);
  context.log.info("done exit {} wall {}", static_cast<int>(exit), clock_text(seconds));
}

// Runs the app and leaves a line in run.json, however it ends.
Exit run_recorded(const App& app, const Study& study, RunRecord record, double started) {
  const Context& context = study.context;
  const auto leave = [&](Exit exit) {
    record.exit = exit;
    record.walltime = wall_seconds() - started;
    if (context.comm.is_root() && !append_line(study.folder / "run.json", record.json()))
      context.log.warn("{} cannot be written", (study.folder / "run.json").string());
  };
  try {
    const Exit exit = app.run(study);
    record.timers = context.timers.reduce(context.comm);
    leave(exit);
    print_end(context, exit, wall_seconds() - started);
    return exit;
  } catch (const UserError& error) {
    leave(error.code());
    throw;
  }
}

// Ranks that round differently would give results of neither.
void agree_on_isa(const Comm& world) {
  const bool fused = isa() == Isa::v3 || isa() == Isa::v4;  // which give the same bits
  const int kind = static_cast<int>(fused ? Isa::v3 : isa());
  if (world.min(kind) != world.max(kind))
    throw UserError(Exit::environment,
                    "ranks run on different instruction sets, which round differently: set "
                    "HYPERCAST_ISA to one that all processors have");
}

Exit run_deck(const App& app, const CommandLine& line, const Comm& world, const std::string& command) {
  const double started = wall_seconds();
  const std::time_t date = std::time(nullptr);
  const Log log(world.rank());
  const Deck deck(app.schema, read_deck_file(world, line.deck), line.deck, line.overrides);
  const auto options = deck.read<RunOptions>();
  const std::filesystem::path file(line.deck);
  const auto folder = line.output.empty() ? "runs" / file.stem() : std::filesystem::path(line.output);
  line.check ? check_output_folder(world, folder) : create_output_folder(world, folder);

  const auto session = app.begin ? app.begin(world, deck) : nullptr;
  Timers timers;
  Signals signals(folder, started, time_limit(options));
  const Comm node = world.node(options.ranks_per_node);
  const Context context{world, node, log, timers, signals};
  const Study study{context, deck, folder, line.flags, command, app.libraries};
  if (line.check) {
    print_check(app, study);
    return Exit::ok;
  }
  agree_on_isa(world);
  log.info("{} {} ranks {} isa {} deck {} output {}", app.name, version().version, world.size(),
           isa_name(isa()), line.deck, folder.string());
  if (world.is_root() && std::filesystem::exists(folder / "STOP"))
    log.warn("{} asks this run to stop at its first step; remove it to go on", (folder / "STOP").string());
  return run_recorded(app, study,
                      {app.name, command, world.size(), date, 0, Exit::ok, line.deck, deck.resolved(), {}},
                      started);
}

Exit serve(const App& app, const Comm& world, int argc, char** argv) {
  if (const auto missing = missing_instructions(); !missing.empty())
    throw UserError(Exit::environment, "this build needs " + missing +
                                           ", which this processor lacks; configure with -DHYPERCAST_ARCH=");
  const CommandLine line = parse_command_line(app, argc, argv);
  if (const auto text = answer(app, line)) {
    Log(world.rank()).info("{}", text->substr(0, text->find_last_not_of('\n') + 1));
    return Exit::ok;
  }
  if (line.mode) return line.mode->run(world, Log(world.rank()), line.files);
  return run_deck(app, line, world, command_text(argc, argv));
}

}  // namespace

void RunOptions::describe(Section& s) {
  s.about("What every app obeys.");
  s.key("max_walltime", max_walltime,
        "stop with a checkpoint and exit 75 after this time; 0: no limit, under Slurm the end of the job "
        "less a "
        "minute")
      .at_least(0)
      .unit("s");
  s.key("ranks_per_node", ranks_per_node,
        "most ranks that share memory, as if nodes were that small; 0: as the machine is. For testing")
      .at_least(0);
  s.key("progress_interval", progress_interval, "least time between two progress lines")
      .at_least(0)
      .unit("s");
}

double slurm_walltime(const char* end, double now) {
  constexpr double margin = 60;
  char* rest = nullptr;
  const double moment = std::strtod(end, &rest);
  if (rest == end || *rest != '\0' || !(moment > 0)) return 0;
  return std::max(1.0, moment - now - margin);
}

int run_app(int argc, char** argv, App app) {
  hold_wishes();
  std::signal(SIGXFSZ, SIG_IGN);  // writing beyond a limit is then an error like that of a full disk
  Session session(argc, argv);
  const Comm world = session.world();
  const LastWords last_words(app.name, world);
  if (!app.schema.find(RunOptions::section)) app.schema.add<RunOptions>();
  try {
    app.libraries.emplace_back("isa", isa_name(isa()));
    return static_cast<int>(serve(app, world, argc, argv));
  } catch (const UserError& error) {
    // The only kind that is caught; see last_words.hpp for the others.
    if (world.is_root()) Log(0).error(app.name + ": error: " + error.what());
    // All ranks come here. If one does not, a UserError was raised where an Error belongs.
    if (!world.barrier_within(5)) last_words.speak(error.code(), error.what());
    return static_cast<int>(error.code());
  }
}

}  // namespace hypercast
