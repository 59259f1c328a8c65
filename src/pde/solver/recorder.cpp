#include "pde/solver/recorder.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "io/on_root.hpp"
#include "pde/solver/gather.hpp"

namespace hypercast::pde {

namespace {

io::TrajectoryLayout file_layout(const Setup& setup, int trajectories) {
  io::TrajectoryLayout layout;
  layout.dataset_name = setup.name;
  layout.channels = setup.system->channels();
  layout.axes = setup.domain.io_axes();
  for (int frame = 0; frame < setup.time.frames; ++frame)
    layout.times.push_back(setup.time.frame_time(frame));
  layout.trajectories = trajectories * setup.ensemble.sequences;
  layout.parameters = parameters(*setup.system);
  return layout;
}

void keep_worst(Certificate& worst, const Certificate& c) {
  worst.err_time = std::fmax(worst.err_time, c.err_time);
  worst.err_space = std::fmax(worst.err_space, c.err_space);
  worst.err_agreement = std::fmax(worst.err_agreement, c.err_agreement);
  worst.order_time = std::fmin(worst.order_time, c.order_time);
  worst.order_space = std::fmin(worst.order_space, c.order_space);
  worst.converged_until = std::fmin(worst.converged_until, c.converged_until);
}

}  // namespace

// A file in the making.
struct Recorder::File {
  const FilePlan& plan;
  const io::Provenance& provenance;
  io::TrajectoryLayout layout;
  SolveState state;  // how far it is; values are filled when it is saved
  std::optional<io::TrajectoryWriter> writer;
  bool continued = false;
  double saved = 0;  // when

  bool certifies(const Setup& setup, int trajectory) const {
    return setup.certify.every > 0 && (plan.first + trajectory) % setup.certify.every == 0;
  }
  int certified_before(const Setup& setup, int trajectory) const {
    int count = 0;
    for (int t = 0; t < trajectory; ++t) count += certifies(setup, t);
    return count;
  }
};

Outcome Recorder::record(const FilePlan& plan, const io::Provenance& provenance) {
  vary_parameter(setup_, plan.draws[0]);  // with more than one trajectory a file nothing varies
  File file{plan, provenance, file_layout(setup_, plan.trajectories()), {}, {}, false, wall_seconds()};
  file.state.solve_hash = io::value_of(provenance, "solve_hash");
  try {
    continue_part(file);
    if (!file.continued) file.writer.emplace(group_, plan.path, file.layout, provenance);
  } catch (const UserError& error) {
    return fail(plan, error);
  }
  for (int t = file.state.trajectory; t < plan.trajectories(); ++t) {
    const bool inside = file.continued && t == file.state.trajectory;
    auto outcome = record_frames(file, t, inside ? file.state.frame + 1 : 0);
    if (outcome == Outcome::done) outcome = certify(file, t);
    if (outcome != Outcome::done) return outcome;
  }
  if (setup_.ensemble.keep_states) save(file);
  file.writer->finish(measurements(file));
  if (!setup_.ensemble.keep_states) io::on_root(group_, [&] { remove_state(plan.path); });
  worst_tail_ = std::max(worst_tail_, file.state.tail_energy);
  for (const auto& c : file.state.certificates) keep_worst(worst_, c);
  certified_ += static_cast<int>(file.state.certificates.size());
  return Outcome::done;
}

// The saved state is trusted when its .part has the same layout and settings and holds its frame.
void Recorder::continue_part(File& file) {
  std::string complaint;
  auto state = read_state(group_, file.plan.path, complaint);
  if (!complaint.empty() && group_.is_root())
    context_.log.warn("{}; the file is solved from its first frame", complaint);
  if (!state || state->solve_hash != file.state.solve_hash) return;
  const int frame = state->frame + 1, per_sequence = setup_.time.frames;
  auto resumed = io::TrajectoryWriter::resume(
      group_, file.plan.path, file.layout, file.provenance,
      state->trajectory * setup_.ensemble.sequences + frame / per_sequence, frame % per_sequence);
  if (!resumed.writer || !holds_the_state(*resumed.writer, *state)) {
    if (group_.is_root())
      context_.log.warn("{} cannot be continued ({}); it is solved from its first frame",
                        file.plan.path.string(),
                        resumed.writer ? "its last frame is not the saved state" : resumed.reason);
    return;
  }
  const auto block = solver_.block();
  std::vector<double> values(block.points() * file.layout.channels.size());
  scatter(state->values, setup_.domain.extents(), block, values);
  solver_.start_from(state->frame, values);
  file.writer.emplace(std::move(*resumed.writer));
  file.state = std::move(*state);
  file.continued = true;
  ++continued_;
}

bool Recorder::holds_the_state(const io::TrajectoryWriter& writer, const SolveState& state) {
  const auto block = solver_.block();
  const std::size_t channels = setup_.system->channels().size(), points = block.points();
  std::vector<double> values(points * channels);
  std::vector<float> written(values.size());
  bool same = state.values.size() == static_cast<std::size_t>(setup_.domain.points()) * channels;
  if (!same) return false;
  scatter(state.values, setup_.domain.extents(), block, values);
  writer.read_back(state.trajectory * setup_.ensemble.sequences + state.frame / setup_.time.frames,
                   state.frame % setup_.time.frames, block, written);
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < points; ++i)
      same = same && written[c * points + i] == static_cast<float>(values[i * channels + c]);
  return group_.all(same);
}

int Recorder::frames_in_all() const { return setup_.time.frames * setup_.ensemble.sequences; }

