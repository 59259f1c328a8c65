#include "train/replicas.hpp"

#include <numeric>

namespace hypercast::train {

int groups_of(int replicas, int ranks) { return std::gcd(replicas, ranks); }

Replicas::Replicas(const Context& context, int count_)
    : count(count_),
      groups(groups_of(count_, context.comm.size())),
      group(context.comm.split(context.comm.rank() / (context.comm.size() / groups), context.comm.rank())),
      node(context.node.split(context.comm.rank() / group.size(), context.comm.rank())),
      across(context.comm.split(group.rank(), context.comm.rank())) {}

Range Replicas::ranks_of(int number) const {
  return {std::int64_t{number} * group.size(), std::int64_t{number + 1} * group.size()};
}

}  // namespace hypercast::train
