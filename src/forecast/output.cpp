#include "forecast/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

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

}  // namespace

bool write_frames(const Context& context, const hyper::Model<float>& model, std::span<const float> phi,
                  const std::vector<io::Axis>& axes, const std::vector<double>& times,
                  const std::filesystem::path& path, const io::Provenance& provenance) {
  const auto scope = context.timers.scope("forecast");
  const Comm& comm = context.comm;
  const auto points = hyper::grid_points(axes);
  Direct direct(model, phi, points);
  io::TrajectoryLayout layout{
      model.facts.dataset_name + "_forecast", model.facts.channels, axes, times, 1, {}};
  io::TrajectoryWriter writer(comm, path, layout, provenance);
  const std::size_t channels = layout.channels.size(), size = layout.points();
  std::vector<float> values(layout.frame_size()), by_channel(values.size());
  const int frames = static_cast<int>(times.size());
  for (int round = 0; round < frames; round += comm.size()) {
    double failed = std::numeric_limits<double>::infinity();  // the first time whose field is not finite
    if (const int mine = round + comm.rank(); mine < frames) {
      direct.forecast(times[mine], values);
      if (!finite(values)) failed = times[mine];
      for (std::size_t i = 0; i < values.size(); ++i)
        by_channel[i % channels * size + i / channels] = values[i];
    }
    refuse_failed(comm, failed);
    for (int r = 0; r < comm.size() && round + r < frames; ++r) {
      io::Block block{std::vector<int>(axes.size(), 0), std::vector<int>(axes.size(), 0)};
      const bool owner = r == comm.rank();
      for (std::size_t k = 0; owner && k < axes.size(); ++k)
        block.count[k] = static_cast<int>(axes[k].points.size());
      writer.write(0, round + r, block,
                   std::span<const float>(by_channel).first(owner ? by_channel.size() : 0));
    }
    if (const Wish wish = context.signals.poll(comm); wish.stop) return false;
  }
  writer.finish();
  return true;
}

void check_condition(const hyper::ModelFacts& facts, double t) {
  if (facts.condition == hyper::Condition::time) return;
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

bool write_points(const Context& context, const hyper::Model<float>& model, std::span<const float> phi,
                  const std::vector<double>& rows, const std::filesystem::path& path,
                  const io::Provenance& provenance) {
  const auto scope = context.timers.scope("forecast");
  const std::size_t columns = model.coordinates.dimensions() + 1, channels = model.inr.channels();
  for (std::size_t i = 0; i < rows.size() / columns; ++i)
    check_row(model, i, std::span(rows).subspan(i * columns, columns));
  const auto groups = groups_of(rows, columns);
  const Range mine =
      share_of(static_cast<std::int64_t>(groups.size()), context.comm.rank(), context.comm.size());
  std::vector<double> my_values, places;
  double failed = std::numeric_limits<double>::infinity();
  std::vector<float> values;
  for (auto g = mine.begin; g < mine.end; ++g) {
    places.clear();
    for (auto i = groups[g].begin; i < groups[g].end; ++i)
      places.insert(places.end(), rows.begin() + i * columns + 1, rows.begin() + (i + 1) * columns);
    values.resize(groups[g].size() * channels);
    const double t = rows[groups[g].begin * columns];
    Direct(model, phi, places).forecast(t, values);
    if (!finite(values)) failed = std::min(failed, t);
    my_values.insert(my_values.end(), values.begin(), values.end());
  }
  refuse_failed(context.comm, failed);
  const auto all = context.comm.all_gather<double>(my_values);
  if (context.signals.poll(context.comm).stop) return false;
  io::on_root(context.comm, [&] {
    std::vector<std::string> axes;
    for (const auto& axis : model.coordinates.axes()) axes.push_back(axis.name);
    io::write_point_forecast(path, {axes, model.facts.channels, rows, all}, provenance);
  });
  return true;
}

}  // namespace hypercast::forecast
