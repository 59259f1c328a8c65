#include "io/checkpoint_folder.hpp"

#include <algorithm>
#include <charconv>

#include "io/on_root.hpp"

namespace hypercast::io {

namespace {

std::optional<std::int64_t> step_of(const std::string& name) {
  const std::string prefix = "step-", suffix = ".h5";
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  std::int64_t step = -1;
  const char* end = name.data() + name.size() - suffix.size();
  const auto result = std::from_chars(name.data() + prefix.size(), end, step);
  if (result.ec != std::errc() || result.ptr != end || step < 0) return {};
  return step;
}

}  // namespace

std::filesystem::path checkpoint_path(const std::filesystem::path& folder, std::int64_t step) {
  std::string digits = std::to_string(step);
  digits.insert(0, std::max<std::size_t>(9, digits.size()) - digits.size(), '0');
  return folder / ("step-" + digits + ".h5");
}

std::vector<StoredCheckpoint> list_checkpoints(const std::filesystem::path& folder) {
  std::vector<StoredCheckpoint> result;
  std::error_code failure;
  for (auto entry = std::filesystem::directory_iterator(folder, failure);
       !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure))
    if (const auto step = step_of(entry->path().filename().string()))
      result.push_back({*step, entry->path()});
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.step > b.step; });
  return result;
}

std::filesystem::path save_checkpoint(const std::filesystem::path& folder, std::int64_t step,
                                      const Archive& archive, const Provenance& provenance, int keep_last,
                                      const Streams& streams) {
  const auto path = checkpoint_path(folder, step);
  write_checkpoint(path, archive, provenance, streams);
  int earlier = 0;
  for (const auto& stored : list_checkpoints(folder)) {
    if (stored.step >= step || ++earlier < keep_last) continue;
    std::error_code ignored;  // one checkpoint too many does no harm
    std::filesystem::remove(stored.path, ignored);
  }
  return path;
}

NewestCheckpoint newest_valid(const Comm& comm, const std::filesystem::path& folder,
                              const std::set<std::string>& left) {
  std::int64_t count = 0;
  std::vector<StoredCheckpoint> stored;
  if (comm.is_root()) stored = list_checkpoints(folder);
  count = comm.max(static_cast<std::int64_t>(stored.size()));
  stored.resize(count);
  NewestCheckpoint result;
  for (const auto& one : stored) {
    const std::string path = comm.broadcast(one.path.string());
    try {
      result.found = open_checkpoint(comm, path, left);
      return result;
    } catch (const UserError& error) {  // also of a disk that fails here: it may have older files
      result.skipped.push_back(error.what());
    }
  }
  return result;
}

}  // namespace hypercast::io
