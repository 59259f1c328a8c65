#pragma once
// Where trajectories are: the key [data] path, which training and forecasts share.

#include <filesystem>
#include <string>

#include "core/comm.hpp"
#include "deck/section.hpp"

namespace hypercast::hyper {

struct DataFolder {
  static constexpr const char* section = "data";
  std::string path;  // a folder of trajectory files, or one file; empty: data/train in the run folder
  void describe(Section& s);

  std::filesystem::path in(const std::filesystem::path& run_folder) const;
};

// COLLECTIVE: rank 0 looks.
bool is_there(const Comm& comm, const std::filesystem::path& path);

}  // namespace hypercast::hyper
