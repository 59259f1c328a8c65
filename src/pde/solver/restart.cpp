#include "pde/solver/restart.hpp"

#include <algorithm>
#include <set>

#include "io/on_root.hpp"
#include "io/provenance_reader.hpp"

namespace hypercast::pde {

namespace {

constexpr const char* advice = "; use --overwrite, or another --output";

// Trajectory files in the plan's folders that are not in the plan; train would read them all the same.
void refuse_strangers(const std::vector<FilePlan>& plan) {
  std::set<std::filesystem::path> planned, folders;
  for (const auto& file : plan) {
    planned.insert(file.path);
    for (const char* split : {"train", "valid", "test"})
      folders.insert(file.path.parent_path().parent_path() / split);
  }
  for (const auto& folder : folders) {
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const auto extension = entry.path().extension();
      if ((extension != ".hdf5" && extension != ".h5") || planned.contains(entry.path())) continue;
      throw UserError(Exit::refused,
                      entry.path().string() +
                          " is not one of this study's trajectories; remove it, or use another --output");
    }
  }
}

}  // namespace

std::vector<FilePlan> files_to_make(const Comm& comm, const Deck& deck, const Setup& setup,
                                    const std::vector<FilePlan>& plan, bool overwrite) {
  std::vector<int> make(plan.size(), 1);
  io::on_root(comm, [&] {
    refuse_strangers(plan);
    for (std::size_t i = 0; i < plan.size() && !overwrite; ++i) {
      const auto found = io::read_provenance(plan[i].path, "solve_hash");
      if (!found) continue;
      if (*found != solve_hash(deck, setup, plan[i]))
        throw UserError(Exit::refused, plan[i].path.string() + " was made with other settings" + advice);
      make[i] = 0;
    }
  });
  comm.broadcast(std::span(make));
  std::vector<FilePlan> result;
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (make[i]) result.push_back(plan[i]);
  return result;
}

}  // namespace hypercast::pde
