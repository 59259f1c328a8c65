#include <algorithm>
#include <cmath>

#include "io/well.hpp"

namespace hypercast::io {

namespace {

class Parser {
 public:
  Parser(const h5::File& file, const std::string& path) : file_(file), path_(path) {}

  WellFile run() {
    read_axes();
    read_times();
    read_boundaries();
    read_fields();
    read_parameters();
    auto& name = result_.layout.dataset_name;
    name = h5::has_attribute(file_, "dataset_name") ? h5::read_text(file_, "dataset_name")
                                                    : std::filesystem::path(path_).stem().string();
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(const std::string& text) const {
    throw UserError(Exit::data, path_ + ": " + text);
  }

  void require(const std::string& path) const {
    if (!h5::exists(file_, path)) refuse("no '" + path + "'");
  }
  std::vector<std::string> texts(const std::string& group, const std::string& attribute) const {
    require(group);
    if (!h5::is_group(file_, group)) refuse("'" + group + "' is not a group");
    const h5::Object object(
        h5::call(H5Oopen(file_, group.c_str(), H5P_DEFAULT), "cannot open '" + group + "'"));
    if (!h5::has_attribute(object, attribute))
      refuse("group '" + group + "' lacks attribute '" + attribute + "'");
    return h5::read_texts(object, attribute);
  }
  h5::Dataset dataset(const std::string& path) const {
    require(path);
    if (h5::is_group(file_, path)) refuse("'" + path + "' is a group, not a dataset");
    h5::Dataset opened = h5::open_dataset(file_, path);
    const auto kind = h5::type_class(opened);
    if (kind != H5T_FLOAT && kind != H5T_INTEGER) refuse("'" + path + "' does not hold numbers");
    return opened;
  }

  // Finite and rising. Values that are uniform to single precision are made so in double precision; a file of
  // our own says its end points exactly. Others stay as they are where that is allowed.
  std::vector<double> rising(const std::string& path, std::vector<double> values,
                             bool must_be_uniform) const {
    for (double value : values)
      if (!std::isfinite(value)) refuse("'" + path + "' holds a value that is not finite");
    const h5::Dataset data = dataset(path);
    const double rounding = 1e-6 * std::max(std::abs(values.front()), std::abs(values.back()));
    double first = values.front(), last = values.back();
    if (h5::has_attribute(data, "first") && h5::has_attribute(data, "last")) {
      const double exact_first = h5::read_number(data, "first"), exact_last = h5::read_number(data, "last");
      if (std::abs(exact_first - first) <= rounding && std::abs(exact_last - last) <= rounding)
        first = exact_first, last = exact_last;
    }
    if (values.size() == 1) return {first};
    const double step = (last - first) / static_cast<double>(values.size() - 1);
    for (std::size_t i = 1; i < values.size(); ++i)
      if (!(values[i] > values[i - 1])) refuse("'" + path + "' does not rise");
    std::vector<double> exact;
    for (std::size_t i = 0; i < values.size(); ++i)
      exact.push_back(i + 1 == values.size() ? last : first + static_cast<double>(i) * step);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::abs(values[i] - exact[i]) <= 1e-3 * step + rounding) continue;
      if (must_be_uniform) refuse("'" + path + "' is not uniform");
      return values;
    }
    return exact;
  }

  void read_axes() {
    for (const auto& name : texts("dimensions", "spatial_dims")) {
      const std::string path = "dimensions/" + name;
      const h5::Shape shape = h5::shape(dataset(path));
      if (shape.size() != 1 || shape[0] < 2)
        refuse("'" + path + "' is not a list of two or more coordinates");
      result_.layout.axes.push_back(
          {name, rising(path, h5::read_dataset<double>(file_, path), true), Boundary::open});
    }
    const std::size_t axes = result_.layout.axes.size();
    if (axes < 1 || axes > 3)
      refuse("'dimensions' names " + std::to_string(axes) + " axes instead of 1 to 3");
  }

