#pragma once
// Tables of numbers that users bring, one row after the other: lists of places (io/points.hpp), measurements
// (io/observations.hpp). The kind of file is told from its content:
//
//   HDF5   one dataset [n][columns], or one dataset [n] for each column; floating point or integer
//   NPY    as in io/array.hpp, shape (n, columns)
//   CSV    a row a line; empty lines and # comments allowed, names of columns in the first line (where they
//          are needed also as a comment, as numpy.savetxt writes them)

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/child.hpp"

namespace hypercast::io {

struct TableRules {
  std::string what;                  // for messages, and the name of the dataset in HDF5: "points"
  std::vector<std::string> columns;  // that there must be, no more and no fewer
  // Whether the file says which column is which, and may have them in any order: CSV by its first line, HDF5
  // by the attribute `columns` of the dataset, or by one dataset for each column. Else columns come in the
  // order above, and the first line of a CSV may say so. (NPY cannot say.)
  bool named = false;
};

struct Table {
  std::vector<double> rows;        // [n][columns], finite, in the order of the rules
  std::vector<std::size_t> lines;  // CSV: the line of each row, from 1
  // "file:line" or "file: row number", from 0, to begin a message with.
  std::string place(const std::string& file, std::size_t row) const;
};

// Of one rank. UserError: Exit::no_input when the file is missing; Exit::data when it is no such table, has
// other columns or no rows, or a value is not finite, naming file and line (CSV) or row.
Table read_table(const std::string& path, const TableRules& rules);

// The part of the child process (io/child.hpp) that reads HDF5 for it, for others made the file.
void answer_with_table(const std::filesystem::path& path, std::span<const std::string> arguments,
                       const ChildAnswer& answer);

}  // namespace hypercast::io
