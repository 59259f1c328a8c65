#include "io/observations.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "io/number_text.hpp"
#include "io/on_root.hpp"
#include "io/table.hpp"

namespace hypercast::io {

namespace {

void check_places(const Table& table, const std::string& path, const std::vector<Axis>& axes,
                  std::size_t columns) {
  for (std::size_t row = 0; row * columns < table.rows.size(); ++row)
    for (std::size_t k = 0; k < axes.size(); ++k) {
      const Axis& axis = axes[k];
      const double x = table.rows[row * columns + 1 + k], lower = axis.lower(), length = axis.length();
      const double slack = 1e-9 * length;
      if (axis.boundary == Boundary::periodic || (x >= lower - slack && x <= lower + length + slack))
        continue;
      throw UserError(Exit::data, table.place(path, row) + ": " + axis.name + " = " + text_of(x) +
                                      " lies outside [" + text_of(std::abs(lower) < slack ? 0 : lower) +
                                      ", " + text_of(lower + length) + "]");
    }
}

std::vector<Observed> by_time(const std::vector<double>& rows, std::size_t axes, std::size_t channels) {
  std::map<double, Observed> found;
  for (auto row = rows.begin(); row != rows.end(); row += 1 + axes + channels) {
    Observed& one = found[*row];
    one.time = *row;
    one.points.insert(one.points.end(), row + 1, row + 1 + axes);
    one.values.insert(one.values.end(), row + 1 + axes, row + 1 + axes + channels);
  }
  std::vector<Observed> all;
  for (auto& [time, one] : found) all.push_back(std::move(one));
  return all;
}

}  // namespace

std::vector<Observed> read_observations(const Comm& comm, const std::filesystem::path& path,
                                        const std::vector<Axis>& axes,
                                        const std::vector<std::string>& channels) {
  TableRules rules{"observations", {"t"}, true};
  for (const auto& axis : axes) rules.columns.push_back(axis.name);
  rules.columns.insert(rules.columns.end(), channels.begin(), channels.end());
  std::vector<double> rows;
  on_root(comm, [&] {
    Table table = read_table(path.string(), rules);
    check_places(table, path.string(), axes, rules.columns.size());
    rows = std::move(table.rows);
  });
  rows.resize(comm.max(static_cast<std::int64_t>(rows.size())));
  comm.broadcast(std::span(rows));
  return by_time(rows, axes.size(), channels.size());
}

}  // namespace hypercast::io