  void read_times() {
    const std::string path = "dimensions/time";
    const h5::Shape shape = h5::shape(dataset(path));
    if (shape.empty() || shape.size() > 2 || shape.back() == 0 || shape.front() == 0)
      refuse("'" + path + "' is not a list of times");
    std::vector<double> times = h5::read_dataset<double>(file_, path);
    const std::size_t count = shape.back();
    for (std::size_t i = count; i < times.size(); ++i)
      if (times[i] != times[i - count]) refuse("'" + path + "' differs between trajectories");
    times.resize(count);
    result_.layout.times = rising(path, std::move(times), false);
  }

  Boundary boundary(const std::string& name, const h5::Object& group) const {
    const std::string type = h5::read_text(group, "bc_type");
    for (const auto& words : boundary_words)
      if (type == words.bc_type && name.ends_with(words.suffix)) return words.kind;
    for (const auto& words : boundary_words)
      if (type == words.bc_type) return words.kind;
    refuse("'boundary_conditions/" + name + "' has unknown bc_type '" + type + "'");
  }

  // An axis with two different ends counts as open.
  void read_boundaries() {
    if (!h5::exists(file_, "boundary_conditions")) return;
    const h5::Object all(
        h5::call(H5Oopen(file_, "boundary_conditions", H5P_DEFAULT), "cannot open boundaries"));
    std::vector<int> seen(result_.layout.axes.size(), 0);
    for (const auto& name : h5::names(all)) {
      const h5::Object group(h5::call(H5Oopen(all, name.c_str(), H5P_DEFAULT), "cannot open '" + name + "'"));
      for (const auto& dimension : h5::read_texts(group, "associated_dims"))
        for (std::size_t d = 0; d < seen.size(); ++d) {
          auto& axis = result_.layout.axes[d];
          if (axis.name != dimension) continue;
          const Boundary kind = boundary(name, group);
          axis.boundary = seen[d]++ == 0 || axis.boundary == kind ? kind : Boundary::open;
        }
    }
  }

  // Fixed coefficients (no time axis) are not unknowns and are passed over.
  bool is_unknown(const h5::Dataset& field) const {
    return !h5::has_attribute(field, "time_varying") || h5::read_bool(field, "time_varying");
  }

  void read_fields() {
    auto& layout = result_.layout;
    layout.trajectories = 0;
    for (const auto& name : texts("t0_fields", "field_names")) {
      const std::string path = "t0_fields/" + name;
      h5::Dataset field = dataset(path);
      if (!is_unknown(field)) continue;
      const h5::Shape shape = h5::shape(field);
      if (layout.trajectories == 0 && !shape.empty()) layout.trajectories = static_cast<int>(shape[0]);
      h5::Shape wanted = {hsize_t(layout.trajectories), layout.times.size()};
      for (const auto& axis : layout.axes) wanted.push_back(axis.points.size());
      if (shape != wanted || layout.trajectories == 0)
        refuse("field '" + path + "' has shape " + text(shape) + "; coordinates and times ask for " +
               text(wanted));
      layout.channels.push_back(name);
      result_.channels.push_back(std::move(field));
    }
    if (layout.channels.empty()) refuse("no scalar field that varies in time in 't0_fields'");
    if (h5::has_attribute(file_, "n_trajectories") &&
        h5::read_number(file_, "n_trajectories") != layout.trajectories)
      refuse("attribute 'n_trajectories' does not fit fields of " + std::to_string(layout.trajectories) +
             " trajectories");
  }

  void read_parameters() {
    if (!h5::has_attribute(file_, "simulation_parameters")) return;
    for (const auto& name : h5::read_texts(file_, "simulation_parameters"))
      if (h5::has_attribute(file_, name))
        result_.layout.parameters.emplace_back(name, h5::read_number(file_, name));
  }

  static std::string text(const h5::Shape& shape) {
    std::string result;
    for (hsize_t extent : shape) result += (result.empty() ? "" : " x ") + std::to_string(extent);
    return result.empty() ? "()" : result;
  }

  const h5::File& file_;
  const std::string& path_;
  WellFile result_;
};

}  // namespace

WellFile read_layout(const h5::File& file, const std::string& path) {
  try {
    return Parser(file, path).run();
  } catch (const h5::Failure& failure) {
    throw UserError(Exit::data, path + ": damaged, or not a trajectory file: " + failure.plain);
  }
}

}  // namespace hypercast::io
