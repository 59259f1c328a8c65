#include "bench/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/denormals.hpp"
#include "hyper/model.hpp"
#include "io/on_root.hpp"
#include "io/trajectory.hpp"
#include "train/model_shape.hpp"

namespace hypercast::bench {

namespace {

namespace fs = std::filesystem;

io::Axis open_axis(const std::string& name, int points) {
  io::Axis axis{name, {}, io::Boundary::open};
  for (int i = 0; i < points; ++i) axis.points.push_back(static_cast<double>(i) / points);
  return axis;
}

double wave(double t, double x, double y) { return std::sin(3 * x - 4 * t) * std::cos(2 * y + t); }

// COLLECTIVE. Each rank writes some of the points along x.
void write_wave(const Comm& comm, const fs::path& file, const TrainingShape& shape) {
  io::TrajectoryLayout layout;
  layout.dataset_name = "made_up";
  for (int c = 0; c < shape.outputs; ++c) layout.channels.push_back("u" + std::to_string(c));
  layout.axes = {open_axis("x", shape.points_x), open_axis("y", shape.points_y)};
  for (int k = 0; k < shape.frames; ++k) layout.times.push_back(static_cast<double>(k) / shape.frames);
  io::on_root(comm, [&] { fs::create_directories(file.parent_path()); });
  io::TrajectoryWriter writer(comm, file, layout, {});
  const Range mine = share_of(shape.points_x, comm.rank(), comm.size());
  const io::Block block{{static_cast<int>(mine.begin), 0}, {static_cast<int>(mine.size()), shape.points_y}};
  const auto x = std::span(layout.axes[0].points).subspan(mine.begin, mine.size());
  std::vector<float> values;
  for (int k = 0; k < shape.frames; ++k) {
    values.clear();
    for (int c = 0; c < shape.outputs; ++c)
      for (const double at : x)
        for (const double y : layout.axes[1].points)
          values.push_back(static_cast<float>(wave(layout.times[k], at, y + c)));
    writer.write(0, k, block, values);
  }
  writer.finish();
}

Deck deck_of(const Schema& schema, const TrainingShape& shape) {
  return Deck(schema,
              fmt::format("[inr]\nname = \"siren\"\n[inr.siren]\nwidth = {}\ndepth = {}\n"
                          "[hypernetwork]\nhead = \"full\"\nwidth = {}\n",
                          shape.inr_width, shape.layers, shape.trunk_width),
              "hypercast-bench");
}

train::TrainOptions options_of(const TrainingShape& shape) {
  train::TrainOptions options;
  options.batch = shape.frames;
  options.clip = 0;
  return options;
}

}  // namespace

void TrainingShape::describe(Section& s) {
  s.key("trunk_width", trunk_width, "h, of the hypernetwork").at_least(1);
  s.key("inr_width", inr_width, "w, neurons of a hidden layer of the INR").at_least(1);
  s.key("layers", layers, "L, hidden layers of the INR").at_least(1);
  s.key("points_x", points_x, "N of a frame is points_x points_y, all of them in every step").at_least(2);
  s.key("points_y", points_y, "see points_x").at_least(2);
  s.key("frames", frames, "T, all of them in every step").at_least(2);
  s.key("outputs", outputs, "of the INR: channels").at_least(1);
}

Training::Training(const Bench& bench, const TrainingShape& shape)
    : context_{bench.context.comm, bench.context.node, bench.context.log, timers_, bench.context.signals},
      shape_(shape),
      options_(options_of(shape)) {
  const Comm& comm = context_.comm;
  hyper::add_model_sections(schema_);
  const Deck deck = deck_of(schema_, shape);
  train::DataOptions data;
  data.hold_out_every = 0;
  const auto condition = hyper::conditioning_of(deck);
  const fs::path folder = bench.folder / "bench" / "frames";
  write_wave(comm, folder / "wave.hdf5", shape);
  data_ = std::make_unique<train::Dataset>(context_, train::window_frames(comm, folder, data, condition),
                                           data, condition);
  io::on_root(comm, [&] { fs::remove_all(folder); });
  model_ = std::make_unique<hyper::Model<float>>(hyper::make_model<float>(deck, data_->facts()));
  loss_ = std::make_unique<train::FrameLoss>(context_, *data_, *model_, options_);
  state_ = std::make_unique<train::State>(train::initial_state(loss_->shards(), *model_, options_.seed));
}

void Training::step() {
  const FlushDenormals flush;
  loss_->evaluate(state_->step, state_->phi);
  nn::AdamStep adam;
  adam.rate = 1e-4;
  adam.number = ++state_->step;
  loss_->descend(adam, 1.0f, {state_->phi, state_->first_moment, state_->second_moment});
}

train::ModelShape Training::shape() const {
  return *train::modelled(*model_, shape_.frames, std::int64_t{shape_.points_x} * shape_.points_y).shape;
}

std::vector<std::vector<double>> phase_seconds(const Bench& bench, Training& training,
                                               const std::vector<std::string>& phases) {
  const Comm& comm = bench.context.comm;
  const auto whole = machine::summarise(machine::seconds_a_call(comm, bench.rounds, [&](std::int64_t n) {
    for (; n > 0; --n) training.step();
  }));
  const auto steps = std::max<std::int64_t>(1, std::llround(bench.rounds.seconds / whole.median));
  std::vector<std::vector<double>> samples(phases.size());
  for (int round = 0; round < bench.rounds.repeats; ++round) {
    std::vector<double> before;
    for (const auto& phase : phases) before.push_back(training.seconds(phase));
    for (auto n = steps; n > 0; --n) training.step();
    for (std::size_t i = 0; i < phases.size(); ++i)
      samples[i].push_back(comm.max(training.seconds(phases[i]) - before[i]) / static_cast<double>(steps));
  }
  return samples;
}

}  // namespace hypercast::bench
