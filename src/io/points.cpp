#include "io/points.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "io/npy.hpp"
#include "io/number_text.hpp"
#include "io/on_root.hpp"

namespace hypercast::io {

namespace {

const char* const names[] = {"t", "x", "y", "z"};

std::string expected(std::size_t columns) {
  std::string text;
  for (std::size_t i = 0; i < columns; ++i) text += (i ? "," : "") + std::string(names[i]);
  return text;
}

// Without blanks and quotes at its ends; those inside stay, so that "1 0" is no number.
std::string trimmed(const std::string& text) {
  constexpr const char* around = " \t\r\"";
  const auto first = text.find_first_not_of(around);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(around) - first + 1);
}

bool is_header(const std::string& line, std::size_t columns) {
  std::istringstream cells(line);
  std::string names_found;
  for (std::string cell; std::getline(cells, cell, ',');)
    names_found += (names_found.empty() ? "" : ",") + trimmed(cell);
  return names_found == expected(columns);
}

std::vector<double> parse_csv(const std::string& bytes, const std::string& path, std::size_t columns) {
  std::vector<double> rows;
  std::istringstream stream(bytes);
  std::string line;
  bool first = true;
  for (std::size_t number = 1; std::getline(stream, line); ++number) {
    const auto refuse = [&](const std::string& text) {
      throw UserError(Exit::data, path + ":" + std::to_string(number) + ": " + text);
    };
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // a byte order mark
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    if (std::exchange(first, false) && is_header(line, columns)) continue;
    std::size_t count = 0;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ','); ++count) {
      const auto value = number_of(trimmed(cell));
      if (!value)
        refuse("'" + trimmed(cell).substr(0, 40) + "' is not a number; expected " + expected(columns));
      if (!std::isfinite(*value)) refuse("a value is not finite");
      rows.push_back(*value);
    }
    if (count != columns || line.back() == ',')
      refuse(std::to_string(count) + " values; expected " + expected(columns));
  }
  return rows;
}

void check_rows(const std::vector<double>& rows, const h5::Shape& shape, const std::string& path,
                std::size_t columns) {
  if (shape.size() != 2 || shape[1] != columns)
    throw UserError(Exit::data, path + ": points must have shape [n][" + std::to_string(columns) +
                                    "], the columns " + expected(columns));
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!std::isfinite(rows[i]))
      throw UserError(Exit::data,
                      path + ": row " + std::to_string(i / columns) + " holds a value that is not finite");
}

std::vector<double> parse_hdf5(const std::string& path, std::size_t columns) {
  try {
    const h5::File file = h5::open(path);
    if (!h5::exists(file, "points") || h5::is_group(file, "points"))
      throw UserError(Exit::data, path + ": no dataset 'points'");
    const h5::Shape shape = h5::shape(h5::open_dataset(file, "points"));
    auto rows = h5::read_dataset<double>(file, "points");
    check_rows(rows, shape, path, columns);
    return rows;
  } catch (const h5::Failure& failure) {
    throw UserError(Exit::data, path + ": damaged HDF5 file: " + failure.plain);
  }
}

// In a child process, for others made the file.
std::vector<double> read_hdf5(const std::string& path, std::size_t columns) {
  const std::string bytes = ask_child("points", path, {std::to_string(columns)});
  std::vector<double> rows(bytes.size() / sizeof(double));
  std::copy_n(bytes.data(), rows.size() * sizeof(double), reinterpret_cast<char*>(rows.data()));
  return rows;
}

std::vector<double> read_rows(const std::string& path, std::size_t columns) {
  if (std::filesystem::is_directory(path))
    throw UserError(Exit::data, path + ": a folder, not a list of points");
  const std::string bytes = read_bytes(path);
  std::vector<double> rows;
  if (h5::has_signature(path)) {
    rows = read_hdf5(path, columns);
  } else if (is_npy(bytes)) {
    NpyArray array = parse_npy(bytes, path);
    rows = std::move(array.values);
    check_rows(rows, h5::Shape(array.shape.begin(), array.shape.end()), path, columns);
  } else {
    rows = parse_csv(bytes, path, columns);
  }
  if (rows.empty()) throw UserError(Exit::data, path + ": no points");
  return rows;
}

}  // namespace

void answer_with_points(const std::filesystem::path& path, std::span<const std::string> arguments,
                        const ChildAnswer& answer) {
  check(arguments.size() == 1, "points of a file: wrong arguments");
  const auto rows = parse_hdf5(path.string(), std::stoul(arguments[0]));
  answer.write(std::string_view(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(double)));
}

std::vector<double> read_points(const Comm& comm, const std::filesystem::path& path, int dimensions) {
  check(dimensions >= 1 && dimensions <= 3, "points of 1 to 3 dimensions");
  std::vector<double> rows;
  on_root(comm, [&] { rows = read_rows(path.string(), 1 + dimensions); });
  rows.resize(comm.max(static_cast<std::int64_t>(rows.size())));
  comm.broadcast(std::span(rows));
  return rows;
}

}  // namespace hypercast::io
