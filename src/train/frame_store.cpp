#include "train/frame_store.hpp"

#include <algorithm>
#include <numeric>

namespace hypercast::train {

FrameStore::FrameStore(const Context& context, const hyper::FrameList& list, const FramePlan& plan)
    : context_(context),
      reader_(context, list),
      has_all_(!plan.streamed()),
      size_(list.layout.frame_size()),
      room_(has_all_ ? list.samples() : plan.room),
      spare_(plan.spare),
      values_(context.node, room_ * size_),
      slot_of_(list.samples(), -1),
      sample_in_(room_, -1) {
  if (!has_all_) return;
  std::vector<int> all(list.samples());
  std::iota(all.begin(), all.end(), 0);
  load(all, 0);
}

std::span<const float> FrameStore::operator[](int sample) const {
  check(slot_of_[sample] >= 0, "a frame is wanted that is not in memory");
  return values_.values().subspan(slot_of_[sample] * size_, size_);
}

void FrameStore::place(int sample, std::size_t slot) {
  slot_of_[sample] = static_cast<int>(slot);
  sample_in_[slot] = sample;
}

void FrameStore::forget(std::size_t slot, std::size_t count) {
  for (std::size_t s = slot; s < slot + count; ++s) {
    if (const int old = sample_in_[s]; old >= 0 && slot_of_[old] == static_cast<int>(s)) slot_of_[old] = -1;
    sample_in_[s] = -1;
  }
}

// Ranks of a node wait for each other before anything is replaced, and until all is there.
void FrameStore::load(std::span<const int> samples, std::size_t slot) {
  if (samples.empty()) return;
  check(slot + samples.size() <= room_, "more frames than there is room for");
  const auto scope = context_.timers.scope("read");
  values_.sync();
  reader_.read(samples, slots(slot, samples.size()));
  values_.sync();
  normalise_slots(slot, samples.size());
  forget(slot, samples.size());
  for (std::size_t k = 0; k < samples.size(); ++k) place(samples[k], slot + k);
  frames_read_ += static_cast<std::int64_t>(samples.size());
}

void FrameStore::normalise(std::span<const double> mean, std::span<const double> scale) {
  mean_.assign(mean.begin(), mean.end());
  scale_.assign(scale.begin(), scale.end());
  if (has_all_)
    normalise_slots(0, room_);
  else
    forget(0, room_);
}

void FrameStore::normalise_slots(std::size_t slot, std::size_t count) {
  if (mean_.empty()) return;
  const Comm& node = context_.node;
  const Range mine = share_of(static_cast<std::int64_t>(count), node.rank(), node.size());
  const auto values = slots(slot + mine.begin, mine.size());
  const std::size_t channels = mean_.size();
  for (std::size_t i = 0; i < values.size(); i += channels)
    for (std::size_t c = 0; c < channels; ++c)
      values[i + c] = static_cast<float>((values[i + c] - mean_[c]) / scale_[c]);
  values_.sync();
}

void FrameStore::load_window(std::span<const int> samples, std::span<const int> kept) {
  values_.sync();
  const Comm& node = context_.node;
  const Range mine = share_of(static_cast<std::int64_t>(kept.size()), node.rank(), node.size());
  const auto in_window = [&](std::size_t k) { return slot_of_[kept[k]] >= static_cast<int>(spare_); };
  for (auto k = mine.begin; k < mine.end; ++k) {
    if (!in_window(k)) continue;
    const auto frame = (*this)[kept[k]];
    std::copy(frame.begin(), frame.end(), slots(k, 1).begin());
  }
  for (std::size_t k = 0; k < kept.size(); ++k) {
    if (!in_window(k)) continue;
    forget(k, 1);
    place(kept[k], k);
  }
  load(samples, spare_);
}

void FrameStore::load_beside(std::span<const int> samples) {
  forget_beside();
  load(samples, 0);
}

void FrameStore::visit(std::span<const int> samples, std::size_t together,
                       const std::function<void(std::span<const int>)>& f) {
  if (has_all_) return f(samples);
  const std::size_t area = together <= spare_ ? spare_ : room_, most = area / together * together;
  check(most > 0, "frames are wanted together that have no room");
  std::vector<int> missing;
  for (std::size_t at = 0; at < samples.size(); at += most) {
    const auto part = samples.subspan(at, std::min(most, samples.size() - at));
    forget(0, area);
    missing.clear();
    for (const int sample : part)
      if (!has(sample)) missing.push_back(sample);
    load(missing, 0);
    f(part);
  }
  forget(0, area);
}

}  // namespace hypercast::train
