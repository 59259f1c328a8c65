#pragma once
// Work on files that others made, done by a process of its own: HDF5 1.10 crashes or hangs on some damaged
// files, and a crash of the child is an answer like any other.
//
//   parent  ask_child(job, file, arguments, ...)     starts the running program again as
//           hypercast-child --child JOB FILE [ARGUMENT]...
//   child   serve_child(argc, argv, jobs)             first thing in main; does the job, answers by a pipe
//
// Why not fork() alone: a copy of a rank shares its network buffers (copy on write breaks memory that a
// network card reads), inherits locks of threads it does not have, and runs the handlers and collective
// destructors of MPI and PETSc when it fails. posix_spawn copies no memory and runs no fork handlers, the new
// program has its own HDF5, and MPI is never initialised in it. Why not a second program: /proc/self/exe is
// always there and always of the same version.
//
// The child has no standard input or output, closes all other files, ignores what stops a run (its parent
// decides), dies with its parent, writes no core, and lives within ChildLimits.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hypercast::io {

struct ChildLimits {
  int cpu = 60;       // seconds of computing between two pieces of the answer
  int silence = 600;  // seconds of any kind between two pieces: file systems may be slow
  int memory = 8192;  // MiB beyond what the program itself takes
};

// --- the child ------------------------------------------------------------------------------------------

// What a job answers, in pieces. Error (Exit::io) when the parent is gone.
class ChildAnswer {
 public:
  explicit ChildAnswer(ChildLimits limits);
  void write(std::string_view bytes) const;
  void write(std::span<const float> values) const;
  // Not an answer, but a sign of life.
  void progress() const { write(""); }

 private:
  ChildLimits limits_;
};

// Answers about `file`. A UserError it throws is thrown by ask_child.
struct ChildJob {
  std::string_view name;
  void (*work)(const std::filesystem::path& file, std::span<const std::string> arguments,
               const ChildAnswer& answer);
};

// The exit code for main when this process is a child, after the job is done; nothing otherwise. Call it
// before MPI is initialised.
std::optional<int> serve_child(int argc, char** argv, std::span<const ChildJob> jobs);

// --- the parent -----------------------------------------------------------------------------------------

// What the job writes, as text or into `answer`, which it must fill. Not collective; ranks may ask at the
// same time. UserError as the job threw it; UserError (Exit::data) naming the file when the child crashed,
// computed too long or wanted too much memory; Error (Exit::io) when it could not be started, was silent or
// was killed from outside.
std::string ask_child(std::string_view job, const std::filesystem::path& file,
                      const std::vector<std::string>& arguments = {}, const ChildLimits& limits = {});
void ask_child(std::string_view job, const std::filesystem::path& file,
               const std::vector<std::string>& arguments, std::span<float> answer,
               const ChildLimits& limits = {});

// The same, taken piece by piece while the child works; it waits when it is ahead by more than a pipe holds.
// Owns the child, which ends with it, whether or not it has answered. After an exception there is nothing
// more to take.
class ChildStream {
 public:
  ChildStream(std::string_view job, const std::filesystem::path& file,
              const std::vector<std::string>& arguments = {}, const ChildLimits& limits = {});
  ~ChildStream();
  ChildStream(const ChildStream&) = delete;
  ChildStream& operator=(const ChildStream&) = delete;

  void take(std::span<char> bytes);  // the next ones; the answer must have so many
  void finish();                     // waits for the end; the answer must have no more

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hypercast::io
