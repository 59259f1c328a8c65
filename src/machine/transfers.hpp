#pragma once
// How long it takes to bring bytes from one rank to another: by messages, and through memory that both see.

#include <optional>

#include "machine/rounds.hpp"

namespace hypercast::machine {

// Who a rank exchanges messages with while others do the same, so that links are as busy as in a step.
struct Partners {
  Comm pair;    // of two ranks, or of this one alone
  bool exists;  // whether rank 0 has a partner; the same on all ranks
};
// COLLECTIVE. Ranks 0 and 1, 2 and 3, ... of each node.
Partners partners_in_node(const Context& context);
// COLLECTIVE. The ranks of the same number on nodes 0 and 1, 2 and 3, ... Nodes are those of context.node.
Partners partners_between_nodes(const Context& context);

// COLLECTIVE. Seconds from rank to rank of a message of so many bytes: half of there and back, between all
// partners at once. What rank 0 saw.
std::vector<double> message_seconds(const Context& context, const Rounds& rounds, const Comm& pair,
                                    std::size_t bytes);

// COLLECTIVE over `node`, of two ranks at least. The same through a SharedArray: its first rank copies bytes
// in, all ranks of the node sync, its second rank copies them out, and back.
std::vector<double> window_seconds(const Comm& node, const Rounds& rounds, std::size_t bytes);

// COLLECTIVE. The same on all nodes of two ranks at least, at once: what rank 0 saw, 0 where it is alone on
// its node.
std::vector<double> window_seconds(const Context& context, const Rounds& rounds, std::size_t bytes);

// COLLECTIVE over `node`. Seconds of SharedArray::sync().
std::vector<double> sync_seconds(const Comm& node, const Rounds& rounds);

}  // namespace hypercast::machine
