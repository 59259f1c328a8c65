#include "io/well_rules.hpp"

#include <algorithm>
#include <cmath>

#include "io/inspector.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Along which axes a dataset varies, and whether all of that is known.
struct Varying {
  std::optional<bool> sample, time;
  explicit operator bool() const { return sample && time; }
};

class Rules {
 public:
  Rules(const h5::File& file, const std::function<void()>& alive) : file_(file), alive_(alive), look_(file) {}

  WellReport run() {
    look_.attempt("the root's attributes", [&] { root(); });
    look_.attempt("the root", [&] { root_items(); });
    look_.attempt("'dimensions'", [&] { dimensions(); });
    look_.attempt("'scalars'", [&] { scalars(); });
    for (int order = 0; order < 3; ++order)
      look_.attempt("'" + fields_of(order) + "'", [&] { fields(order); });
    if (fields_read_ && report_.fields.empty()) look_.complain("there is no field");
    look_.attempt("'boundary_conditions'", [&] { boundaries(); });
    report_.trajectories = trajectories_.value_or(0);
    report_.frames = frames_.value_or(0);
    report_.complaints = look_.take_complaints();
    return std::move(report_);
  }

 private:
  static std::string fields_of(int order) { return "t" + std::to_string(order) + "_fields"; }

  void root() {
    const auto root = look_.root();
    look_.text(root, "dataset_name");
    const auto grid = look_.text(root, "grid_type");
    if (grid && *grid != "cartesian" && *grid != "spherical")
      look_.complain("attribute 'grid_type' is '" + *grid + "', neither cartesian nor spherical");
    dims_wanted_ = look_.integer(root, "n_spatial_dims");
    trajectories_ = look_.integer(root, "n_trajectories");
    const auto parameters = look_.texts(root, "simulation_parameters");
    if (!parameters) return;
    parameters_ = *parameters;
    for (const auto& name : parameters_) look_.number(root, name);
  }

  // Extra groups are passed over by everybody; these are not.
  void root_items() {
    static const Names known{"dimensions", "boundary_conditions", "scalars",   "t0_fields",
                             "t1_fields",  "t2_fields",           "provenance"};
    for (const auto& name : h5::names(file_)) {
      if (contains(known, name)) continue;
      if (name.find("fields") != std::string::npos)
        look_.complain("'" + name +
                       "' has the word fields in its name, but is none of the groups t0_fields, "
                       "t1_fields, t2_fields");
      else if (h5::exists(file_, name) && !h5::is_group(file_, name))
        look_.complain("'" + name + "' belongs to no group of the layout");
    }
  }

  Varying flags(const Inspector::Item& item, std::optional<bool> sample = {}, std::optional<bool> time = {}) {
    return {look_.truth(item, "sample_varying", sample), look_.truth(item, "time_varying", time)};
  }

  void shape_is(const std::string& path, const h5::Shape& found, const h5::Shape& wanted,
                const std::string& axes) {
    if (found != wanted)
      look_.complain("'" + path + "' has shape " + h5::shape_text(found) + " instead of " +
                     h5::shape_text(wanted) + axes);
  }

  // --- dimensions ------------------------------------------------------------------------------------------

  void dimensions() {
    const auto group = look_.group("dimensions");
    if (!group) return;
    look_.attempt("'dimensions/time'", [&] { time(); });
    const auto names = look_.texts({*group, "dimensions"}, "spatial_dims");
    if (!names) return;
    if (names->empty() || names->size() > 3)
      look_.complain("'dimensions': attribute 'spatial_dims' names " + std::to_string(names->size()) +
                     " axes instead of 1 to 3");
    if (dims_wanted_ && *dims_wanted_ != std::int64_t(names->size()))
      look_.complain("attribute 'n_spatial_dims' is " + std::to_string(*dims_wanted_) +
                     ", but 'dimensions' names " + std::to_string(names->size()) + " axes");
    h5::Shape sizes;
    bool complete = true;
    for (const auto& name : *names) {
      std::optional<hsize_t> size;
      look_.attempt("'dimensions/" + name + "'", [&] { size = axis("dimensions/" + name); });
      complete = complete && size;
      sizes.push_back(size.value_or(0));
    }
    dims_ = *names;
    if (complete) sizes_ = sizes;
  }

