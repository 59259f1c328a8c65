#include "machine/rounds.hpp"

#include <limits>

namespace hypercast::machine {

std::vector<double> alone(const Context& context, const Rounds& rounds, const Rate& rate) {
  std::vector<double> samples(rounds.repeats);
  meet_quietly(context.comm);
  if (context.comm.is_root())
    for (double& sample : samples) sample = rate(rounds.seconds);
  meet_quietly(context.comm);
  context.comm.broadcast(std::span(samples));
  return samples;
}

std::vector<double> together(const Context& context, const Rounds& rounds, const Rate& rate) {
  std::vector<double> samples(rounds.repeats);
  for (double& sample : samples) {
    context.comm.barrier();
    sample = context.node.sum(rate(rounds.seconds));
  }
  context.comm.broadcast(std::span(samples));
  return samples;
}

std::vector<double> seconds_a_call(const Comm& comm, const Rounds& rounds,
                                   const std::function<void(std::int64_t n)>& calls) {
  const auto time = [&](std::int64_t n) {
    comm.barrier();
    const double start = wall_seconds();
    calls(n);
    return comm.max(wall_seconds() - start);
  };
  std::int64_t n = 1;
  while (time(n) < rounds.seconds) n *= 2;
  std::vector<double> samples(rounds.repeats);
  for (double& sample : samples) sample = time(n) / static_cast<double>(n);
  return samples;
}

void meet_quietly(const Comm& comm) { comm.barrier_within(std::numeric_limits<double>::infinity()); }

double passes_a_second(double seconds, const std::function<void()>& pass) {
  const double start = wall_seconds();
  double passes = 0, elapsed = 0;
  for (; elapsed < seconds || elapsed == 0; elapsed = wall_seconds() - start, ++passes) pass();
  return passes / elapsed;
}

}  // namespace hypercast::machine
