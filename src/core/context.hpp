#pragma once
// What every long-running routine of hypercast is handed: who works with it, whom it talks to, the clock and
// the door bell. Made once, by the frame around main; borrowed by everybody else.

#include "core/comm.hpp"
#include "core/log.hpp"
#include "core/signals.hpp"
#include "core/timers.hpp"

namespace hypercast {

struct Context {
  const Comm& comm;
  const Comm& node;  // the part of comm that shares memory with this rank
  const Log& log;
  Timers& timers;
  Signals& signals;
};

}  // namespace hypercast
