#pragma once
// The numbers a run reports as it goes: one row per reported step, in DIR/metrics.csv as they come and in
// DIR/metrics.h5 (one 1-D dataset per column) whenever the run is safe on disk anyway.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hypercast::io {

// One rank owns it. Error (Exit::io) when the files cannot be written.
class Metrics {
 public:
  // Columns are "step" and then `columns`. Rows that are already in the CSV are kept when their step is less
  // than `resume_step` (0: a fresh start) and dropped otherwise; the file is rewritten whole, then appended
  // to. Columns only the old file has are kept, with "nan" in new rows, and the other way round.
  Metrics(std::filesystem::path folder, std::vector<std::string> columns, std::int64_t resume_step = 0);

  // values[i] belongs to columns[i] of the constructor. On disk (flushed, not fsynced) when the call returns.
  void add(std::int64_t step, std::span<const double> values);
  // Rewrites metrics.h5 from all rows; complete or absent.
  void save() const;

 private:
  struct Row {
    std::int64_t step;
    std::vector<double> values;  // [column]
  };
  void read_old(const std::filesystem::path& path, std::int64_t resume_step);
  std::string line(const Row& row) const;

  std::filesystem::path folder_;
  std::vector<std::string> columns_;  // of the file, without "step"
  std::vector<std::size_t> place_;    // of the caller's columns among them
  std::vector<Row> rows_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> csv_{nullptr, std::fclose};
};

}  // namespace hypercast::io
