#pragma once
// Solves the trajectories of one file and writes them frame by frame.

#include <optional>

#include "core/context.hpp"
#include "pde/ensemble.hpp"
#include "pde/solver/certify.hpp"
#include "pde/solver/progress.hpp"
#include "pde/solver/solve_state.hpp"
#include "pde/solver/solver.hpp"

namespace hypercast::pde {

enum class Outcome { done, stopped, failed };

class Recorder {
 public:
  // Everything is borrowed; `group` solves together with `solver`.
  Recorder(const Comm& group, const Context& context, const Setup& setup, Solver& solver, Progress& progress)
      : group_(group), context_(context), setup_(setup), solver_(solver), progress_(progress) {}

  // COLLECTIVE over the group. Goes on with what an earlier run left of this file, if it fits. A file that is
  // not done is absent; stopped, its frames so far and its state are kept beside its place.
  Outcome record(const FilePlan& file, const io::Provenance& provenance);
  // Why the last file failed: Exit::diverged, or what its writer met. One group's failure is not yet a
  // UserError, which would have to strike all ranks; whoever asks agrees with the other groups first.
  const std::optional<UserError>& failure() const { return failure_; }

  // The worst of all certificates so far, and how many there are.
  const Certificate& worst() const { return worst_; }
  int certified() const { return certified_; }
  double tail_energy() const { return worst_tail_; }
  int continued() const { return continued_; }  // files that went on from their saved state

 private:
  struct File;
  void continue_part(File& file);
  bool holds_the_state(const io::TrajectoryWriter& writer, const SolveState& state);
  Outcome record_frames(File& file, int trajectory, int first);
  Outcome certify(File& file, int trajectory);
  bool stops(File& file, bool finished);
  void save(File& file);
  io::Measurements measurements(const File& file) const;
  State first_state(const FilePlan& plan, int trajectory) const;
  Outcome fail(const FilePlan& plan, const UserError& error);
  void to_single();
  int frames_in_all() const;  // of a trajectory, sequence after sequence

  const Comm& group_;
  const Context& context_;
  const Setup& setup_;
  Solver& solver_;
  Progress& progress_;
  std::unique_ptr<Certifier> certifier_;  // made when first asked for
  std::vector<float> values_;             // of a frame: [channel][local point]
  std::optional<UserError> failure_;
  Certificate worst_ = unmeasured();
  int certified_ = 0, continued_ = 0;
  double worst_tail_ = 0;
};

}  // namespace hypercast::pde
