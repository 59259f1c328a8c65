#pragma once
// How a measurement is repeated: by one rank while all others sleep, by all ranks at once, or by ranks that
// work on one thing together. Each function is COLLECTIVE over context.comm (or `comm`) and gives all ranks
// the same samples.

#include <cstdint>
#include <functional>
#include <vector>

#include "core/context.hpp"

namespace hypercast::machine {

struct Rounds {
  int repeats = 7;
  double seconds = 0.05;  // of one sample, about
};

// Works for about so many seconds on this rank and returns how much it did a second. Not collective.
using Rate = std::function<double(double seconds)>;

// Of rank 0. The others sleep, since ranks that spin in MPI would slow it down (two "cores" of a virtual
// machine may be two threads of one core).
std::vector<double> alone(const Context& context, const Rounds& rounds, const Rate& rate);

// Of all ranks, which start together: the sum over the ranks of rank 0's node.
std::vector<double> together(const Context& context, const Rounds& rounds, const Rate& rate);

// Seconds of one call of something that the ranks of `comm` do together: `calls(n)` makes n of them, with the
// same n on all ranks. The time of the slowest rank counts.
std::vector<double> seconds_a_call(const Comm& comm, const Rounds& rounds,
                                   const std::function<void(std::int64_t n)>& calls);

// Waits asleep until every rank has come.
void meet_quietly(const Comm& comm);

// Does `pass` over and over for about so many seconds; passes a second. Not collective.
double passes_a_second(double seconds, const std::function<void()>& pass);

}  // namespace hypercast::machine
