#pragma once
// A run's surroundings for tests, on a communicator of its own.

#include "core/context.hpp"

struct Room {
  hypercast::Comm comm;
  hypercast::Log log{1};  // not rank 0: silent
  hypercast::Timers timers;
  hypercast::Signals signals;
  hypercast::Comm node;
  hypercast::Context context{comm, node, log, timers, signals};

  explicit Room(MPI_Comm parent, int ranks_per_node = 0,
                const std::filesystem::path& run_folder = "/nonexistent")
      : comm(parent), signals(run_folder, hypercast::wall_seconds(), 0), node(comm.node(ranks_per_node)) {}
};
