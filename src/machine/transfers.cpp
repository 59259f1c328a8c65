#include "machine/transfers.hpp"

#include <algorithm>
#include <cstring>

#include "core/buffer.hpp"
#include "core/messages.hpp"
#include "core/shared_array.hpp"

namespace hypercast::machine {

namespace {

// Where a rank sits: number of its node, and its own number there.
struct Seat {
  int node, place;
  bool operator==(const Seat&) const = default;
};

std::vector<Seat> seats_of(const Context& context) {
  int leader = context.comm.rank();
  context.node.broadcast(std::span(&leader, 1));
  const int mine[] = {leader, context.node.rank()};
  const auto all = context.comm.all_gather(std::span<const int>(mine));
  std::vector<int> leaders;
  for (std::size_t r = 0; r < all.size(); r += 2) leaders.push_back(all[r]);
  std::sort(leaders.begin(), leaders.end());
  leaders.erase(std::unique(leaders.begin(), leaders.end()), leaders.end());
  std::vector<Seat> seats;
  for (std::size_t r = 0; r < all.size(); r += 2) {
    const auto node = std::lower_bound(leaders.begin(), leaders.end(), all[r]) - leaders.begin();
    seats.push_back({static_cast<int>(node), all[r + 1]});
  }
  return seats;
}

// `mate` says where a rank's partner would sit.
template <class Mate>
Partners pairs_of(const Context& context, Mate mate) {
  const auto& comm = context.comm;
  const auto seats = seats_of(context);
  const auto partner = [&](int rank) {
    const auto at = std::find(seats.begin(), seats.end(), mate(seats[rank]));
    return at == seats.end() ? rank : static_cast<int>(at - seats.begin());
  };
  return {comm.split(std::min(comm.rank(), partner(comm.rank())), comm.rank()), partner(0) != 0};
}

void copy(std::span<const float> from, std::span<float> to) {
  std::memcpy(to.data(), from.data(), from.size_bytes());
}

void halve(std::vector<double>& seconds) {
  for (double& s : seconds) s /= 2;
}

}  // namespace

Partners partners_in_node(const Context& context) {
  return pairs_of(context, [](Seat s) { return Seat{s.node, s.place ^ 1}; });
}

Partners partners_between_nodes(const Context& context) {
  return pairs_of(context, [](Seat s) { return Seat{s.node ^ 1, s.place}; });
}

std::vector<double> message_seconds(const Context& context, const Rounds& rounds, const Comm& pair,
                                    std::size_t bytes) {
  std::vector<double> seconds(rounds.repeats);
  context.comm.barrier();
  if (pair.size() == 2) {
    std::vector<char> message(bytes, 'x');
    seconds = seconds_a_call(pair, rounds, [&](std::int64_t n) {
      for (; n > 0; --n) {
        if (pair.is_root()) send(pair, std::span<const char>(message), 1);
        receive(pair, std::span(message), 1 - pair.rank());
        if (!pair.is_root()) send(pair, std::span<const char>(message), 0);
      }
    });
    halve(seconds);
  }
  meet_quietly(context.comm);
  context.comm.broadcast(std::span(seconds));
  return seconds;
}

std::vector<double> window_seconds(const Comm& node, const Rounds& rounds, std::size_t bytes) {
  const std::size_t count = (bytes + sizeof(float) - 1) / sizeof(float);
  SharedArray<float> window(node, count);
  Buffer<float> mine(count);
  auto seconds = seconds_a_call(node, rounds, [&](std::int64_t n) {
    for (; n > 0; --n)
      for (const int from : {0, 1}) {
        if (node.rank() == from) copy(mine, window.values());
        window.sync();
        if (node.rank() == 1 - from) copy(window.values(), mine);
      }
  });
  halve(seconds);
  return seconds;
}

std::vector<double> window_seconds(const Context& context, const Rounds& rounds, std::size_t bytes) {
  std::vector<double> seconds(rounds.repeats);
  if (context.node.size() > 1) seconds = window_seconds(context.node, rounds, bytes);
  context.comm.broadcast(std::span(seconds));
  return seconds;
}

std::vector<double> sync_seconds(const Comm& node, const Rounds& rounds) {
  SharedArray<float> window(node, 1);
  return seconds_a_call(node, rounds, [&](std::int64_t n) {
    for (; n > 0; --n) window.sync();
  });
}

}  // namespace hypercast::machine
