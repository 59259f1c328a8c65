#include "train/trunk_pass.hpp"

#include <algorithm>

namespace hypercast::train {

TrunkPass::TrunkPass(const Context& context, const hyper::Hypernetwork<float>& hypernetwork,
                     const Leaves& leaves, bool data_parallel)
    : context_(context),
      hypernetwork_(hypernetwork),
      leaves_(leaves),
      data_parallel_(data_parallel),
      sum_(static_cast<std::int64_t>(leaves.count()), parameters()) {
  if (!data_parallel) {
    tapes_.push_back(hypernetwork.tape(leaves.frames()));
    return;
  }
  for (auto l = leaves.mine().begin; l < leaves.mine().end; ++l)
    tapes_.push_back(hypernetwork.tape(static_cast<std::size_t>(leaves.frames_of(l).size())));
  std::vector<Range> columns(static_cast<std::size_t>(context.comm.size()));
  columns.front().end = static_cast<std::int64_t>(hypernetwork.width());
  for (auto rank = columns.begin() + 1; rank != columns.end(); ++rank)
    rank->begin = rank->end = columns.front().end;
  hidden_.emplace(context.comm, context.node, stretches(leaves.frame_counts()), columns);
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
        std::copy_n(h.data() + t * width, width, hidden_->row(t));
    }
  }
  const auto scope = context_.timers.scope("exchange");
  hidden_->spread_rows();
  for (int t = 0; t < leaves_.frames(); ++t) std::copy_n(hidden_->row(t), width, h.data() + t * width);
}

void TrunkPass::backward(std::span<const float> conditions, std::span<const float> dh,
                         std::span<float> d_phi) {
  const std::size_t inputs = hypernetwork_.inputs(), width = hypernetwork_.width();
  if (!data_parallel_) {
    const auto scope = context_.timers.scope("trunk backward");
    return hypernetwork_.embed_backward(conditions, dh, tapes_.front(), d_phi);
  }
  {
    const auto scope = context_.timers.scope("trunk backward");
    for (auto l = leaves_.mine().begin; l < leaves_.mine().end; ++l) {
      std::fill(part_.begin(), part_.end(), 0.0f);
      hypernetwork_.embed_backward(of_leaf(l, conditions, inputs), of_leaf(l, dh, width),
                                   tapes_[l - leaves_.mine().begin], part_);
      sum_.add(l, part_);
    }
  }
  const auto scope = context_.timers.scope("exchange");
  sum_.total(context_.comm, total_);
  for (std::size_t i = 0; i < total_.size(); ++i) d_phi[i] += total_[i];
}

}  // namespace hypercast::train
