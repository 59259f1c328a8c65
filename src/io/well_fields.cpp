// The fields of The Well's layout as channels.

#include <algorithm>
#include <limits>

#include "io/well.hpp"

namespace hypercast::io {

namespace {

// What the components of a field are called after: "", or "_x", "_y", or "_xx", "_xy", ..
std::vector<std::string> endings(const std::vector<Axis>& axes, std::size_t order) {
  if (order == 0) return {""};
  std::vector<std::string> all{"_"};
  for (std::size_t k = 0; k < order; ++k) {
    std::vector<std::string> longer;
    for (const auto& ending : all)
      for (const auto& axis : axes) longer.push_back(ending + axis.name);
    all = longer;
  }
  return all;
}

bool flag(const h5::Dataset& field, const char* name) {
  return !h5::has_attribute(field, name) || h5::read_bool(field, name);
}

// Why the field is not an unknown on the grid; empty when it is one.
std::string unsuitable(const h5::Dataset& field) {
  if (!flag(field, "time_varying")) return "does not vary in time";
  if (h5::has_attribute(field, "dim_varying")) {
    const auto varies = h5::read_bools(field, "dim_varying");
    if (std::find(varies.begin(), varies.end(), false) != varies.end())
      return "does not vary along every axis";
  }
  return "";
}

class Fields {
 public:
  Fields(const h5::File& file, const std::string& path, WellFile& result)
      : file_(file), path_(path), result_(result), layout_(result.layout) {}

  void read() {
    bool any_group = false;
    layout_.trajectories = 0;
    for (std::size_t order = 0; order <= 2; ++order) {
      const std::string group = "t" + std::to_string(order) + "_fields";
      if (!h5::exists(file_, group)) continue;
      any_group = true;
      for (const auto& name : names_in(file_, path_, group, "field_names"))
        add(group + "/" + name, name, order);
    }
    if (!any_group) refuse(path_, "no 't0_fields', 't1_fields' or 't2_fields'");
    if (layout_.channels.empty())
      refuse(path_, "no field that varies in time and along every axis" +
                        (result_.passed_over.empty() ? "" : "; passed over: " + result_.passed_over.front()));
    count_trajectories();
    check_names();
  }

 private:
  void add(const std::string& name, const std::string& called, std::size_t order) {
    h5::Dataset plain = numbers(file_, path_, name);
    const std::string why = unsuitable(plain);
    if (!why.empty()) {
      result_.passed_over.push_back("'" + name + "' " + why);
      return;
    }
    WellField field;
    field.per_trajectory = flag(plain, "sample_varying");
    field.order = order;
    const auto ends = endings(layout_.axes, order);
    field.components = ends.size();
    check_shape(name, h5::shape(plain), field);
    field.data = h5::open_to_stream(file_, name, field.per_trajectory ? 2 : 1);
    result_.fields.push_back(std::move(field));
    for (const auto& ending : ends) layout_.channels.push_back(called + ending);
  }

  void check_shape(const std::string& name, const h5::Shape& shape, const WellField& field) {
    if (field.per_trajectory && layout_.trajectories == 0 && !shape.empty()) {
      if (shape[0] == 0) refuse(path_, "field '" + name + "' holds no trajectory");
      if (shape[0] > std::numeric_limits<int>::max()) refuse(path_, "field '" + name + "' is too large");
      layout_.trajectories = static_cast<int>(shape[0]);
    }
    h5::Shape wanted;
    if (field.per_trajectory) wanted.push_back(layout_.trajectories);
    wanted.push_back(layout_.times.size());
    for (const auto& axis : layout_.axes) wanted.push_back(axis.points.size());
    wanted.insert(wanted.end(), field.order, layout_.axes.size());
    if (shape != wanted)
      refuse(path_, "field '" + name + "' has shape " + h5::shape_text(shape) + "; " +
                        (field.per_trajectory ? "trajectories, " : "") + "times and axes ask for " +
                        h5::shape_text(wanted));
  }

  void count_trajectories() {
    if (!h5::has_attribute(file_, "n_trajectories")) {
      layout_.trajectories = std::max(layout_.trajectories, 1);
      return;
    }
    const double said = h5::read_number(file_, "n_trajectories");
    if (layout_.trajectories == 0 && said >= 1 && said < 1e9) layout_.trajectories = static_cast<int>(said);
    if (said != layout_.trajectories)
      refuse(path_, "attribute 'n_trajectories' does not fit fields of " +
                        std::to_string(layout_.trajectories) + " trajectories");
  }

  void check_names() const {
    std::vector<std::string> taken{"t", "time"};
    for (const auto& axis : layout_.axes) taken.push_back(axis.name);
    for (const auto& channel : layout_.channels) {
      if (std::find(taken.begin(), taken.end(), channel) != taken.end())
        refuse(path_, "the name '" + channel +
                          "' stands for two things: fields, their components, axes and time "
                          "need names of their own");
      taken.push_back(channel);
    }
  }

  const h5::File& file_;
  const std::string& path_;
  WellFile& result_;
  TrajectoryLayout& layout_;
};

}  // namespace

void read_fields(const h5::File& file, const std::string& path, WellFile& result) {
  Fields(file, path, result).read();
}

// Goes through a buffer of a few frames at a time.
void read_frames(const WellFile& well, int trajectory, Range frames, std::span<float> values) {
  constexpr std::size_t most = std::size_t{1} << 24;  // floats in the buffer
  const std::size_t points = well.layout.points(), channels = well.layout.channels.size();
  std::vector<float> buffer;
  std::size_t first = 0;  // channel
  for (const auto& field : well.fields) {
    const auto piece =
        static_cast<std::int64_t>(std::max<std::size_t>(1, most / (points * field.components)));
    for (std::int64_t frame = frames.begin; frame < frames.end; frame += piece) {
      const std::int64_t count = std::min(piece, frames.end - frame);
      h5::Shape start, extent;
      if (field.per_trajectory) start.push_back(trajectory), extent.push_back(1);
      start.push_back(frame);
      extent.push_back(count);
      for (const auto& axis : well.layout.axes) extent.push_back(axis.points.size());
      extent.insert(extent.end(), field.order, well.layout.axes.size());
      start.resize(extent.size(), 0);
      const auto out = values.subspan((frame - frames.begin) * points * channels, count * points * channels);
      if (field.components == channels) {
        h5::read_box(field.data, start, extent, out);
        continue;
      }
      buffer.resize(count * points * field.components);
      h5::read_box(field.data, start, extent, buffer);
      for (std::size_t c = 0; c < field.components; ++c)
        for (std::size_t i = 0; i < count * points; ++i)
          out[i * channels + first + c] = buffer[i * field.components + c];
    }
    first += field.components;
  }
}

}  // namespace hypercast::io
