#include "train/frame_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "train/dataset.hpp"

namespace hypercast::train {

namespace {

constexpr std::size_t blocks_of_a_window = 32;

double mib(std::size_t frames, std::size_t frame_size) {
  return static_cast<double>(frames * frame_size * sizeof(float)) / (1 << 20);
}

std::optional<FramePlans> plans_for(const FrameDemand& fitted, const FrameDemand& valid, std::size_t room) {
  const std::size_t all = fitted.samples + valid.samples;
  if (room >= all) return FramePlans{};
  std::size_t part = 0;
  if (valid.samples > 0) part = std::max(valid.together, room * valid.samples / all);
  if (part > room) return {};
  const auto first = plan_for(fitted, room - part), second = plan_for(valid, part);
  return first && second ? std::optional(FramePlans{*first, *second}) : std::nullopt;
}

}  // namespace

FrameDemand demand_of(const hyper::FrameList& list, const DataOptions& options,
                      const hyper::Conditioning& condition, int batch) {
  FrameDemand demand;
  demand.samples = list.samples();
  demand.fitted = split_frames(list, options, condition).fitted.size();
  demand.batch = std::min(static_cast<std::size_t>(batch), demand.fitted);
  if (condition.kind == hyper::Condition::code) demand.together = list.frames();
  demand.own_points = options.choice().own && options.choice().rate < 1;
  return demand;
}

std::optional<FramePlan> plan_for(const FrameDemand& demand, std::size_t room) {
  if (room >= demand.samples) return FramePlan{};
  const std::size_t batches = demand.own_points ? 1 : 2;
  if (room < std::max(batches * demand.batch, demand.together)) return {};
  FramePlan plan{room, room, {}};
  if (demand.own_points || demand.batch == 0) return plan;
  plan.spare = demand.batch;
  const std::size_t window = room - plan.spare, block = std::max<std::size_t>(1, window / blocks_of_a_window);
  plan.blocks = {static_cast<int>(block), static_cast<int>(window / block)};
  return plan;
}

FramePlans plan_frames(const Deck& deck, double memory, std::size_t frame_size, const FrameDemand& fitted,
                       const FrameDemand& valid) {
  const std::size_t all = fitted.samples + valid.samples;
  if (memory <= 0 || memory >= mib(all, frame_size)) return {};
  auto room = static_cast<std::size_t>(memory / mib(1, frame_size));
  if (const auto plans = plans_for(fitted, valid, room)) return *plans;
  while (!plans_for(fitted, valid, room)) ++room;
  deck.fail(
      "data", "memory",
      fmt::format("at least {:.3f} MiB are needed, for two batches of frames, and with codes for a whole "
                  "trajectory of training and of validation; a frame takes {:.4g}",
                  std::ceil(1000 * mib(room, frame_size)) / 1000, mib(1, frame_size)));
}

std::string text_of(const FramePlan& plan, const FrameDemand& demand, std::size_t frame_size) {
  const auto text = fmt::format("{} frames of {:.4g} MiB: ", demand.samples, mib(1, frame_size));
  if (!plan.streamed())
    return text + fmt::format("all in memory, {:.1f} MiB a node", mib(demand.samples, frame_size));
  const auto streamed = text + fmt::format("streamed from disk, {:.1f} of {:.1f} MiB in memory a node",
                                           mib(plan.room, frame_size), mib(demand.samples, frame_size));
  if (plan.blocks.size == 0) return streamed;
  const auto blocks = (demand.fitted + plan.blocks.size - 1) / plan.blocks.size;
  return streamed + fmt::format("; windows of {} of {} blocks of {} frames", plan.blocks.window, blocks,
                                plan.blocks.size);
}

}  // namespace hypercast::train
