#include "bench/results.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hypercast::bench {

namespace {

constexpr auto layout = "{:<34}  {:>15}  {:>15}  {:>15}  {}";

std::string fraction_text(const Item& item) {
  const auto fraction = item.fraction();
  return fraction ? fmt::format("{:.0f} % of {}", 100 * *fraction, item.bound->name) : "";
}

}  // namespace

std::optional<double> Item::fraction() const {
  if (!bound) return {};
  return unit == "s" ? bound->value / summary.median : summary.median / bound->value;
}

const Item* Results::find(const std::string& name) const {
  const auto at = std::find_if(items.begin(), items.end(), [&](const Item& i) { return i.name == name; });
  return at == items.end() ? nullptr : &*at;
}

std::optional<Bound> Results::bound(const std::string& name, double factor) const {
  const Item* item = find(name);
  if (!item) return {};
  return Bound{factor == 1 ? name : fmt::format("{:g} x {}", factor, name), factor * item->summary.median};
}

std::string quantity_text(double value, const std::string& unit) {
  constexpr std::array prefixes = {"n", "µ", "m", "", "k", "M", "G", "T", "P"};
  if (unit == "1" || value == 0 || !std::isfinite(value)) return fmt::format("{:.4g} {}", value, unit);
  const int thousands = std::clamp(static_cast<int>(std::floor(std::log10(std::abs(value)) / 3)), -3, 5);
  const double scaled = value / std::pow(1000.0, thousands);
  const int digits = scaled < 10 ? 3 : scaled < 100 ? 2 : 1;
  return fmt::format("{:.{}f} {}{}", scaled, digits, prefixes[thousands + 3], unit);
}

std::string line_of(const Item& item) {
  const auto& s = item.summary;
  return fmt::format(layout, item.name, quantity_text(s.median, item.unit), quantity_text(s.lower, item.unit),
                     quantity_text(s.upper, item.unit), fraction_text(item));
}

std::string title_line() {
  return fmt::format(layout, "item", "median", "1st quartile", "3rd quartile", "of its bound");
}

std::string text_of(const Table& table) {
  if (table.shown.empty()) return "";
  std::vector<std::size_t> places;
  for (const auto& name : table.shown)
    places.push_back(std::find(table.columns.begin(), table.columns.end(), name) - table.columns.begin());
  std::string text = table.name + ": " + table.what + "\n";
  for (const auto& name : table.shown) text += fmt::format("{:>12}  ", name);
  for (const auto& row : table.rows) {
    text += "\n";
    for (const auto place : places) text += fmt::format("{:>12.4g}  ", row.at(place));
  }
  return text;
}

}  // namespace hypercast::bench
