#include "pde/solver/recorder.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace hypercast::pde {

namespace {

io::TrajectoryLayout file_layout(const Setup& setup, int trajectories) {
  io::TrajectoryLayout layout;
  layout.dataset_name = setup.name;
  layout.channels = setup.system->channels();
  layout.axes = setup.domain.io_axes();
  for (int frame = 0; frame < setup.time.frames; ++frame)
    layout.times.push_back(setup.time.frame_time(frame));
  layout.trajectories = trajectories;
  layout.parameters = parameters(*setup.system);
  return layout;
}

}  // namespace

Outcome Recorder::record(const FilePlan& file, const io::Provenance& provenance) {
  vary_parameter(setup_, file.draws.front());  // with more than one trajectory a file nothing varies
  std::optional<io::TrajectoryWriter> writer;
  try {
    writer.emplace(group_, file.path, file_layout(setup_, file.trajectories()), provenance);
  } catch (const UserError& error) {
    return fail(file, error);
  }
  for (int trajectory = 0; trajectory < file.trajectories(); ++trajectory) {
    const auto outcome = record_trajectory(*writer, file, trajectory);
    if (outcome != Outcome::done) return outcome;
  }
  writer->finish();
  return Outcome::done;
}

Outcome Recorder::record_trajectory(io::TrajectoryWriter& writer, const FilePlan& file, int trajectory) {
  const auto state =
      initial_state(*setup_.system, setup_.domain, setup_.initial, setup_.time.start, file.draws[trajectory]);
  const auto block = solver_.block();
  for (int frame = 0; frame < setup_.time.frames; ++frame) {
    // A failure is caught before it meets the writer, whose destructor is collective and must run in order.
    try {
      solve_frame(state, frame);
    } catch (const UserError& error) {
      return fail(file, UserError(error.code(), fmt::format("trajectory {} {}", trajectory, error.what())));
    }
    {
      const auto scope = context_.timers.scope("write");
      writer.write(trajectory, frame, block, values_);
    }
    progress_.frame(solver_.time());
    const bool last = trajectory + 1 == file.trajectories() && frame + 1 == setup_.time.frames;
    if (context_.signals.poll(group_).stop && !last) return Outcome::stopped;
  }
  return Outcome::done;
}

void Recorder::solve_frame(const State& state, int frame) {
  const auto scope = context_.timers.scope("solve");
  if (frame == 0) {
    solver_.start(state);
  } else {
    solver_.advance();
  }
  if (!to_single())
    throw UserError(
        Exit::diverged,
        fmt::format("diverged at t = {:.6g}: a value is too large for single precision", solver_.time()));
}

Outcome Recorder::fail(const FilePlan& file, const UserError& error) {
  failure_.emplace(error.code(), fmt::format("{}: {}", file.path.string(), error.what()));
  return Outcome::failed;
}

bool Recorder::to_single() {
  const auto state = solver_.state();
  const std::size_t channels = setup_.system->channels().size(), points = state.size() / channels;
  values_.resize(state.size());
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < points; ++i)
      values_[c * points + i] = static_cast<float>(state[i * channels + c]);
  return group_.all(std::all_of(values_.begin(), values_.end(), [](float v) { return std::isfinite(v); }));
}

}  // namespace hypercast::pde
