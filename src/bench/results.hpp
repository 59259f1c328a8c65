#pragma once
// What is measured: items with a median and quartiles, tables of modelled numbers, and notes. Every rank has
// the same results.

#include <optional>
#include <string>
#include <vector>

#include "machine/statistics.hpp"

namespace hypercast::bench {

// The best that an item could reach, in its unit.
struct Bound {
  std::string name;
  double value = 0;
};

struct Item {
  std::string name;  // "fma.float.alone": group first
  std::string unit;  // "s", "flop/s", "B/s", "Hz", "1"
  std::string what;  // one line
  machine::Summary summary;
  std::optional<Bound> bound = {};
  // The part of its bound that the median reaches: bound / median for times, median / bound for rates.
  std::optional<double> fraction() const;
};

struct Table {
  std::string name;
  std::string what;
  std::vector<std::string> columns;  // with their units: "floor_s"
  std::vector<std::vector<double>> rows;
  std::vector<std::string> shown = {};  // columns that a run prints; empty: none
};

struct Results {
  std::vector<Item> items;
  std::vector<Table> tables;
  std::vector<std::string> notes;  // what was assumed rather than measured

  const Item* find(const std::string& name) const;  // null when it was not measured
  // `factor` times the median of another item as a bound, when that was measured.
  std::optional<Bound> bound(const std::string& name, double factor = 1) const;
};

// 8.31e10, "flop/s" -> "83.10 Gflop/s"; four digits.
std::string quantity_text(double value, const std::string& unit);

// A line of the table that a run prints, and the line above all of them.
std::string line_of(const Item& item);
std::string title_line();

// The columns of a table that are shown, for a terminal; "" when none is.
std::string text_of(const Table& table);

}  // namespace hypercast::bench
