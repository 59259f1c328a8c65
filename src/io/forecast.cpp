#include "io/forecast.hpp"

#include <set>

#include "core/error.hpp"
#include "io/durable.hpp"
#include "io/number_text.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

void write_columns(const std::filesystem::path& path, const std::vector<Series>& columns,
                   const Provenance& provenance) {
  std::set<std::string> names = {"provenance"};
  for (const auto& column : columns) {
    check(names.insert(column.name).second, "two columns of a table share a name");
    check(column.values.size() == columns[0].values.size(), "columns of a table differ in length");
  }
  const h5::File file = h5::create_in_memory();
  for (const auto& column : columns)
    h5::write_dataset<double>(file, column.name, {column.values.size()}, std::span(column.values));
  write_provenance(file, provenance);
  write_durably(path, std::span<const char>(h5::image(file)));
}

std::string csv(const std::vector<Series>& columns) {
  std::string text;
  for (const auto& column : columns) text += (text.empty() ? "" : ",") + column.name;
  text += "\n";
  for (std::size_t row = 0; row < columns[0].values.size(); ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) text += (i ? "," : "") + text_of(columns[i].values[row]);
    text += "\n";
  }
  return text;
}

// Column `column` of a row-major table.
Series column_of(const std::string& name, std::span<const double> table, std::size_t columns,
                 std::size_t column) {
  Series series{name, {}};
  for (std::size_t i = column; i < table.size(); i += columns) series.values.push_back(table[i]);
  return series;
}

}  // namespace

void write_errors(const std::filesystem::path& forecast_file, std::span<const double> times,
                  const std::vector<Series>& series, const Provenance& provenance) {
  std::vector<Series> columns = {{"t", {times.begin(), times.end()}}};
  columns.insert(columns.end(), series.begin(), series.end());
  std::filesystem::path stem = forecast_file;
  stem.replace_extension();
  write_table(stem.string() + "_errors", columns, provenance);
}

void write_table(const std::filesystem::path& stem, const std::vector<Series>& columns,
                 const Provenance& provenance) {
  check(!columns.empty(), "a table without columns");
  write_columns(stem.string() + ".hdf5", columns, provenance);
  write_durably(stem.string() + ".csv", csv(columns));
}

void write_point_forecast(const std::filesystem::path& path, const PointForecast& forecast,
                          const Provenance& provenance) {
  const std::size_t width = 1 + forecast.axes.size(), channels = forecast.channels.size();
  check(forecast.points.size() % width == 0 &&
            forecast.points.size() / width * channels == forecast.values.size(),
        "a point forecast whose values do not fit its points");
  std::vector<Series> columns = {column_of("t", forecast.points, width, 0)};
  for (std::size_t d = 0; d + 1 < width; ++d)
    columns.push_back(column_of(forecast.axes[d], forecast.points, width, d + 1));
  for (std::size_t c = 0; c < channels; ++c)
    columns.push_back(column_of(forecast.channels[c], forecast.values, channels, c));
  write_columns(path, columns, provenance);
}

}  // namespace hypercast::io
