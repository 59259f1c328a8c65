#pragma once
// Ranks as a grid, for many nodes. The head's map exists [train] replicas times. Each replica sees its
// stretch of a batch's leaves, and the gradient of the map is the sum of what they make of it, in the order
// of replicas: the deck decides how many there are, so the same bits come out on any number of ranks.
//
// R ranks are as many equal groups as both R and the number of replicas allow (their greatest common
// divisor). A group holds the map once, divided among its ranks by rows (train/shards.hpp), and computes one
// replica after the other where it has several. Within a group travel the numbers that move and their
// gradients; between groups gradients of rows, from each rank to those that hold the same ones.

#include "core/context.hpp"

namespace hypercast::train {

// Of so many ranks.
int groups_of(int replicas, int ranks);

struct Replicas {
  int count;    // D
  int groups;   // which the ranks make up, one after the other
  Comm group;   // ranks of this group
  Comm node;    // those of them that share memory
  Comm across;  // in all groups, the rank that holds the same rows

  // COLLECTIVE over the ranks of the context.
  Replicas(const Context& context, int replicas);

  int group_number() const { return across.rank(); }
  // Those of a group, and of this rank's group.
  Range of_group(int group) const { return share_of(count, group, groups); }
  Range mine() const { return of_group(group_number()); }
};

}  // namespace hypercast::train
