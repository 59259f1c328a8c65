#include <algorithm>
#include <cmath>

#include "io/dataset_text.hpp"
#include "io/number_text.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

// Always in quotes: a field may be called `no`.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c >= 0x20) {
      result += static_cast<char>(c);
      continue;
    }
    result += "\\x";
    result += "0123456789abcdef"[c >> 4];
    result += "0123456789abcdef"[c & 15];
  }
  return result + "\"";
}

// With a point always: readers of YAML 1.1 take 1e-05 for a text.
std::string number(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
  std::string text = text_of(value);
  if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

template <class List, class Text>
std::string flow(const List& list, Text text) {
  std::string result;
  for (const auto& one : list) result += (result.empty() ? "" : ", ") + text(one);
  return "[" + result + "]";
}

// A mapping from field to number; `value` tells whether there is one.
template <class Value>
std::string mapping(const std::string& key, const std::vector<std::string>& channels, Value value) {
  std::string lines;
  for (std::size_t c = 0; c < channels.size(); ++c)
    if (const auto found = value(c)) lines += "  " + quoted(channels[c]) + ": " + number(*found) + "\n";
  return key + ":" + (lines.empty() ? " {}\n" : "\n" + lines);
}

std::vector<std::string> boundary_types(const std::vector<Axis>& axes) {
  std::vector<std::string> types;
  for (const auto& axis : axes) {
    const std::string type = boundary_words[static_cast<int>(axis.boundary)].bc_type;
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  return types;
}

// Of the three orders of tensors, of which we have scalars alone.
std::string by_order(const std::string& key, const std::vector<std::string>& scalars) {
  return key + ":\n  0: " + flow(scalars, quoted) + "\n  1: []\n  2: []\n";
}

}  // namespace

std::string stats_yaml(const std::vector<std::string>& channels,
                       const std::vector<FieldStatistics>& statistics) {
  std::string text;
  for (const bool delta : {false, true}) {
    const auto add = [&](const char* key, auto measure) {
      text += mapping(std::string(key) + (delta ? "_delta" : ""), channels, [&](std::size_t c) {
        const Moments& m = delta ? statistics[c].differences : statistics[c].values;
        return m.count > 0 ? std::optional(measure(m)) : std::nullopt;
      });
    };
    add("mean", [](const Moments& m) { return m.mean; });
    add("std", [](const Moments& m) { return m.deviation(); });
    add("rms", [](const Moments& m) { return m.root_mean_square(); });
  }
  return text;
}

std::string description_yaml(const Dataset& dataset) {
  const TrajectoryLayout& layout = dataset.layout;
  const auto& files = dataset.main_split().files;
  std::vector<std::string> parameters;
  for (const auto& [name, value] : layout.parameters) parameters.push_back(name);
  const auto size = [](const Axis& axis) { return std::to_string(axis.points.size()); };
  return "dataset_name: " + quoted(layout.dataset_name) + "\n" +           //
         "n_spatial_dims: " + std::to_string(layout.axes.size()) + "\n" +  //
         "spatial_resolution: " + flow(layout.axes, size) + "\n" +         //
         "scalar_names: []\n" +                                            //
         "constant_scalar_names: " + flow(parameters, quoted) + "\n" +     //
         by_order("field_names", layout.channels) +                        //
         by_order("constant_field_names", {}) +                            //
         "boundary_condition_types: " + flow(boundary_types(layout.axes), quoted) + "\n" +
         "n_files: " + std::to_string(files.size()) + "\n" + "n_trajectories_per_file: " +
         flow(files, [](const DatasetFile& file) { return std::to_string(file.trajectories); }) + "\n" +
         "n_steps_per_trajectory: " +
         flow(files, [](const DatasetFile& file) { return std::to_string(file.frames); }) + "\n" +
         "grid_type: cartesian\n";
}

}  // namespace hypercast::io
