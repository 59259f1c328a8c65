#include "forecast/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "forecast/fields.hpp"
#include "io/forecast.hpp"
#include "io/on_root.hpp"

namespace hypercast::forecast {

std::vector<io::Axis> refined(const std::vector<io::Axis>& axes, int factor) {
  std::vector<io::Axis> fine = axes;
  for (auto& axis : fine) {
    const bool nodes = axis.boundary == io::Boundary::dirichlet || axis.boundary == io::Boundary::open;
    const bool cells = axis.boundary == io::Boundary::neumann;
    const auto count = static_cast<int>(axis.points.size());
    const int points = nodes ? (count - 1) * factor + 1 : count * factor;
    const double h = axis.length() / (nodes ? points - 1 : points), lower = axis.lower();
    axis.points.resize(points);
    for (int i = 0; i < points; ++i) axis.points[i] = lower + h * (i + (cells ? 0.5 : 0.0));
  }
  return fine;
}

namespace {

bool finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

// COLLECTIVE. `failed`: a time at which this rank met a field that is not finite, else infinity.
void refuse_failed(const Comm& comm, double failed) {
  const double first = comm.min(failed);
  if (std::isfinite(first))
    throw UserError(Exit::diverged, fmt::format("the forecast at t = {:g} is not finite: too far from the "
                                                "training window",
                                                first));
}

// values[point][channel] -> [channel][point], behind each other for a frame and its spread
void put_channels(std::span<const float> values, std::size_t channels, float* to) {
  const std::size_t points = values.size() / channels;
  for (std::size_t i = 0; i < values.size(); ++i) to[i % channels * points + i / channels] = values[i];
}

// A whole frame for its owner, nothing for the other ranks.
io::Block block_of(const std::vector<io::Axis>& axes, bool owner) {
  io::Block block{std::vector<int>(axes.size(), 0), std::vector<int>(axes.size(), 0)};
  for (std::size_t k = 0; owner && k < axes.size(); ++k)
    block.count[k] = static_cast<int>(axes[k].points.size());
  return block;
}

}  // namespace

bool write_frames(const Context& context, const hyper::Model<float>& model, WeightPath& path,
                  const std::vector<io::Axis>& axes, const std::vector<double>& times,
                  const std::filesystem::path& file, const io::Provenance& provenance) {
  const auto scope = context.timers.scope("forecast");
  const Comm& comm = context.comm;
  const auto points = hyper::grid_points(axes);
  Fields fields(model, path, points);
  const std::size_t channels = model.facts.channels.size();
  io::TrajectoryLayout layout{
      model.facts.dataset_name + "_forecast", model.facts.channels, axes, times, path.trajectories(), {}};
  if (path.trajectories() == 1) layout.parameters = path.parameters(0);  // a file holds one set
  if (fields.has_spread())
    for (const auto& channel : model.facts.channels) layout.channels.push_back(channel + "_spread");
  io::TrajectoryWriter writer(comm, file, layout, provenance);
  std::vector<float> values(layout.points() * channels), by_channel(layout.frame_size());
  const int frames = static_cast<int>(times.size()), all = frames * path.trajectories();
  for (int round = 0; round < all; round += comm.size()) {
    double failed = std::numeric_limits<double>::infinity();  // the first time whose field is not finite
    if (const int mine = round + comm.rank(); mine < all) {
      const int trajectory = mine / frames;
      const double t = times[mine % frames];
      fields.forecast(trajectory, t, values);
      put_channels(values, channels, by_channel.data());
      if (fields.has_spread()) {
        fields.spread(trajectory, t, values);
        put_channels(values, channels, by_channel.data() + values.size());
      }
      if (!finite(by_channel) && t <= fields.bounded_until(trajectory)) failed = t;
    }
    refuse_failed(comm, failed);
    for (int r = 0; r < comm.size() && round + r < all; ++r) {
      const bool owner = r == comm.rank();
      writer.write((round + r) / frames, (round + r) % frames, block_of(axes, owner),
                   std::span<const float>(by_channel).first(owner ? by_channel.size() : 0));
    }
    if (const Wish wish = context.signals.poll(comm); wish.stop) return false;
  }
  writer.finish();
  return true;
}

void check_condition(const hyper::ModelFacts& facts, double t) {
  if (facts.condition != hyper::Condition::index) return;
  if (t < 0 || t != std::floor(t) || t >= static_cast<double>(facts.conditions.count))
    throw UserError(Exit::data,
                    fmt::format("the model knows functions 0 to {}, not {}", facts.conditions.count - 1, t));
}

namespace {

void check_row(const hyper::Model<float>& model, std::size_t number, std::span<const double> row) {
  check_condition(model.facts, row[0]);
  for (std::size_t k = 0; k < model.coordinates.dimensions(); ++k) {
    const auto& axis = model.coordinates.axes()[k];
    const double slack = 1e-9 * axis.length;
    if (axis.periodic() ||
        (row[k + 1] >= axis.lower - slack && row[k + 1] <= axis.lower + axis.length + slack))
      continue;
    const double lower = std::abs(axis.lower) < slack ? 0 : axis.lower;  // not 1e-17
    throw UserError(Exit::data, fmt::format("[forecast] points: row {}: {} = {:g} lies outside [{:g}, {:g}]",
                                            number + 1, axis.name, row[k + 1], lower, lower + axis.length));
  }
}

// Rows [begin, end) of one time, at most a block of points.
std::vector<Range> groups_of(const std::vector<double>& rows, std::size_t columns) {
  std::vector<Range> groups;
  const auto count = static_cast<std::int64_t>(rows.size() / columns);
  for (std::int64_t at = 0; at < count; at = groups.back().end) {
    auto end = at + 1;
    while (end < count && end - at < static_cast<std::int64_t>(hyper::point_block) &&
           rows[end * columns] == rows[at * columns])
      ++end;
    groups.push_back({at, end});
  }
  return groups;
}

}  // namespace

bool write_points(const Context& context, const hyper::Model<float>& model, WeightPath& path, int trajectory,
                  const std::vector<double>& rows, const std::filesystem::path& file,
                  const io::Provenance& provenance) {
  const auto scope = context.timers.scope("forecast");
  const std::size_t columns = model.coordinates.dimensions() + 1, channels = model.inr.channels();
  for (std::size_t i = 0; i < rows.size() / columns; ++i)
    check_row(model, i, std::span(rows).subspan(i * columns, columns));
  std::vector<std::string> names = model.facts.channels;
  if (path.members() > 1)
    for (const auto& channel : model.facts.channels) names.push_back(channel + "_spread");
  const auto groups = groups_of(rows, columns);
  const Range mine =
      share_of(static_cast<std::int64_t>(groups.size()), context.comm.rank(), context.comm.size());
  std::vector<double> my_values, places;
  double failed = std::numeric_limits<double>::infinity();
  std::vector<float> values, spread;
  for (auto g = mine.begin; g < mine.end; ++g) {
    places.clear();
    for (auto i = groups[g].begin; i < groups[g].end; ++i)
      places.insert(places.end(), rows.begin() + i * columns + 1, rows.begin() + (i + 1) * columns);
    values.resize(groups[g].size() * channels);
    const double t = rows[groups[g].begin * columns];
    Fields fields(model, path, places);
    fields.forecast(trajectory, t, values);
    if (!finite(values) && t <= fields.bounded_until(trajectory)) failed = std::min(failed, t);
    spread.resize(fields.has_spread() ? values.size() : 0);
    if (fields.has_spread()) fields.spread(trajectory, t, spread);
    for (std::size_t i = 0; i < groups[g].size() * channels; i += channels)
      for (const auto* from : {&values, &spread})
        if (!from->empty())
          my_values.insert(my_values.end(), from->begin() + i, from->begin() + i + channels);
  }
  refuse_failed(context.comm, failed);
  const auto all = context.comm.all_gather<double>(my_values);
  if (context.signals.poll(context.comm).stop) return false;
  io::on_root(context.comm, [&] {
    std::vector<std::string> axes;
    for (const auto& axis : model.coordinates.axes()) axes.push_back(axis.name);
    io::write_point_forecast(file, {axes, names, rows, all}, provenance);
  });
  return true;
}

}  // namespace hypercast::forecast
