#pragma once
// Solves the trajectories of one file and writes them frame by frame.

#include <optional>

#include "core/context.hpp"
#include "pde/ensemble.hpp"
#include "pde/solver/progress.hpp"
#include "pde/solver/solver.hpp"

namespace hypercast::pde {

enum class Outcome { done, stopped, failed };

class Recorder {
 public:
  // Everything is borrowed; `group` solves together with `solver`.
  Recorder(const Comm& group, const Context& context, const Setup& setup, Solver& solver, Progress& progress)
      : group_(group), context_(context), setup_(setup), solver_(solver), progress_(progress) {}

  // COLLECTIVE over the group. A file that is not done is left absent, and all its frames are lost: the file,
  // not the frame, is the unit of restart.
  Outcome record(const FilePlan& file, const io::Provenance& provenance);
  // Why the last file failed: Exit::diverged, or what its writer met. One group's failure is not yet a
  // UserError, which would have to strike all ranks; whoever asks agrees with the other groups first.
  const std::optional<UserError>& failure() const { return failure_; }

 private:
  Outcome record_trajectory(io::TrajectoryWriter& writer, const FilePlan& file, int trajectory);
  void solve_frame(const State& state, int frame);
  bool to_single();
  Outcome fail(const FilePlan& file, const UserError& error);

  const Comm& group_;
  const Context& context_;
  const Setup& setup_;
  Solver& solver_;
  Progress& progress_;
  std::vector<float> values_;  // of a frame: [channel][local point]
  std::optional<UserError> failure_;
};

}  // namespace hypercast::pde