  // The number of points.
  std::optional<hsize_t> axis(const std::string& path) {
    const auto data = look_.singles(path);
    if (!data) return {};
    flags({*data, path}, false, false);
    const h5::Shape shape = h5::shape(*data);
    if (shape.size() != 1 || shape[0] < 2) {
      look_.complain("'" + path + "' has shape " + h5::shape_text(shape) +
                     " instead of one axis of two or more points");
      return {};
    }
    const auto points = look_.values(path, *data);
    if (points && rises(path, *points)) uniform(path, *points);
    return shape[0];
  }

  void time() {
    const std::string path = "dimensions/time";
    const auto data = look_.singles(path);
    if (!data) return;
    const Varying varies = flags({*data, path}, {}, true);
    const h5::Shape shape = h5::shape(*data);
    if (shape.empty() || shape.size() > 2 || shape.back() == 0 || shape.front() == 0)
      return look_.complain("'" + path + "' has shape " + h5::shape_text(shape) +
                            ", which is no list of times");
    frames_ = shape.back();
    if (varies.sample) {
      h5::Shape wanted{shape.back()};
      if (*varies.sample) wanted.insert(wanted.begin(), trajectories_.value_or(shape.front()));
      shape_is(path, shape, wanted, *varies.sample ? " [trajectory][frame]" : " [frame]");
    }
    const auto times = look_.values(path, *data);
    for (std::size_t row = 0; times && row < times->size(); row += shape.back())
      if (!rises(path, {times->begin() + row, times->begin() + row + shape.back()})) return;
  }

  bool rises(const std::string& path, const std::vector<double>& values) {
    for (const double value : values)
      if (!std::isfinite(value)) return refuse("'" + path + "' holds a value that is not finite");
    for (std::size_t i = 1; i < values.size(); ++i)
      if (!(values[i] > values[i - 1]))
        return refuse("'" + path + "' does not rise: entry " + std::to_string(i));
    return true;
  }

  bool refuse(const std::string& text) {
    look_.complain(text);
    return false;
  }

  // To single precision.
  void uniform(const std::string& path, const std::vector<double>& points) {
    const double first = points.front(), last = points.back();
    const double step = (last - first) / static_cast<double>(points.size() - 1);
    const double rounding = 1e-6 * std::max(std::abs(first), std::abs(last));
    for (std::size_t i = 0; i < points.size(); ++i)
      if (std::abs(points[i] - first - static_cast<double>(i) * step) > 1e-3 * step + rounding)
        return look_.complain("'" + path + "' is not uniform: entry " + std::to_string(i));
  }

  // --- scalars and fields ----------------------------------------------------------------------------------

  // Shape and labels of what varies with trajectory and frame. Nothing while their numbers are unknown.
  std::optional<h5::Shape> leading(const Varying& varies, Names& labels) const {
    h5::Shape shape;
    if (!varies || (*varies.sample && !trajectories_) || (*varies.time && !frames_)) return {};
    if (*varies.sample) shape.push_back(*trajectories_), labels.push_back("trajectory");
    if (*varies.time) shape.push_back(*frames_), labels.push_back("frame");
    return shape;
  }

  static std::string in_brackets(const Names& labels) {
    std::string text;
    for (const auto& label : labels) text += "[" + label + "]";
    return text.empty() ? "" : " " + text;
  }

  void scalars() {
    const auto group = look_.group("scalars");
    if (!group) return;
    const auto names = look_.texts({*group, "scalars"}, "field_names");
    if (!names) return;
    for (const auto& name : *names)
      look_.attempt("'scalars/" + name + "'", [&] { scalar("scalars/" + name); });
    look_.same_names("scalars", *names);
    for (const auto& name : parameters_)
      if (!contains(*names, name))
        look_.complain("parameter '" + name +
                       "' of attribute 'simulation_parameters' is not among the scalars");
  }

  void scalar(const std::string& path) {
    const auto data = look_.singles(path);
    if (!data) return;
    Names labels;
    const auto wanted = leading(flags({*data, path}), labels);
    if (wanted) shape_is(path, h5::shape(*data), *wanted, in_brackets(labels));
    look_.finite(path, labels, alive_);
  }

