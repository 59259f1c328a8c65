#include "train/schedule.hpp"

#include <algorithm>
#include <numeric>

#include "core/comm.hpp"
#include "core/random.hpp"

namespace hypercast::train {

namespace {

constexpr std::uint64_t of_blocks = 1ull << 41;  // indices of draws beside those of frames

Random draws(std::uint64_t seed, std::int64_t epoch) {
  return {seed, Random::Purpose::frames, static_cast<std::uint32_t>(epoch)};
}

// 0, 1, .. in a random order.
std::vector<int> permutation(const Random& random, int count, std::uint64_t first_index) {
  std::vector<double> key(count);
  for (int i = 0; i < count; ++i) key[i] = random.uniform(first_index + i);
  std::vector<int> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) { return key[a] < key[b]; });
  return order;
}

int quotient_up(int a, int b) { return (a + b - 1) / b; }

}  // namespace

Schedule::Schedule(std::uint64_t seed, int batch, int total, Blocks blocks)
    : seed_(seed), batch_(std::min(batch, total)), total_(total), blocks_(blocks) {
  if (blocks_.size <= 0) blocks_ = {total, 1};
  ends_.resize(quotient_up(quotient_up(total, blocks_.size), blocks_.window));
}

std::vector<int> Schedule::window_of_blocks(std::int64_t epoch) const {
  const int count = quotient_up(total_, blocks_.size);
  const auto order = permutation(draws(seed_, epoch), count, of_blocks);
  std::vector<int> windows(count);
  for (int w = 0; w < this->windows(); ++w) {
    const Range share = share_of(count, w, this->windows());
    for (auto k = share.begin; k < share.end; ++k) windows[order[k]] = w;
  }
  return windows;
}

void Schedule::turn_to(std::int64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  const auto windows = window_of_blocks(epoch);
  const auto window_of = [&](int frame) { return windows[frame / blocks_.size]; };
  order_ = permutation(draws(seed_, epoch), total_, 0);
  std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) { return window_of(a) < window_of(b); });
  std::fill(ends_.begin(), ends_.end(), 0);
  for (const int frame : order_) ++ends_[window_of(frame)];
  std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
}

auto Schedule::draw(std::int64_t step) -> std::vector<Stretch> {
  std::vector<Stretch> stretches;
  if (batch_ == total_) {
    stretches.push_back({0, 0, std::vector<int>(total_)});
    std::iota(stretches[0].frames.begin(), stretches[0].frames.end(), 0);
    return stretches;
  }
  for (std::int64_t at = step * batch_; at < (step + 1) * batch_;) {
    turn_to(at / total_);
    const int begin = static_cast<int>(at % total_);
    const auto window = std::upper_bound(ends_.begin(), ends_.end(), begin) - ends_.begin();
    const int end = static_cast<int>(std::min<std::int64_t>(ends_[window], begin + (step + 1) * batch_ - at));
    stretches.push_back({epoch_, static_cast<int>(window), {order_.begin() + begin, order_.begin() + end}});
    at += end - begin;
  }
  return stretches;
}

std::vector<int> Schedule::frames_of(std::int64_t epoch, int window) {
  turn_to(epoch);
  std::vector<int> frames(order_.begin() + (window > 0 ? ends_[window - 1] : 0),
                          order_.begin() + ends_[window]);
  std::sort(frames.begin(), frames.end());
  return frames;
}

}  // namespace hypercast::train
