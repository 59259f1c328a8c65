#include "io/trajectory.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "io/on_root.hpp"

namespace hypercast::io {

namespace {

double step(const Axis& axis) {
  return axis.points.size() < 2 ? 0 : (axis.points.back() - axis.points.front()) / (axis.points.size() - 1);
}

}  // namespace

std::string grid_difference(const std::vector<Axis>& a, const std::vector<Axis>& b) {
  if (a.size() != b.size()) return "another number of axes";
  for (std::size_t k = 0; k < a.size(); ++k) {
    const std::string axis = "axis '" + a[k].name + "' ";
    if (a[k].name != b[k].name) return axis + "is called '" + b[k].name + "'";
    if (a[k].boundary != b[k].boundary) return axis + "has another boundary";
    if (a[k].points.size() != b[k].points.size()) return axis + "has another number of points";
    const double rounding = 1e-5 * a[k].length();  // of coordinates in single precision
    for (std::size_t i = 0; i < a[k].points.size(); ++i)
      if (std::abs(a[k].points[i] - b[k].points[i]) > rounding) return axis + "has other points";
  }
  return "";
}

double Axis::lower() const {
  return points.empty() ? 0 : points.front() - (boundary == Boundary::neumann ? step(*this) / 2 : 0);
}

double Axis::length() const {
  const bool cells = boundary == Boundary::periodic || boundary == Boundary::neumann;
  return step(*this) * (cells ? points.size() : points.size() - 1);
}

std::size_t TrajectoryLayout::points() const {
  return std::accumulate(axes.begin(), axes.end(), std::size_t{1},
                         [](std::size_t product, const Axis& axis) { return product * axis.points.size(); });
}

std::size_t Block::points() const {
  return std::accumulate(count.begin(), count.end(), std::size_t{1}, std::multiplies<>());
}

std::vector<std::filesystem::path> list_trajectory_files(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  if (fs::is_regular_file(folder)) return {folder};
  std::error_code failure;
  std::vector<fs::path> files;
  for (auto entry = fs::directory_iterator(folder, failure); !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    const auto extension = entry->path().extension();
    if (extension == ".hdf5" || extension == ".h5") files.push_back(entry->path());
  }
  if (failure) throw UserError(Exit::no_input, "cannot list " + folder.string() + ": " + failure.message());
  std::sort(files.begin(), files.end());
  return files;
}

namespace {

// For the folder of a whole dataset, whose trajectories are further down.
std::string hint(const std::filesystem::path& folder) {
  const auto below = folder / "data" / "train";
  return std::filesystem::is_directory(below) ? "; did you mean " + below.string() + "?" : "";
}

}  // namespace

std::vector<std::filesystem::path> trajectory_files(const Comm& comm, const std::filesystem::path& folder) {
  std::string names;
  on_root(comm, [&] {
    const auto files = list_trajectory_files(folder);
    if (files.empty())
      throw UserError(Exit::no_input,
                      "no trajectory file (*.hdf5, *.h5) in " + folder.string() + hint(folder));
    for (const auto& file : files) names += file.string() + '\0';
  });
  names = comm.broadcast(names);
  std::vector<std::filesystem::path> files;
  for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1)
    files.emplace_back(names.substr(at, names.find('\0', at) - at));
  return files;
}

}  // namespace hypercast::io