  void fields(int order) {
    const std::string path = fields_of(order);
    const auto group = look_.group(path);
    const auto names = group ? look_.texts({*group, path}, "field_names") : std::nullopt;
    if (!names) {
      fields_read_ = false;
      return;
    }
    for (const auto& name : *names) {
      report_.fields.push_back(name);
      look_.attempt("'" + path + "/" + name + "'", [&] { field(path + "/" + name, order); });
    }
    look_.same_names(path, *names);
  }

  void field(const std::string& path, int order) {
    const auto data = look_.singles(path);
    if (!data) return;
    Names labels;
    auto wanted = leading(flags({*data, path}), labels);
    const auto varies = dims_ ? look_.truths({*data, path}, "dim_varying", dims_->size()) : std::nullopt;
    if (varies && wanted && sizes_) {
      for (std::size_t d = 0; d < varies->size(); ++d)
        if ((*varies)[d]) wanted->push_back((*sizes_)[d]), labels.push_back((*dims_)[d]);
      for (int i = 0; i < order; ++i) wanted->push_back(dims_->size()), labels.push_back("component");
      shape_is(path, h5::shape(*data), *wanted, in_brackets(labels));
    }
    look_.finite(path, labels, alive_);
  }

  // --- boundaries ------------------------------------------------------------------------------------------

  void boundaries() {
    const auto group = look_.group("boundary_conditions");
    if (!group) return;
    for (const auto& name : h5::names(*group))
      look_.attempt("'boundary_conditions/" + name + "'", [&] { boundary("boundary_conditions/" + name); });
  }

  void boundary(const std::string& path) {
    const auto group = look_.group(path);
    if (!group) return;
    const Inspector::Item item{*group, path};
    const auto type = look_.text(item, "bc_type");
    if (type && std::none_of(std::begin(boundary_words), std::end(boundary_words),
                             [&](const auto& words) { return *type == words.bc_type; }))
      look_.complain("'" + path + "': attribute 'bc_type' is '" + *type + "', not WALL, OPEN or PERIODIC");
    const Varying varies = flags(item);
    const auto fields = look_.texts(item, "associated_fields");
    for (const auto& name : fields.value_or(Names{}))
      if (fields_read_ && !contains(report_.fields, name))
        look_.complain("'" + path + "': attribute 'associated_fields' names '" + name +
                       "', which is no field");
    if (const bool valued = h5::exists(*group, "values"); fields && valued && fields->empty())
      look_.complain("'" + path + "' has values, but its attribute 'associated_fields' names no field");
    const auto dims = look_.texts(item, "associated_dims");
    if (dims && dims->empty()) look_.complain("'" + path + "': attribute 'associated_dims' names no axis");
    for (const auto& name : dims.value_or(Names{}))
      if (dims_ && !contains(*dims_, name))
        look_.complain("'" + path + "': attribute 'associated_dims' names '" + name + "', which is no axis");
    mask(path + "/mask", varies, dims);
  }

  void mask(const std::string& path, const Varying& varies, const std::optional<Names>& dims) {
    const auto data = look_.dataset(path);
    if (!data) return;
    const h5::Nature nature = h5::dataset_nature(*data);
    if (nature.element != h5::Element::truth)
      return look_.complain("'" + path + "' does not hold truth values (enums FALSE, TRUE over one byte)");
    Names labels;
    auto wanted = leading(varies, labels);
    for (const auto& name : dims.value_or(Names{})) {
      if (!dims_ || !sizes_ || !wanted || !contains(*dims_, name)) return;
      const auto d = std::find(dims_->begin(), dims_->end(), name) - dims_->begin();
      wanted->push_back((*sizes_)[d]);
      labels.push_back(name);
    }
    if (!wanted || !dims || dims->empty()) return;
    shape_is(path, nature.shape, *wanted, in_brackets(labels));
    if (nature.shape == *wanted && !look_.any_true(path, *data))
      look_.complain("'" + path + "' is FALSE everywhere, which makes its axes open");
  }

  const h5::File& file_;
  const std::function<void()>& alive_;
  Inspector look_;
  WellReport report_;
  bool fields_read_ = true;

  // What other items are measured by, where it is known.
  std::optional<std::int64_t> dims_wanted_, trajectories_, frames_;
  std::optional<Names> dims_;
  std::optional<h5::Shape> sizes_;
  Names parameters_;
};

}  // namespace

WellReport check_well(const h5::File& file, const std::function<void()>& alive) {
  return Rules(file, alive).run();
}

}  // namespace hypercast::io
