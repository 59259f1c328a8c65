#include "io/points.hpp"

#include "io/on_root.hpp"
#include "io/table.hpp"

namespace hypercast::io {

std::vector<double> read_points(const Comm& comm, const std::filesystem::path& path, int dimensions) {
  check(dimensions >= 1 && dimensions <= 3, "points of 1 to 3 dimensions");
  const std::vector<std::string> columns = {"t", "x", "y", "z"};
  const TableRules rules{"points", {columns.begin(), columns.begin() + 1 + dimensions}, false};
  std::vector<double> rows;
  on_root(comm, [&] { rows = read_table(path.string(), rules).rows; });
  rows.resize(comm.max(static_cast<std::int64_t>(rows.size())));
  comm.broadcast(std::span(rows));
  return rows;
}

}  // namespace hypercast::io
