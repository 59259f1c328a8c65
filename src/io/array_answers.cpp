// Arrays in HDF5: the children's part.

#include <algorithm>

#include "core/error.hpp"
#include "io/array_source.hpp"
#include "io/hdf5.hpp"

namespace hypercast::io {

namespace {

using Names = std::vector<std::string>;

[[noreturn]] void refuse(const std::string& place, const std::string& text) {
  throw UserError(Exit::data, place + ": " + text);
}

h5::File open_file(const std::filesystem::path& path) {
  if (!h5::has_signature(path)) refuse(path.string(), "not an HDF5 file");
  try {
    return h5::open(path);
  } catch (const h5::Failure& failure) {
    refuse(path.string(), "damaged or truncated HDF5 file: " + failure.plain);
  }
}

// Calls work(file); what HDF5 cannot do then is the file's fault: it is damaged, or packed by a filter that
// this HDF5 does not have.
template <class Work>
auto with_file(const std::filesystem::path& path, Work work) {
  const h5::File file = open_file(path);
  try {
    return work(file);
  } catch (const h5::Failure& failure) {
    refuse(path.string(), "HDF5 cannot read it: " + failure.plain);
  }
}

// Nothing when the link leads nowhere.
h5::Object open_object(hid_t parent, const std::string& path) {
  try {
    if (!h5::exists(parent, path)) return {};
  } catch (const h5::Failure&) {  // there is a dataset on the way
    return {};
  }
  return h5::Object(h5::call(H5Oopen(parent, path.c_str(), H5P_DEFAULT), "cannot open '" + path + "'"));
}

Names split(const std::string& pattern) {
  Names words;
  for (std::size_t at = 0; at <= pattern.size();) {
    const auto end = std::min(pattern.find('/', at), pattern.size());
    words.push_back(pattern.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// Datasets below a group whose names, level by level, fit.
void find(hid_t group, const std::string& prefix, std::span<const std::string> pattern, Names& found) {
  for (const auto& name : h5::names(group)) {
    if (!parts_that_match(pattern[0], name)) continue;
    const h5::Object object = open_object(group, name);
    if (!object) continue;
    const H5I_type_t kind = H5Iget_type(object);
    if (kind == H5I_DATASET && pattern.size() == 1) found.push_back(prefix + name);
    if (kind == H5I_GROUP && pattern.size() > 1) find(object, prefix + name + "/", pattern.subspan(1), found);
  }
}

// Some that are there, to choose from: those nearest to the root.
std::string choice(hid_t file) {
  constexpr std::size_t most = 5, levels = 4;
  Names found;
  for (Names pattern{"*"}; found.empty() && pattern.size() <= levels; pattern.emplace_back("*"))
    find(file, "", pattern, found);
  std::string text;
  for (std::size_t i = 0; i < std::min(most, found.size()); ++i)
    text += (i ? ", '" : "'") + found[i].substr(0, 200) + "'";
  if (found.empty()) return "it has none";
  return (found.size() > most ? "it has " + std::to_string(found.size()) + ", such as " : "it has ") + text;
}

h5::Dataset open_array(hid_t file, const std::string& path, const std::string& dataset) {
  if (dataset.empty()) refuse(path, "an HDF5 file; name a dataset as FILE:DATASET (" + choice(file) + ")");
  const h5::Object object = open_object(file, dataset);
  if (!object)
    throw UserError(Exit::no_input, path + ": there is no dataset '" + dataset + "'; " + choice(file));
  if (H5Iget_type(object) == H5I_GROUP)
    refuse(path, "'" + dataset + "' is a group, not a dataset; " + choice(file));
  if (H5Iget_type(object) != H5I_DATASET) refuse(path, "'" + dataset + "' is not a dataset");
  return h5::open_to_stream(file, dataset, 1);
}

// Whether a floating-point type is one of IEEE 754's that NumPy has.
bool is_ieee(hid_t type, int bytes) {
  struct Layout {
    int bytes;
    std::size_t sign, exponent, exponent_size, fraction, fraction_size, bias;
  };
  static constexpr Layout layouts[] = {
      {2, 15, 10, 5, 0, 10, 15}, {4, 31, 23, 8, 0, 23, 127}, {8, 63, 52, 11, 0, 52, 1023}};
  Layout found{bytes, 0, 0, 0, 0, 0, H5Tget_ebias(type)};
  if (H5Tget_fields(type, &found.sign, &found.exponent, &found.exponent_size, &found.fraction,
                    &found.fraction_size) < 0 ||
      H5Tget_norm(type) != H5T_NORM_IMPLIED)
    return false;
  return std::any_of(std::begin(layouts), std::end(layouts), [&](const Layout& one) {
    return one.bytes == found.bytes && one.sign == found.sign && one.exponent == found.exponent &&
           one.exponent_size == found.exponent_size && one.fraction == found.fraction &&
           one.fraction_size == found.fraction_size && one.bias == found.bias;
  });
}

// Nothing when it is none of NumPy's.
std::optional<NumberType> type_of(hid_t type, h5::Element element) {
  const int bytes = static_cast<int>(H5Tget_size(type));
  if (element == h5::Element::truth) return NumberType{'b', 1, false};
  if (element != h5::Element::integer && element != h5::Element::real) return {};
  const H5T_order_t order = H5Tget_order(type);
  if (order != H5T_ORDER_LE && order != H5T_ORDER_BE) return {};
  if (H5Tget_precision(type) != std::size_t(8 * bytes) || H5Tget_offset(type) != 0) return {};
  const bool real = element == h5::Element::real;
  if (real && !is_ieee(type, bytes)) return {};
  const char kind = real ? 'f' : H5Tget_sign(type) == H5T_SGN_NONE ? 'u' : 'i';
  const NumberType result{kind, bytes, bytes > 1 && order == H5T_ORDER_BE};
  return number_type(result.code());
}

ArrayInfo look_at(const h5::Dataset& data, const std::string& place) {
  const h5::Nature nature = h5::dataset_nature(data);
  const h5::Type stored(h5::call(H5Dget_type(data), "H5Dget_type"));
  const auto type = type_of(stored, nature.element);
  if (!type) refuse(place, "does not hold floating-point numbers of 2, 4 or 8 bytes, integers or bool");
  if (nature.null) refuse(place, "holds nothing (its dataspace is null)");
  std::size_t bytes = type->bytes;
  for (const hsize_t extent : nature.shape) {
    if (extent > 0 && bytes > (std::size_t{1} << 50) / extent)
      refuse(place, "has the impossible shape " + h5::shape_text(nature.shape));
    bytes *= std::max<hsize_t>(extent, 1);
  }
  return {{nature.shape.begin(), nature.shape.end()}, *type};
}

}  // namespace

void answer_with_array(const std::filesystem::path& path, std::span<const std::string> arguments,
                       const ChildAnswer& answer) {
  check(arguments.size() == 1, "an array: wrong arguments");
  const ArrayPlace place{path, arguments[0]};
  answer.write(with_file(path, [&](const h5::File& file) {
    return to_text(look_at(open_array(file, path.string(), place.dataset), place.text()));
  }));
}

void answer_with_rows(const std::filesystem::path& path, std::span<const std::string> arguments,
                      const ChildAnswer& answer) {
  constexpr std::size_t most = std::size_t{1} << 22;  // bytes in a piece
  check(arguments.size() == 3, "rows of an array: wrong arguments");
  const ArrayPlace place{path, arguments[0]};
  with_file(path, [&](const h5::File& file) {
    const h5::Dataset data = open_array(file, path.string(), place.dataset);
    const ArrayInfo info = look_at(data, place.text());
    if (to_text(info) != arguments[1]) refuse(place.text(), "it changed while it was read");
    const std::size_t row = info.row_size() * info.type.bytes;
    check(row > 0, "rows without numbers");
    h5::Shape start(info.shape.size(), 0), count(info.shape.begin(), info.shape.end());
    std::vector<char> bytes;
    for (hsize_t at = std::stoull(arguments[2]); at < info.rows(); at += count[0]) {
      start[0] = at;
      count[0] = std::min<hsize_t>(info.rows() - at, std::max<std::size_t>(1, most / row));
      bytes.resize(count[0] * row);
      h5::read_box_as_stored(data, start, count, bytes);
      answer.write(std::string_view(bytes.data(), bytes.size()));
    }
  });
}

void answer_with_datasets(const std::filesystem::path& path, std::span<const std::string> arguments,
                          const ChildAnswer& answer) {
  check(arguments.size() == 1, "datasets: wrong arguments");
  Names found;
  with_file(path, [&](const h5::File& file) { find(file, "", split(arguments[0]), found); });
  std::string text;
  for (const auto& name : found) text += name + '\0';
  answer.write(text);
}

}  // namespace hypercast::io
