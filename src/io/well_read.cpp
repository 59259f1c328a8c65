#include <algorithm>
#include <cctype>
#include <cmath>

#include "io/well.hpp"

namespace hypercast::io {

namespace {

// Names of fields and axes become names of channels, columns and files.
bool is_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && std::none_of(name.begin(), name.end(), [](char c) {
    return c == '/' || (c >= 0 && c < ' ') || c == 127;
  });
}

std::string made_a_name(std::string name) {
  for (char& c : name)
    if (!is_name({c}) && c != '.') c = '_';
  if (name.starts_with('.')) name[0] = '_';
  return name;
}

class Parser {
 public:
  Parser(const h5::File& file, const std::string& path) : file_(file), path_(path) {}

  WellFile run() {
    read_axes();
    read_times();
    read_boundaries();
    read_fields(file_, path_, result_);
    read_parameters();
    auto& name = result_.layout.dataset_name;
    if (h5::has_attribute(file_, "dataset_name")) name = made_a_name(h5::read_text(file_, "dataset_name"));
    if (name.empty()) name = made_a_name(std::filesystem::path(path_).stem().string());
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(const std::string& text) const { io::refuse(path_, text); }

  // Finite and rising. Values that are uniform to single precision are made so in double precision; a file of
  // our own says its end points exactly. Others stay as they are where that is allowed.
  std::vector<double> rising(const std::string& path, std::vector<double> values,
                             bool must_be_uniform) const {
    for (double value : values)
      if (!std::isfinite(value)) refuse("'" + path + "' holds a value that is not finite");
    const h5::Dataset data = numbers(file_, path_, path);
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
      if (!(values[i] > values[i - 1]))
        refuse("'" + path + "' does not rise: its value " + std::to_string(i) +
               " is not above the one before");
    std::vector<double> exact;
    for (std::size_t i = 0; i < values.size(); ++i)
      exact.push_back(i + 1 == values.size() ? last : first + static_cast<double>(i) * step);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::abs(values[i] - exact[i]) <= 1e-3 * step + rounding) continue;
      if (must_be_uniform) refuse("'" + path + "' is not uniform, and other grids are not supported");
      return values;
    }
    return exact;
  }

  void read_axes() {
    if (h5::has_attribute(file_, "grid_type") && h5::read_text(file_, "grid_type") != "cartesian")
      refuse("its grid_type is '" + h5::read_text(file_, "grid_type") +
             "'; only cartesian grids are supported");
    auto& axes = result_.layout.axes;
    for (const auto& name : names_in(file_, path_, "dimensions", "spatial_dims")) {
      const std::string path = "dimensions/" + name;
      const h5::Shape shape = h5::shape(numbers(file_, path_, path));
      if (shape.size() != 1 || shape[0] < 2 || shape[0] > most)
        refuse("'" + path + "' has shape " + h5::shape_text(shape) +
               " and is not a list of two or more coordinates");
      if (std::any_of(axes.begin(), axes.end(), [&](const Axis& axis) { return axis.name == name; }))
        refuse("attribute 'spatial_dims' names '" + name + "' twice");
      axes.push_back({name, rising(path, h5::read_dataset<double>(file_, path), true), Boundary::open});
    }
    if (axes.empty() || axes.size() > 3)
      refuse("'dimensions' names " + std::to_string(axes.size()) + " axes instead of 1 to 3");
    if (h5::has_attribute(file_, "n_spatial_dims") &&
        h5::read_number(file_, "n_spatial_dims") != static_cast<double>(axes.size()))
      refuse("attribute 'n_spatial_dims' does not fit " + std::to_string(axes.size()) + " axes");
    double points = 1;
    for (const auto& axis : axes) points *= static_cast<double>(axis.points.size());
    if (points > most) refuse("its grid is too large");
  }

  void read_times() {
    const std::string path = "dimensions/time";
    const h5::Shape shape = h5::shape(numbers(file_, path_, path));
    if (shape.empty() || shape.size() > 2 || shape.back() == 0 || shape.front() == 0 ||
        shape.back() > most / shape.front())
      refuse("'" + path + "' has shape " + h5::shape_text(shape) + " and is not a list of times");
    std::vector<double> times = h5::read_dataset<double>(file_, path);
    const std::size_t count = shape.back();
    for (std::size_t i = count; i < times.size(); ++i)
      if (times[i] != times[i - count])
        refuse("'" + path + "' differs between trajectories, which is not supported");
    times.resize(count);
    result_.layout.times = rising(path, std::move(times), false);
  }

