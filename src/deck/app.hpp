#pragma once
// The frame around every main: MPI, command line, deck, log, signals, and what becomes of errors.
//
//   hypercast-solve DECK [--output DIR] [--set section.key=value]... [--check] [app's own flags]
//   hypercast-solve --help [SECTION] | --version | --list
//   hypercast-solve --<mode> FILE...          where the app has a mode that needs no deck
//
// --check writes nothing: it prints what App::check says, as comments, and the resolved deck.
//
// Rank 0 reads the deck and broadcasts its text; every rank parses the same bytes, so every rank sees the
// same error. A UserError is printed once, by rank 0, and all ranks leave with its code; an Error is printed
// with its rank and ends in MPI_Abort; out of memory ends with 71. A deck that is missing gives 66, a folder
// or a text that is not a valid deck 65, an output folder that cannot be made or written 73, usage 64.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "core/version.hpp"
#include "deck/deck.hpp"

namespace hypercast {

// Options of the frame itself.
struct RunOptions {
  static constexpr const char* section = "run";
  double max_walltime = 0;  // seconds; 0: no limit, or what SLURM_JOB_END_TIME leaves
  int ranks_per_node = 0;
  double progress_interval = 1;
  void describe(Section& s);
};

// Seconds from `now` to a minute before `end` (both in seconds since 1970; `end` as SLURM_JOB_END_TIME has
// it), at least 1; 0 when `end` is not a time.
double slurm_walltime(const char* end, double now);

// One study in the hands of one app.
struct Study {
  const Context& context;
  const Deck& deck;
  std::filesystem::path folder;  // --output DIR, default runs/<deck stem>; exists and can be written
  std::map<std::string, std::string> flags;
  std::string command_line;  // as it could be typed again
  Facts libraries;           // of the app, for the provenance of what it writes
  bool flag(const std::string& name) const { return flags.contains(name); }
};

struct Flag {
  std::string name;        // "resume": --resume
  std::string value_name;  // "" for a flag without value
  std::string doc;
};

// What an app does with files alone: no deck, no run folder, no other flag. `run` is COLLECTIVE.
struct FileMode {
  std::string name;  // "check-file": --check-file FILE...
  std::string doc;
  std::function<Exit(const Comm&, const Log&, const std::vector<std::string>& files)> run;
};

struct App {
  std::string name;     // "hypercast-train"
  std::string summary;  // one line
  Schema schema;
  std::vector<Flag> flags;
  std::vector<FileMode> modes;
  Facts libraries;                    // all it uses; for --version and provenance
  std::function<std::string()> list;  // text of --list: everything a deck can name
  // Called after the deck is read and before signal handlers are installed; what it returns lives as long
  // as the run (the PETSc session). May be empty.
  std::function<std::shared_ptr<void>(const Comm&, const Deck&)> begin;
  // --check: more checks, and what to print (sizes, rank layout). Must not write anything.
  std::function<std::string(const Study&)> check;
  std::function<Exit(const Study&)> run;
};

// COLLECTIVE over all ranks of the program; no MPI before or after. Returns the exit code for main. Adds
// [run] (RunOptions) to the schema unless it is there.
//
// Throw nothing but UserError and Error, and catch no Error: it must find no handler (see last_words.hpp).
// Each run appends a line to run.json in the run folder (see run_record.hpp).
int run_app(int argc, char** argv, App app);

Facts deck_libraries();  // toml++, CLI11

}  // namespace hypercast
