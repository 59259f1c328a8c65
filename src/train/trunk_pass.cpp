#include "train/trunk_pass.hpp"

#include <algorithm>

namespace hypercast::train {

TrunkPass::TrunkPass(const Context& context, const hyper::Hypernetwork<float>& hypernetwork,
                     const Leaves& leaves, const Replicas& replicas, bool data_parallel)
    : context_(context),
      hypernetwork_(hypernetwork),
      leaves_(leaves),
      replicas_(replicas),
      data_parallel_(data_parallel),
      sum_(static_cast<std::int64_t>(leaves.count()), parameters()) {
  if (!data_parallel) {
    tapes_.push_back(hypernetwork.tape(leaves.frames()));
    return;
  }
  for (auto l = leaves.mine().begin; l < leaves.mine().end; ++l)
    tapes_.push_back(hypernetwork.tape(static_cast<std::size_t>(leaves.frames_of(l).size())));
  std::vector<Range> columns(static_cast<std::size_t>(replicas.group.size()));
  columns.front().end = static_cast<std::int64_t>(hypernetwork.width());
  for (auto rank = columns.begin() + 1; rank != columns.end(); ++rank)
    rank->begin = rank->end = columns.front().end;
  hidden_.emplace(replicas.group, replicas.node, leaves.group_stretches(), columns);
  part_.resize(parameters());
  total_.resize(parameters());
}

std::size_t TrunkPass::parameters() const { return hypernetwork_.params() - hypernetwork_.head().params(); }

template <class T>
std::span<T> TrunkPass::of_leaf(std::int64_t leaf, std::span<T> all, std::size_t each) const {
  const Range frames = leaves_.frames_of(leaf);
  return all.subspan(static_cast<std::size_t>(frames.begin) * each,
                     static_cast<std::size_t>(frames.size()) * each);
}

void TrunkPass::forward(std::span<const float> phi, std::span<const float> conditions, std::span<float> h) {
  const std::size_t inputs = hypernetwork_.inputs(), width = hypernetwork_.width();
  if (!data_parallel_) {
    const auto scope = context_.timers.scope("trunk");
    return hypernetwork_.embed(phi, conditions, h, tapes_.front());
  }
  {
    const auto scope = context_.timers.scope("trunk");
    for (auto l = leaves_.mine().begin; l < leaves_.mine().end; ++l) {
      const auto mine = of_leaf(l, h, width);
      hypernetwork_.embed(phi, of_leaf(l, conditions, inputs), mine, tapes_[l - leaves_.mine().begin]);
      for (auto t = leaves_.frames_of(l).begin; t < leaves_.frames_of(l).end; ++t)
        std::copy_n(h.data() + t * width, width, hidden_->row(t - leaves_.group_frames().begin));
    }
  }
  const auto scope = context_.timers.scope("exchange");
  hidden_->spread_rows();
  const Range group = leaves_.group_frames();
  for (auto t = group.begin; t < group.end; ++t)
    std::copy_n(hidden_->row(t - group.begin), width, h.data() + t * width);
}

// Every rank gets dh of the other groups from the ranks that have its place there.
void TrunkPass::gather_groups(std::span<float> dh) {
  if (replicas_.groups == 1) return;
  const auto scope = context_.timers.scope("exchange");
  const auto width = static_cast<std::int64_t>(hypernetwork_.width());
  std::vector<int> counts;
  for (int group = 0; group < replicas_.groups; ++group) {
    const Range replicas = replicas_.of_group(group);
    const auto frames =
        leaves_.frames_of_replica(replicas.end - 1).end - leaves_.frames_of_replica(replicas.begin).begin;
    counts.push_back(to_count(static_cast<std::size_t>(frames * width)));
  }
  const Range own = leaves_.group_frames();
  part_.assign(dh.begin() + own.begin * width, dh.begin() + own.end * width);
  replicas_.across.all_gather<float>(part_, dh, counts);
}

void TrunkPass::backward(std::span<const float> conditions, std::span<float> dh, std::span<float> d_phi) {
  const std::size_t inputs = hypernetwork_.inputs(), width = hypernetwork_.width();
  if (!data_parallel_) {
    gather_groups(dh);
    const auto scope = context_.timers.scope("trunk backward");
    return hypernetwork_.embed_backward(conditions, dh, tapes_.front(), d_phi);
  }
  {
    const auto scope = context_.timers.scope("trunk backward");
    for (auto l = leaves_.mine().begin; l < leaves_.mine().end; ++l) {
      std::fill(part_.begin(), part_.end(), 0.0f);
      hypernetwork_.embed_backward(of_leaf(l, conditions, inputs), of_leaf<const float>(l, dh, width),
                                   tapes_[l - leaves_.mine().begin], part_);
      sum_.add(l, part_);
    }
  }
  const auto scope = context_.timers.scope("exchange");
  sum_.total(context_.comm, total_);
  for (std::size_t i = 0; i < total_.size(); ++i) d_phi[i] += total_[i];
}

}  // namespace hypercast::train
