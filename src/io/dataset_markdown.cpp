#include <algorithm>
#include <set>

#include "io/dataset_text.hpp"
#include "io/number_text.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

// As one cell of a table.
std::string cell(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '|') result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result;
}

std::string row(const std::string& name, const std::string& text) {
  return text.empty() ? "" : "| " + name + " | " + cell(text) + " |\n";
}

std::string range_text(double lowest, double highest) {
  return lowest == highest ? text_of(lowest) : "from " + text_of(lowest) + " to " + text_of(highest);
}

// Coordinates were stored in single precision; more digits say nothing.
std::string coordinate(double value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::general, 7).ptr};
}

std::string axis_text(const Axis& axis) {
  const double lower = axis.lower();
  return axis.name + ": " + std::to_string(axis.points.size()) + " points, the domain from " +
         coordinate(lower) + " to " + coordinate(lower + axis.length()) + ", " +
         boundary_words[static_cast<int>(axis.boundary)].suffix;
}

std::string grid_text(const std::vector<Axis>& axes) {
  std::string text;
  for (const auto& axis : axes) text += (text.empty() ? "" : "; ") + axis_text(axis);
  return text;
}

std::string times_text(const std::vector<double>& times) {
  return std::to_string(times.size()) + " frames, t from " + coordinate(times.front()) + " to " +
         coordinate(times.back());
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// A value, or the range over all files.
std::string parameters_text(const Dataset& dataset) {
  std::string text;
  for (std::size_t p = 0; p < dataset.layout.parameters.size(); ++p) {
    double lowest = dataset.layout.parameters[p].second, highest = lowest;
    for (const auto& split : dataset.splits)
      for (const auto& file : split.files) {
        lowest = std::min(lowest, file.parameters[p]);
        highest = std::max(highest, file.parameters[p]);
      }
    text += (text.empty() ? "" : "; ") + dataset.layout.parameters[p].first +
            (lowest == highest ? " = " : " ") + range_text(lowest, highest);
  }
  return text;
}

std::string splits_text(const Dataset& dataset) {
  std::string text = "## Splits\n\n| split | files | trajectories | frames of each |\n|---|---|---|---|\n";
  for (const auto& split : dataset.splits) {
    std::set<int> frames;
    for (const auto& file : split.files) frames.insert(file.frames);
    text += "| " + split.name + " | " + std::to_string(split.files.size()) + " | " +
            std::to_string(split.trajectories()) + " | " +
            (frames.empty() ? "" : range_text(*frames.begin(), *frames.rbegin())) + " |\n";
  }
  return text + "\n";
}

std::string measured_text(const Measurements& measured) {
  std::string rows;
  for (const auto& [name, values] : measured) {
    if (values.empty()) continue;
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    rows += row(name, range_text(*lowest, *highest));
  }
  if (rows.empty()) return "";
  return "## Measured errors\n\n| | |\n|---|---|\n" + rows + "\n";
}

std::string provenance_text(const Provenance& provenance) {
  std::string rows;
  for (const char* name : {"software", "softwareVersion", "git_hash", "softwareDependencies", "compiler",
                           "machine", "n_ranks", "date", "seed", "command_line"})
    for (const auto& [key, value] : provenance)
      if (key == name) rows += row(key, value);
  const std::string table = rows.empty() ? "" : "| | |\n|---|---|\n" + rows + "\n";
  return "## Provenance\n\n" + table +
         "Each file carries the whole in the attributes of its group `/provenance`; `deck_toml` and "
         "`deck_resolved` are the input it was made from.\n\n";
}

std::string loading_text(const Dataset& dataset) {
  const DatasetSplit& split = dataset.main_split();
  const std::string path = "data/" + split.name + "/" + split.files.front().path.filename().string();
  return "## Loading\n\nWith h5py, in this folder:\n\n```python\nimport h5py\nwith h5py.File(\"" + path +
         "\") as f:\n    t = f[\"dimensions/time\"][:]\n    u = f[\"t0_fields/" + dataset.layout.channels[0] +
         "\"][0]  # trajectory 0: time, then space\n```\n\nWith the loader of The Well, "
         "`path` being this folder:\n\n```python\nfrom the_well.data import WellDataset\n"
         "data = WellDataset(path=\".\", well_split_name=\"" +
         split.name + "\", n_steps_input=1, n_steps_output=1)\n```\n";
}

}  // namespace

std::string card_markdown(const Dataset& dataset, const DatasetText& text) {
  const std::string name = dataset.layout.dataset_name;
  const bool has_train = !dataset.splits.front().files.empty();
  return "# " + name + "\n\nTrajectories of a partial differential equation in the HDF5 layout of " +
         "[The Well](https://polymathic-ai.org/the_well/), single precision. `" + name +
         ".yaml` tells the same to programs" +
         (has_train ? ", `stats.yaml` the statistics of the training files" : "") +
         ".\n\n| | |\n|---|---|\n" + row("equation", text.equation) +
         row("fields", joined(dataset.layout.channels)) + row("parameters", parameters_text(dataset)) +
         row("grid", grid_text(dataset.layout.axes)) + row("times", times_text(dataset.layout.times)) +
         row("initial states", text.initial_states) + row("in space", text.discretisation) +
         row("in time", text.integrator) + "\n" + splits_text(dataset) + measured_text(text.measured) +
         provenance_text(text.provenance) + loading_text(dataset);
}

}  // namespace hypercast::io
