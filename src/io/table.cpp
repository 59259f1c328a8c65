#include "io/table.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "io/array.hpp"
#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "io/npy.hpp"
#include "io/number_text.hpp"
#include "io/posix.hpp"

namespace hypercast::io {

namespace {

using Names = std::vector<std::string>;

std::string listed(const Names& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

[[noreturn]] void refuse(const std::string& place, const std::string& text) {
  throw UserError(Exit::data, place + ": " + text);
}

// Without blanks and quotes at its ends; those inside stay, so that "1 0" is no number.
std::string trimmed(const std::string& text) {
  constexpr const char* around = " \t\r\"";
  const auto first = text.find_first_not_of(around);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(around) - first + 1);
}

Names cells_of(const std::string& line) {
  Names cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(trimmed(cell));
  if (line.ends_with(',')) cells.emplace_back();
  return cells;
}

// For each wanted column, where it is among those found.
std::vector<std::size_t> order_of(const Names& found, const TableRules& rules, const std::string& place) {
  std::vector<std::size_t> order;
  for (const auto& name : rules.columns)
    order.push_back(std::find(found.begin(), found.end(), name) - found.begin());
  const bool all = std::all_of(order.begin(), order.end(), [&](std::size_t at) { return at < found.size(); });
  if (!all || found.size() != rules.columns.size())
    refuse(place, "the columns " + listed(found).substr(0, 200) + "; expected " + listed(rules.columns));
  return order;
}

std::vector<std::size_t> as_they_come(const TableRules& rules) {
  std::vector<std::size_t> order(rules.columns.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  return order;
}

// numpy.savetxt writes the names of columns as a comment.
bool names_in_comment(const std::string& line, const TableRules& rules) {
  const std::string text = trimmed(line);
  Names found = text.starts_with('#') ? cells_of(text.substr(1)) : Names(), wanted = rules.columns;
  std::sort(found.begin(), found.end());
  std::sort(wanted.begin(), wanted.end());
  return found == wanted;
}

Table parse_csv(const std::string& bytes, const std::string& path, const TableRules& rules) {
  const std::size_t columns = rules.columns.size();
  Table table;
  std::vector<std::size_t> order = as_they_come(rules);
  std::istringstream stream(bytes);
  std::string line;
  bool first = true;
  for (std::size_t number = 1; std::getline(stream, line); ++number) {
    const std::string place = path + ":" + std::to_string(number);
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // a byte order mark
    if (first && rules.named && names_in_comment(line, rules)) line.erase(0, line.find('#') + 1);
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const Names cells = cells_of(line);
    if (std::exchange(first, false)) {
      if (rules.named) order = order_of(cells, rules, place);
      if (rules.named || cells == rules.columns) continue;
    }
    const auto expected = "; expected " + listed(rules.columns);
    std::vector<double> values;
    for (const auto& cell : cells) {
      const auto value = number_of(cell);
      if (!value) refuse(place, "'" + cell.substr(0, 40) + "' is not a number" + expected);
      if (!std::isfinite(*value)) refuse(place, "a value is not finite");
      values.push_back(*value);
    }
    if (values.size() != columns) refuse(place, std::to_string(values.size()) + " values" + expected);
    for (const std::size_t at : order) table.rows.push_back(values[at]);
    table.lines.push_back(number);
  }
  return table;
}

void check_shape(const h5::Shape& shape, const std::string& path, const TableRules& rules) {
  const std::size_t columns = rules.columns.size();
  if (shape.size() != 2 || shape[1] != columns)
    refuse(path, rules.what + " must have shape [n][" + std::to_string(columns) + "], the columns " +
                     listed(rules.columns));
}

void check_finite(const std::vector<double>& rows, const std::string& path, std::size_t columns) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!std::isfinite(rows[i]))
      refuse(path, "row " + std::to_string(i / columns) + " holds a value that is not finite");
}

std::vector<double> numbers_of(const h5::File& file, const std::string& name, const std::string& path) {
  const auto element = h5::dataset_nature(h5::open_dataset(file, name)).element;
  if (element != h5::Element::integer && element != h5::Element::real)
    refuse(path, "'" + name + "' does not hold numbers");
  return h5::read_dataset<double>(file, name);
}

bool has_dataset(const h5::File& file, const std::string& name) {
  return h5::exists(file, name) && !h5::is_group(file, name);
}

std::vector<double> read_one_dataset(const h5::File& file, const std::string& path, const TableRules& rules) {
  const h5::Dataset dataset = h5::open_dataset(file, rules.what);
  check_shape(h5::shape(dataset), path, rules);
  const auto found = numbers_of(file, rules.what, path);
  if (!rules.named) return found;
  if (!h5::has_attribute(dataset, "columns"))
    refuse(path, "'" + rules.what + "' lacks the attribute 'columns' that names them");
  const auto order = order_of(h5::read_texts(dataset, "columns"), rules, path);
  std::vector<double> rows;
  for (std::size_t row = 0; row < found.size(); row += order.size())
    for (const std::size_t at : order) rows.push_back(found[row + at]);
  return rows;
}

std::vector<double> read_column_datasets(const h5::File& file, const std::string& path,
                                         const TableRules& rules) {
  const std::size_t columns = rules.columns.size();
  std::vector<double> rows;
  for (std::size_t c = 0; c < columns; ++c) {
    const auto& name = rules.columns[c];
    if (!has_dataset(file, name))
      refuse(path, "neither a dataset '" + rules.what + "' nor one named '" + name + "'; expected " +
                       listed(rules.columns));
    if (h5::shape(h5::open_dataset(file, name)).size() != 1) refuse(path, "'" + name + "' is not a list");
    const auto values = numbers_of(file, name, path);
    if (c == 0) rows.resize(values.size() * columns);
    if (rows.size() != values.size() * columns)
      refuse(path, "'" + name + "' has " + std::to_string(values.size()) + " values, '" + rules.columns[0] +
                       "' has " + std::to_string(rows.size() / columns));
    for (std::size_t i = 0; i < values.size(); ++i) rows[i * columns + c] = values[i];
  }
  return rows;
}

std::vector<double> parse_hdf5(const std::string& path, const TableRules& rules) {
  try {
    const h5::File file = h5::open(path);
    const bool one = has_dataset(file, rules.what);
    if (!one && !rules.named) refuse(path, "no dataset '" + rules.what + "'");
    return one ? read_one_dataset(file, path, rules) : read_column_datasets(file, path, rules);
  } catch (const h5::Failure& failure) {
    refuse(path, "damaged HDF5 file: " + failure.plain);
  }
}

// How rules travel to the child.
Names to_arguments(const TableRules& rules) {
  Names arguments = {rules.what, rules.named ? "named" : "ordered"};
  arguments.insert(arguments.end(), rules.columns.begin(), rules.columns.end());
  return arguments;
}

std::vector<double> read_npy(const std::string& path, const TableRules& rules) {
  ArrayReader reader({path, ""});
  const ArrayInfo& info = reader.info();
  check_shape({info.shape.begin(), info.shape.end()}, path, rules);
  std::vector<double> rows(info.rows() * info.row_size());
  reader.read({0, static_cast<std::int64_t>(info.rows())}, rows);
  return rows;
}

std::vector<double> ask_for_hdf5(const std::string& path, const TableRules& rules) {
  const std::string bytes = ask_child("table", path, to_arguments(rules));
  std::vector<double> rows(bytes.size() / sizeof(double));
  std::copy_n(bytes.data(), rows.size() * sizeof(double), reinterpret_cast<char*>(rows.data()));
  return rows;
}

}  // namespace

std::string Table::place(const std::string& file, std::size_t row) const {
  return lines.empty() ? file + ": row " + std::to_string(row) : file + ":" + std::to_string(lines[row]);
}

Table read_table(const std::string& path, const TableRules& rules) {
  require_file(path, "a list of " + rules.what);
  Table table;
  if (is_npy(path)) {
    table.rows = read_npy(path, rules);
  } else if (h5::has_signature(path)) {
    table.rows = ask_for_hdf5(path, rules);
  } else {
    table = parse_csv(read_bytes(path), path, rules);
  }
  check_finite(table.rows, path, rules.columns.size());
  if (table.rows.empty()) refuse(path, "no " + rules.what);
  return table;
}

void answer_with_table(const std::filesystem::path& path, std::span<const std::string> arguments,
                       const ChildAnswer& answer) {
  check(arguments.size() > 2, "a table: wrong arguments");
  const TableRules rules{arguments[0], {arguments.begin() + 2, arguments.end()}, arguments[1] == "named"};
  const auto rows = parse_hdf5(path.string(), rules);
  answer.write(std::string_view(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(double)));
}

}  // namespace hypercast::io
