#include "hyper/data_folder.hpp"

namespace hypercast::hyper {

void DataFolder::describe(Section& s) {
  s.key("path", path,
        "folder of trajectory files in The Well's layout, of hypercast or of others, for training and as the "
        "reference of forecasts; empty: data/train in the run folder");
}

std::filesystem::path DataFolder::in(const std::filesystem::path& run_folder) const {
  return path.empty() ? run_folder / "data" / "train" : std::filesystem::path(path);
}

bool is_there(const Comm& comm, const std::filesystem::path& path) {
  std::error_code ignored;
  return comm.any(comm.is_root() && std::filesystem::exists(path, ignored));
}

}  // namespace hypercast::hyper
