#include "io/metrics.hpp"

#include <algorithm>
#include <fstream>
#include <limits>

#include "core/error.hpp"
#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "io/number_text.hpp"

namespace hypercast::io {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> result;
  std::size_t at = 0;
  for (auto comma = line.find(','); comma != std::string::npos; comma = line.find(',', at)) {
    result.push_back(line.substr(at, comma - at));
    at = comma + 1;
  }
  result.push_back(line.substr(at));
  return result;
}

}  // namespace

Metrics::Metrics(std::filesystem::path folder, std::vector<std::string> columns, std::int64_t resume_step)
    : folder_(std::move(folder)) {
  for (const auto& name : columns)
    check(!name.empty() && name != "step" && name.find_first_of(",/\n\"") == std::string::npos,
          "a metric with an impossible name");
  const auto path = folder_ / "metrics.csv";
  if (resume_step > 0) read_old(path, resume_step);
  for (const auto& name : columns) {
    const auto at = std::find(columns_.begin(), columns_.end(), name);
    place_.push_back(at - columns_.begin());
    if (at == columns_.end()) columns_.push_back(name);
  }
  std::string text = "step";
  for (const auto& name : columns_) text += "," + name;
  text += "\n";
  for (auto& row : rows_) {
    row.values.resize(columns_.size(), missing);
    text += line(row);
  }
  write_durably(path, text);
  csv_.reset(std::fopen(path.c_str(), "ae"));
  if (!csv_) throw Error("cannot append to " + path.string(), Exit::io);
}

// A last line cut short by a kill does not parse and is dropped.
void Metrics::read_old(const std::filesystem::path& path, std::int64_t resume_step) {
  std::ifstream file(path);
  std::string text;
  if (!std::getline(file, text) || !text.starts_with("step")) return;
  columns_ = cells(text);
  columns_.erase(columns_.begin());
  while (std::getline(file, text)) {
    const auto words = cells(text);
    if (words.size() != columns_.size() + 1 || file.eof()) continue;
    std::vector<double> numbers;
    for (const auto& word : words)
      if (const auto value = number_of(word)) numbers.push_back(*value);
    if (numbers.size() != words.size() || !(numbers[0] < static_cast<double>(resume_step))) continue;
    rows_.push_back({static_cast<std::int64_t>(numbers[0]), {numbers.begin() + 1, numbers.end()}});
  }
}

std::string Metrics::line(const Row& row) const {
  std::string text = std::to_string(row.step);
  for (double value : row.values) text += "," + text_of(value);
  return text + "\n";
}

void Metrics::add(std::int64_t step, std::span<const double> values) {
  check(values.size() == place_.size(), "a row of metrics with the wrong number of values");
  Row row{step, std::vector<double>(columns_.size(), missing)};
  for (std::size_t i = 0; i < values.size(); ++i) row.values[place_[i]] = values[i];
  const std::string text = line(row);
  if (std::fwrite(text.data(), 1, text.size(), csv_.get()) != text.size() || std::fflush(csv_.get()) != 0)
    throw Error("cannot write to " + (folder_ / "metrics.csv").string(), Exit::io);
  rows_.push_back(std::move(row));
}

void Metrics::save() const {
  const h5::File file = h5::create_in_memory();
  std::vector<std::int64_t> steps;
  for (const auto& row : rows_) steps.push_back(row.step);
  h5::write_dataset<std::int64_t>(file, "step", {steps.size()}, steps);
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::vector<double> values;
    for (const auto& row : rows_) values.push_back(row.values[column]);
    h5::write_dataset<double>(file, columns_[column], {values.size()}, values);
  }
  write_durably(folder_ / "metrics.h5", std::span<const char>(h5::image(file)));
}

}  // namespace hypercast::io
