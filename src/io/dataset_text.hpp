#pragma once
// A dataset as its companions tell it, and their texts. Seen inside io only.

#include <filesystem>
#include <string>
#include <vector>

#include "io/dataset_card.hpp"
#include "io/statistics.hpp"
#include "io/trajectory.hpp"

namespace hypercast::io {

struct DatasetFile {
  std::filesystem::path path;
  int trajectories = 0;
  int frames = 0;                  // of each trajectory
  std::vector<double> parameters;  // in the order of the layout's
};

struct DatasetSplit {
  std::string name;  // "train"
  std::vector<DatasetFile> files;
  int trajectories() const;
};

struct Dataset {
  TrajectoryLayout layout;  // of the first file
  std::vector<DatasetSplit> splits;
  // The one whose files are counted: train or, where that is empty, the first that is not.
  const DatasetSplit& main_split() const;
};

std::string stats_yaml(const std::vector<std::string>& channels,
                       const std::vector<FieldStatistics>& statistics);
std::string description_yaml(const Dataset& dataset);
std::string card_markdown(const Dataset& dataset, const DatasetText& text);

}  // namespace hypercast::io