  Boundary boundary(const std::string& name, const h5::Object& group) const {
    std::string type = h5::read_text(group, "bc_type");
    for (char& c : type) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const auto& words : boundary_words)
      if (type == words.bc_type && name.ends_with(words.suffix)) return words.kind;
    for (const auto& words : boundary_words)
      if (type == words.bc_type) return words.kind;
    refuse("'boundary_conditions/" + name + "' has unknown bc_type '" + type + "'");
  }

  // Groups of one axis say what its ends are; an axis with two different ends counts as open. Groups of
  // several axes may be obstacles inside: they count where no other speaks.
  void read_boundaries() {
    if (!h5::exists(file_, "boundary_conditions")) return;
    const h5::Object all(
        h5::call(H5Oopen(file_, "boundary_conditions", H5P_DEFAULT), "cannot open boundaries"));
    std::vector<std::vector<Boundary>> of_one(result_.layout.axes.size()), of_many = of_one;
    for (const auto& name : h5::names(all)) {
      const h5::Object group(h5::call(H5Oopen(all, name.c_str(), H5P_DEFAULT), "cannot open '" + name + "'"));
      const auto dimensions = h5::read_texts(group, "associated_dims");
      for (std::size_t d = 0; d < of_one.size(); ++d)
        if (std::find(dimensions.begin(), dimensions.end(), result_.layout.axes[d].name) != dimensions.end())
          (dimensions.size() == 1 ? of_one : of_many)[d].push_back(boundary(name, group));
    }
    for (std::size_t d = 0; d < of_one.size(); ++d) {
      const auto& kinds = of_one[d].empty() ? of_many[d] : of_one[d];
      if (kinds.empty()) continue;
      const bool same = std::count(kinds.begin(), kinds.end(), kinds[0]) == std::ptrdiff_t(kinds.size());
      result_.layout.axes[d].boundary = same ? kinds[0] : Boundary::open;
    }
  }

  // Those with one value, as an attribute of the file or else in /scalars.
  void read_parameters() {
    if (!h5::has_attribute(file_, "simulation_parameters")) return;
    auto& parameters = result_.layout.parameters;
    for (const auto& name : h5::read_texts(file_, "simulation_parameters")) {
      if (h5::has_attribute(file_, name)) {
        if (h5::is_number(file_, name)) parameters.emplace_back(name, h5::read_number(file_, name));
      } else if (const std::string path = "scalars/" + name; is_name(name) && h5::exists(file_, path)) {
        if (h5::shape(numbers(file_, path_, path)).empty())
          parameters.emplace_back(name, h5::read_dataset<double>(file_, path).at(0));
      }
    }
  }

  static constexpr hsize_t most = hsize_t{1} << 31;  // coordinates, times, points of a grid

  const h5::File& file_;
  const std::string& path_;
  WellFile result_;
};

}  // namespace

void refuse(const std::string& path, const std::string& text) {
  throw UserError(Exit::data, path + ": " + text);
}

std::vector<std::string> names_in(const h5::File& file, const std::string& path, const std::string& group,
                                  const std::string& attribute) {
  if (!h5::exists(file, group)) refuse(path, "no '" + group + "'");
  if (!h5::is_group(file, group)) refuse(path, "'" + group + "' is not a group");
  const h5::Object object(h5::call(H5Oopen(file, group.c_str(), H5P_DEFAULT), "cannot open '" + group + "'"));
  if (!h5::has_attribute(object, attribute))
    refuse(path, "group '" + group + "' lacks attribute '" + attribute + "'");
  const auto names = h5::read_texts(object, attribute);
  for (const auto& name : names)
    if (!is_name(name))
      refuse(path,
             "attribute '" + attribute + "' of group '" + group + "' holds '" + name + "', which is no name");
  return names;
}

h5::Dataset numbers(const h5::File& file, const std::string& path, const std::string& name) {
  if (!h5::exists(file, name)) refuse(path, "no '" + name + "'");
  if (h5::is_group(file, name)) refuse(path, "'" + name + "' is a group, not a dataset");
  h5::Dataset opened = h5::open_dataset(file, name);
  const auto kind = h5::type_class(opened);
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) refuse(path, "'" + name + "' does not hold numbers");
  return opened;
}

WellFile read_layout(const h5::File& file, const std::string& path) {
  try {
    return Parser(file, path).run();
  } catch (const h5::Failure& failure) {
    throw UserError(Exit::data, path + ": damaged, or not a trajectory file: " + failure.plain);
  }
}

}  // namespace hypercast::io
