#pragma once
// Signals and other wishes to stop, turned into a decision that all ranks share.
//
// USR1            checkpoint and stop; the program exits with 75
// USR2            checkpoint and go on; another within a second of that checkpoint's step asks for the same
// one TERM, INT, HUP  stop at the next step with a checkpoint; another on the same rank 2 s or more after the
// first
//                 stops without (sooner it is the same one again: directly and passed on by mpirun)
// DIR/STOP        a file of that name in the run folder acts like USR1
// max_walltime    acts like USR1 at the first poll after it has passed; leave time for a step and a
// checkpoint
//
// USR1 and USR2 are wishes of a batch system or a script, which cannot know when a run begins and ends: from
// hold_wishes on they never kill it. What comes before a Signals is made is answered by its first poll; what
// comes after the last poll is answered by the end of the run.
//
// The handler only sets lock-free variables (the one piece of process-wide state, as the C interface
// demands).

#include <cstdint>
#include <filesystem>

#include "core/comm.hpp"

namespace hypercast {

struct Wish {
  bool checkpoint = false;  // write a checkpoint now
  bool stop = false;        // then leave with Exit::again
  bool at_once = false;     // leave without a checkpoint
};

// First thing in main, before MPI_Init.
void hold_wishes();

class Signals {
 public:
  // Installs the handlers. Construct after PetscInitialize, which installs its own.
  // `max_walltime` in seconds since `started` (MPI_Wtime); 0 = no limit.
  Signals(std::filesystem::path run_folder, double started, double max_walltime);
  ~Signals();  // gives the previous handlers back and forgets what was wished
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // COLLECTIVE. What any rank was told since the last call, the same answer on all ranks of `comm`.
  Wish poll(const Comm& comm);

 private:
  std::filesystem::path stop_file_;
  double deadline_;
  double last_look_ = -1;
  std::int64_t answered_until_ =
      0;  // USR2 that came before this moment asked for a checkpoint that is written
};

}  // namespace hypercast
