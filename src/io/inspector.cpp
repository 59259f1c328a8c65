#include "io/inspector.hpp"

#include <algorithm>
#include <cmath>

namespace hypercast::io {

namespace {

constexpr std::size_t piece = std::size_t{1} << 22;  // values read at a time
constexpr double densest = 2000;                     // values a byte of a file may hold: gzip reaches 1032

// Damaged shapes may ask for more values than anybody can read.
bool fits(const h5::File& file, const h5::Shape& shape) {
  hsize_t bytes = 0;
  h5::call(H5Fget_filesize(file, &bytes), "H5Fget_filesize");
  double values = 1;
  for (const hsize_t extent : shape) values *= static_cast<double>(extent);
  return values <= densest * static_cast<double>(bytes);
}

// Visits a box in pieces of at most `piece` values, in row-major order, until `look` says false.
bool in_pieces(const h5::Shape& start, const h5::Shape& count,
               const std::function<bool(const h5::Shape&, const h5::Shape&)>& look) {
  if (h5::volume(count) <= piece) return look(start, count);
  const auto axis = std::find_if(count.begin(), count.end(), [](hsize_t n) { return n > 1; }) - count.begin();
  h5::Shape first = count, second = count, later = start;
  first[axis] = count[axis] / 2;
  second[axis] = count[axis] - first[axis];
  later[axis] += first[axis];
  return in_pieces(start, first, look) && in_pieces(later, second, look);
}

}  // namespace

void Inspector::complain(const std::string& text) {
  std::string line = text;
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  complaints_.push_back(line);
}

void Inspector::attempt(const std::string& what, const std::function<void()>& look) {
  try {
    look();
  } catch (const h5::Failure& failure) {
    complain(what + " cannot be read: " + failure.plain);
  }
}

std::optional<h5::Object> Inspector::group(const std::string& path) {
  if (!h5::exists(file_, path)) {
    complain("no group '" + path + "'");
    return {};
  }
  h5::Object object(h5::call(H5Oopen(file_, path.c_str(), H5P_DEFAULT), "cannot open it"));
  if (H5Iget_type(object) == H5I_GROUP) return object;
  complain("'" + path + "' is not a group");
  return {};
}

std::optional<h5::Dataset> Inspector::dataset(const std::string& path) {
  if (!h5::exists(file_, path)) {
    complain("no dataset '" + path + "'");
    return {};
  }
  const h5::Object object(h5::call(H5Oopen(file_, path.c_str(), H5P_DEFAULT), "cannot open it"));
  if (H5Iget_type(object) == H5I_DATASET) return h5::open_dataset(file_, path);
  complain("'" + path + "' is not a dataset");
  return {};
}

std::optional<h5::Dataset> Inspector::singles(const std::string& path) {
  auto found = dataset(path);
  if (!found) return {};
  const h5::Nature nature = h5::dataset_nature(*found);
  if (nature.null) {
    complain("'" + path + "' has no values at all");
    return {};
  }
  if (nature.element == h5::Element::real && nature.size == sizeof(float)) return found;
  complain("'" + path + "' is not float32");
  const bool number = nature.element == h5::Element::real || nature.element == h5::Element::integer;
  return number ? std::move(found) : std::nullopt;
}

std::optional<std::vector<double>> Inspector::values(const std::string& path, hid_t dataset) {
  const h5::Shape shape = h5::shape(dataset);
  if (fits(file_, shape)) return h5::read_dataset<double>(file_, path);
  complain("'" + path + "' has shape " + h5::shape_text(shape) + ", more than the file can hold");
  return {};
}

std::string Inspector::where(const Item& item, const std::string& attribute) const {
  return (item.name.empty() ? "" : "'" + item.name + "': ") + "attribute '" + attribute + "'";
}

bool Inspector::has(const Item& item, const std::string& attribute) {
  if (h5::has_attribute(item.id, attribute)) return true;
  complain((item.name.empty() ? "" : "'" + item.name + "': ") + "no attribute '" + attribute + "'");
  return false;
}

std::optional<std::string> Inspector::text(const Item& item, const std::string& attribute) {
  if (!has(item, attribute)) return {};
  const h5::Nature nature = h5::attribute_nature(item.id, attribute);
  if (nature.element == h5::Element::text && nature.shape.empty() && !nature.null)
    return h5::read_text(item.id, attribute);
  complain(where(item, attribute) + " is not one text of variable length");
  return {};
}

std::optional<std::vector<std::string>> Inspector::texts(const Item& item, const std::string& attribute) {
  if (!has(item, attribute)) return {};
  const h5::Nature nature = h5::attribute_nature(item.id, attribute);
  if (nature.shape.size() == 1 && nature.shape[0] == 0) return std::vector<std::string>{};  // of any type
  if (nature.element == h5::Element::text && nature.shape.size() == 1)
    return h5::read_texts(item.id, attribute);
  complain(where(item, attribute) + " is not a list of texts of variable length");
  return {};
}

std::optional<bool> Inspector::truth(const Item& item, const std::string& attribute,
                                     std::optional<bool> asked) {
  if (!has(item, attribute)) return {};
  const h5::Nature nature = h5::attribute_nature(item.id, attribute);
  if (nature.element != h5::Element::truth || !nature.shape.empty() || nature.null) {
    complain(where(item, attribute) + " is not one truth value (an enum FALSE, TRUE over one byte)");
    return {};
  }
  const bool value = h5::read_bool(item.id, attribute);
  if (!asked || value == *asked) return value;
  complain(where(item, attribute) + " is " + (value ? "TRUE" : "FALSE"));
  return {};
}

std::optional<std::vector<bool>> Inspector::truths(const Item& item, const std::string& attribute,
                                                   std::size_t count) {
  if (!has(item, attribute)) return {};
  const h5::Nature nature = h5::attribute_nature(item.id, attribute);
  if (nature.element == h5::Element::truth && nature.shape == h5::Shape{count})
    return h5::read_bools(item.id, attribute);
  complain(where(item, attribute) + " is not a list of " + std::to_string(count) +
           " truth values (enums FALSE, TRUE over one byte)");
  return {};
}

std::optional<std::int64_t> Inspector::integer(const Item& item, const std::string& attribute) {
  if (!has(item, attribute)) return {};
  const h5::Nature nature = h5::attribute_nature(item.id, attribute);
  const double value = nature.element == h5::Element::integer && nature.shape.empty() && !nature.null
                           ? h5::read_number(item.id, attribute)
                           : 0;
  if (value >= 1 && value <= 1e15) return static_cast<std::int64_t>(value);
  complain(where(item, attribute) + " is not one positive integer");
  return {};
}

std::optional<double> Inspector::number(const Item& item, const std::string& attribute) {
  if (!has(item, attribute)) return {};
  const h5::Nature nature = h5::attribute_nature(item.id, attribute);
  const bool number = nature.element == h5::Element::integer || nature.element == h5::Element::real;
  const double value =
      number && nature.shape.empty() && !nature.null ? h5::read_number(item.id, attribute) : NAN;
  if (std::isfinite(value)) return value;
  complain(where(item, attribute) + " is not one finite number");
  return {};
}

bool Inspector::any_true(const std::string& path, hid_t dataset) {
  const h5::Shape shape = h5::shape(dataset);
  if (!fits(file_, shape)) {
    complain("'" + path + "' has shape " + h5::shape_text(shape) + ", more than the file can hold");
    return true;
  }
  const auto values = h5::read_bool_dataset(file_, path);
  return std::find(values.begin(), values.end(), true) != values.end();
}

void Inspector::same_names(const std::string& group, const std::vector<std::string>& listed) {
  const h5::Object object(h5::call(H5Oopen(file_, group.c_str(), H5P_DEFAULT), "cannot open it"));
  for (const auto& name : h5::names(object))
    if (std::find(listed.begin(), listed.end(), name) == listed.end())
      complain("'" + group + "' holds '" + name + "', which its attribute 'field_names' does not list");
  for (auto name = listed.begin(); name != listed.end(); ++name)
    if (std::find(listed.begin(), name, *name) != name)
      complain("'" + group + "': attribute 'field_names' lists '" + *name + "' twice");
}

void Inspector::finite(const std::string& path, const std::vector<std::string>& labels,
                       const std::function<void()>& alive) {
  const h5::Dataset dataset = h5::open_to_stream(file_, path, 2);
  const h5::Shape shape = h5::shape(dataset);
  if (!fits(file_, shape))
    return complain("'" + path + "' has shape " + h5::shape_text(shape) + ", more than the file can hold");
  if (h5::volume(shape) == 0)
    return complain("'" + path + "' has no values at all: shape " + h5::shape_text(shape));
  std::vector<float> values;
  in_pieces(h5::Shape(shape.size(), 0), shape, [&](const h5::Shape& start, const h5::Shape& count) {
    values.resize(h5::volume(count));
    h5::read_box(dataset, start, count, values);
    alive();
    const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
    if (bad == values.end()) return true;
    auto rest = static_cast<std::size_t>(bad - values.begin());
    std::string place;
    for (std::size_t axis = shape.size(); axis-- > 0; rest /= count[axis]) {
      const std::string label = axis < labels.size() ? labels[axis] : "index";
      place = label + " " + std::to_string(start[axis] + rest % count[axis]) + (place.empty() ? "" : ", ") +
              place;
    }
    complain("'" + path + "' holds a value that is not finite" + (place.empty() ? "" : ", at " + place));
    return false;
  });
}

}  // namespace hypercast::io
