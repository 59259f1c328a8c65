#include "pde/solver/restart.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "io/on_root.hpp"
#include "io/provenance_reader.hpp"
#include "io/seal.hpp"
#include "io/trajectory.hpp"
#include "pde/solver/solve_state.hpp"

namespace hypercast::pde {

namespace {

namespace fs = std::filesystem;

constexpr const char* hash_name = "solve_hash";

// Trajectory files in the study's folders that are not in the plan; train would read them all the same.
std::vector<fs::path> find_strangers(const fs::path& folder, const std::vector<FilePlan>& plan) {
  std::set<fs::path> planned;
  for (const auto& file : plan) planned.insert(file.path);
  std::vector<fs::path> strangers;
  for (const char* split : {"train", "valid", "test"}) {
    if (!fs::is_directory(folder / "data" / split)) continue;
    for (const auto& path : io::list_trajectory_files(folder / "data" / split))
      if (!planned.contains(path)) strangers.push_back(path);
  }
  return strangers;
}

void refuse_strangers(const std::vector<fs::path>& strangers, bool overwrite) {
  const auto refuse = [](const fs::path& path, const char* why) {
    throw UserError(Exit::refused, path.string() + " is not one of this study's trajectories" + why);
  };
  for (const auto& path : strangers)  // the seal first: HDF5 may crash on what is no intact file of ours
    if (!io::verify_trajectory(path).empty() || io::read_provenance(path, hash_name).value_or("").empty())
      refuse(path, ", and no intact file of hypercast-solve; remove it, or use another --output");
  if (!strangers.empty() && !overwrite)
    refuse(strangers.front(), " but an earlier one's; use --overwrite to move it aside, or another --output");
}

// With the sidecars of the same name. Tells where to; "" when there was nothing to move.
std::string move_aside(const fs::path& folder, const std::vector<fs::path>& files) {
  if (files.empty()) return "";
  int n = 1;
  while (fs::exists(folder / fmt::format("previous-{}", n))) ++n;
  const fs::path to = folder / fmt::format("previous-{}", n);
  try {
    for (const auto& file : files)
      for (const char* extension :
           {"xdmf", "mesh", "state", ""}) {  // the file itself last: it makes the others known
        const fs::path from = *extension ? fs::path(file).replace_extension(extension) : file;
        if (!fs::exists(from)) continue;
        const fs::path target = to / from.lexically_relative(folder);
        fs::create_directories(target.parent_path());
        fs::rename(from, target);
      }
  } catch (const fs::filesystem_error& error) {
    throw UserError(Exit::cannot_create, error.what());
  }
  return to.string();
}

// COLLECTIVE. Why planned files that are there are not intact, by their places in the plan; each rank reads
// its share.
std::vector<std::string> verify(const Comm& comm, const std::vector<FilePlan>& plan) {
  std::string mine;
  const Range share = share_of(static_cast<std::int64_t>(plan.size()), comm.rank(), comm.size());
  io::on_all(comm, [&] {
    for (auto i = share.begin; i < share.end; ++i)
      mine += (fs::exists(plan[i].path) ? io::verify_trajectory(plan[i].path) : "") + '\n';
  });
  const auto all = comm.all_gather(std::span<const char>(mine.data(), mine.size()));
  std::vector<std::string> complaints;
  for (auto at = all.begin(); at != all.end();) {
    const auto end = std::find(at, all.end(), '\n');
    complaints.emplace_back(at, end);
    at = end + 1;
  }
  return complaints;
}

void refuse_other_settings(const fs::path& path) {
  throw UserError(Exit::refused,
                  path.string() + " was made with other settings; use --overwrite, or another --output");
}

// Marks those that are there as they should be.
void find_finished(const Study& study, const Setup& setup, const std::vector<FilePlan>& plan,
                   const std::vector<std::string>& complaints, std::vector<int>& make) {
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto& path = plan[i].path;
    if (!fs::exists(path)) continue;
    if (!complaints[i].empty()) {
      const bool ours = io::claims_to_be_trajectory(path) && !io::is_sealed_as(path, "checkpoint");
      if (!ours && !study.flag("overwrite"))
        throw UserError(Exit::refused, path.string() + " stands in the way and is " + complaints[i] +
                                           "; use --overwrite to replace it, or another --output");
      study.context.log.warn("{} is {}; it is solved again", path.string(), complaints[i]);
      continue;
    }
    const auto found = io::read_provenance(path, hash_name);
    if (found == solve_hash(study.deck, setup, plan[i])) {
      make[i] = 0;
    } else if (!study.flag("overwrite")) {
      refuse_other_settings(path);
    }
  }
}

// COLLECTIVE. The same for states of unfinished files, which would otherwise be thrown away unasked.
void refuse_other_states(const Study& study, const Setup& setup, const std::vector<FilePlan>& plan) {
  if (study.flag("overwrite")) return;
  std::vector<int> there(plan.size(), 0);
  io::on_root(study.context.comm, [&] {
    for (std::size_t i = 0; i < plan.size(); ++i) there[i] = fs::exists(state_path(plan[i].path));
  });
  study.context.comm.broadcast(std::span(there));
  for (std::size_t i = 0; i < plan.size(); ++i) {
    std::string damage;
    if (!there[i]) continue;
    const auto state = read_state(study.context.comm, plan[i].path, damage);
    if (state && state->solve_hash != solve_hash(study.deck, setup, plan[i]))
      refuse_other_settings(state_path(plan[i].path));
  }
}

}  // namespace

std::vector<FilePlan> files_to_make(const Study& study, const Setup& setup,
                                    const std::vector<FilePlan>& plan) {
  const auto& comm = study.context.comm;
  std::vector<int> make(plan.size(), 1);
  std::string moved;
  const auto complaints = verify(comm, plan);
  refuse_other_states(study, setup, plan);
  io::on_root(comm, [&] {
    const auto strangers = find_strangers(study.folder, plan);
    refuse_strangers(strangers, study.flag("overwrite"));
    find_finished(study, setup, plan, complaints, make);
    moved = move_aside(study.folder, strangers);
  });
  if (!moved.empty()) study.context.log.info("trajectories outside this study were moved to {}", moved);
  comm.broadcast(std::span(make));
  std::vector<FilePlan> result;
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (make[i]) result.push_back(plan[i]);
  return result;
}

}  // namespace hypercast::pde
