#include "train/replicas.hpp"

#include <numeric>

namespace hypercast::train {

int groups_of(int replicas, int ranks) { return std::gcd(replicas, ranks); }

Replicas::Replicas(const Context& context, int replicas)
    : count(replicas),
      groups(groups_of(replicas, context.comm.size())),
      group(context.comm.split(context.comm.rank() / (context.comm.size() / groups), context.comm.rank())),
      node(context.node.split(context.comm.rank() / group.size(), context.comm.rank())),
      across(context.comm.split(group.rank(), context.comm.rank())) {}

}  // namespace hypercast::train
