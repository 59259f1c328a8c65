#include "io/dataset_card.hpp"

#include <algorithm>

#include "io/dataset_text.hpp"
#include "io/durable.hpp"
#include "io/on_root.hpp"

namespace hypercast::io {

namespace {

std::vector<std::string> parameter_names(const TrajectoryLayout& layout) {
  std::vector<std::string> names;
  for (const auto& [name, value] : layout.parameters) names.push_back(name);
  return names;
}

// What keeps two files from being of one dataset; empty when nothing does.
std::string dataset_difference(const TrajectoryLayout& first, const TrajectoryLayout& other) {
  if (other.dataset_name != first.dataset_name) return "another dataset's name";
  if (other.channels != first.channels) return "other fields";
  if (parameter_names(other) != parameter_names(first)) return "other parameters";
  return grid_difference(first.axes, other.axes);
}

void add_file(Dataset& dataset, DatasetSplit& split, const std::filesystem::path& path) {
  const TrajectoryLayout layout = look_at_trajectories(Comm::self(), {path}).at(0).layout;
  if (dataset.layout.channels.empty()) dataset.layout = layout;
  const std::string difference = dataset_difference(dataset.layout, layout);
  if (!difference.empty())
    throw UserError(Exit::data, path.string() + " is not of the same dataset as the others: " + difference);
  DatasetFile file{path, layout.trajectories, static_cast<int>(layout.times.size()), {}};
  for (const auto& [name, value] : layout.parameters) file.parameters.push_back(value);
  split.files.push_back(std::move(file));
}

Dataset look(const std::filesystem::path& root) {
  Dataset dataset;
  for (const char* name : {"train", "valid", "test"}) {
    dataset.splits.push_back({name, {}});
    const auto folder = root / "data" / name;
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& path : list_trajectory_files(folder)) add_file(dataset, dataset.splits.back(), path);
  }
  if (dataset.layout.channels.empty())
    throw UserError(Exit::no_input, "no trajectory file in " + (root / "data").string());
  const std::string& name = dataset.layout.dataset_name;
  if (name.empty() || name == "stats" || name.find('/') != std::string::npos)
    throw UserError(Exit::refused, "a dataset called '" + name + "' cannot be described in " + root.string());
  return dataset;
}

// COLLECTIVE; `train` is rank 0's. Nothing when it is empty.
std::vector<FieldStatistics> statistics_of(const Comm& comm, const DatasetSplit& train,
                                           std::size_t channels) {
  const std::int64_t count = comm.max(static_cast<std::int64_t>(train.files.size()));
  if (count == 0) return {};
  std::vector<int> trajectories(count, 0);
  std::vector<std::filesystem::path> files(count);
  for (std::int64_t i = 0; i < count; ++i) {
    if (comm.is_root()) trajectories[i] = train.files[i].trajectories;
    files[i] = comm.broadcast(comm.is_root() ? train.files[i].path.string() : std::string());
  }
  comm.broadcast(std::span(trajectories));
  return field_statistics(comm, files, trajectories, comm.max(static_cast<std::int64_t>(channels)));
}

}  // namespace

int DatasetSplit::trajectories() const {
  int sum = 0;
  for (const auto& file : files) sum += file.trajectories;
  return sum;
}

const DatasetSplit& Dataset::main_split() const {
  const auto found =
      std::find_if(splits.begin(), splits.end(), [](const auto& split) { return !split.files.empty(); });
  check(found != splits.end(), "a dataset without files");
  return *found;
}

void write_dataset_card(const Comm& comm, const std::filesystem::path& root, const DatasetText& text) {
  Dataset dataset;
  on_root(comm, [&] { dataset = look(root); });
  const DatasetSplit train = comm.is_root() ? dataset.splits[0] : DatasetSplit{};
  const auto statistics = statistics_of(comm, train, dataset.layout.channels.size());
  on_root(comm, [&] {
    if (!statistics.empty())
      write_durably(root / "stats.yaml", stats_yaml(dataset.layout.channels, statistics));
    write_durably(root / (dataset.layout.dataset_name + ".yaml"), description_yaml(dataset));
    write_durably(root / "DATASET.md", card_markdown(dataset, text));
  });
}

}  // namespace hypercast::io