Outcome Recorder::record_frames(File& file, int trajectory, int first) {
  for (int frame = first; frame < frames_in_all(); ++frame) {
    // A failure is caught before it meets the writer, whose destructor is collective and must run in order.
    try {
      const auto scope = context_.timers.scope(frame > 0 ? "solve" : "start");
      if (frame > 0) {
        solver_.advance();
      } else {
        solver_.start(first_state(file.plan, trajectory), setup_.time.burn_in);
      }
      to_single();
    } catch (const UserError& error) {
      return fail(file.plan,
                  UserError(error.code(), fmt::format("trajectory {} {}", trajectory, error.what())));
    }
    {
      const auto scope = context_.timers.scope("write");
      file.writer->write(trajectory * setup_.ensemble.sequences + frame / setup_.time.frames,
                         frame % setup_.time.frames, solver_.block(), values_);
    }
    file.state.trajectory = trajectory;
    file.state.frame = frame;
    file.state.tail_energy = std::max(file.state.tail_energy, solver_.tail_energy());
    progress_.frame(solver_.time());
    const bool last = trajectory + 1 == file.plan.trajectories() && frame + 1 == frames_in_all();
    if (stops(file, last && !file.certifies(setup_, trajectory))) return Outcome::stopped;
  }
  return Outcome::done;
}

// What the user or the clock wants after a frame. A file that only has to be finished is not left for a stop.
bool Recorder::stops(File& file, bool finished) {
  const Wish wish = context_.signals.poll(group_);
  const double interval = setup_.ensemble.checkpoint_interval;
  const bool due = interval > 0 && group_.any(wall_seconds() - file.saved > interval);
  if (finished) return false;
  if ((wish.checkpoint && !wish.at_once) || due) save(file);
  return wish.stop;
}

void Recorder::save(File& file) {
  const auto scope = context_.timers.scope("save");
  file.writer->sync();
  file.state.values = gather(group_, solver_.block(), solver_.state(), setup_.domain.extents());
  io::on_root(group_, [&] { write_state(file.plan.path, file.state, file.provenance); });
  file.saved = wall_seconds();
}

Outcome Recorder::certify(File& file, int trajectory) {
  const auto done = static_cast<int>(file.state.certificates.size());
  if (!file.certifies(setup_, trajectory) || done > file.certified_before(setup_, trajectory))
    return Outcome::done;
  const auto scope = context_.timers.scope("certify");
  const double begun = wall_seconds();
  try {
    if (!certifier_) certifier_ = std::make_unique<Certifier>(group_, setup_);
    const auto certificate = certifier_->certify(first_state(file.plan, trajectory), frames_in_all(),
                                                 [&] { return context_.signals.poll(group_).stop; });
    if (!certificate) {
      // Its runs are not saved: a limit shorter than one certification would never get past it.
      if (group_.is_root())
        context_.log.warn(
            "stopped while trajectory {} of {} was certified; the next run certifies it from its first "
            "frame, "
            "which needs more time than the {:.0f} s spent on it here",
            trajectory, file.plan.path.string(), wall_seconds() - begun);
      save(file);
      return Outcome::stopped;
    }
    file.state.certificates.push_back(*certificate);
    context_.log.info("trajectory {} of {}: {}", trajectory, file.plan.path.string(), to_text(*certificate));
    if (const auto text = shortfall(*certificate, setup_.certify); !text.empty())
      throw UserError(Exit::diverged, text);
  } catch (const UserError& error) {
    return fail(file.plan,
                UserError(error.code(), fmt::format("trajectory {}: {}", trajectory, error.what())));
  }
  return Outcome::done;
}

io::Measurements Recorder::measurements(const File& file) const {
  io::Measurements result;
  if (setup_.discretisation.is_spectral()) result.push_back({"tail_energy", {file.state.tail_energy}});
  if (file.state.certificates.empty()) return result;
  std::vector<double> which;
  for (int t = 0; t < file.plan.trajectories(); ++t)
    if (file.certifies(setup_, t)) which.push_back(t);
  result.push_back({"certified_trajectories", which});
  const std::pair<const char*, double Certificate::*> columns[] = {
      {"err_time", &Certificate::err_time},           {"err_space", &Certificate::err_space},
      {"order_time", &Certificate::order_time},       {"order_space", &Certificate::order_space},
      {"err_agreement", &Certificate::err_agreement}, {"converged_until", &Certificate::converged_until}};
  for (const auto& [name, member] : columns) {
    std::vector<double> values;
    for (const auto& c : file.state.certificates) values.push_back(c.*member);
    result.push_back({name, values});
  }
  return result;
}

State Recorder::first_state(const FilePlan& plan, int trajectory) const {
  return initial_state(*setup_.system, setup_.domain, setup_.initial, setup_.time.start,
                       plan.draws[trajectory]);
}

Outcome Recorder::fail(const FilePlan& file, const UserError& error) {
  failure_.emplace(error.code(), fmt::format("{}: {}", file.path.string(), error.what()));
  return Outcome::failed;
}

void Recorder::to_single() {
  const auto state = solver_.state();
  const std::size_t channels = setup_.system->channels().size(), points = state.size() / channels;
  values_.resize(state.size());
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < points; ++i)
      values_[c * points + i] = static_cast<float>(state[i * channels + c]);
  if (!group_.all(std::all_of(values_.begin(), values_.end(), [](float v) { return std::isfinite(v); })))
    throw UserError(
        Exit::diverged,
        fmt::format("diverged at t = {:.6g}: a value is too large for single precision", solver_.time()));
}

}  // namespace hypercast::pde
