#pragma once
// What a forecast leaves behind. Frames on a grid go into a trajectory file (io/trajectory.hpp); beside it
// stand the errors, and forecasts at single points have a file of their own. Both are written by one rank,
// complete or absent; Error (Exit::io) on failure.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/provenance.hpp"

namespace hypercast::io {

struct Series {
  std::string name;
  std::vector<double> values;  // one per time
};

// The errors of …/name.hdf5: name_errors.hdf5 (dataset "t" and one per series, float64 [T], and /provenance)
// and name_errors.csv (the same columns).
void write_errors(const std::filesystem::path& forecast_file, std::span<const double> times,
                  const std::vector<Series>& series, const Provenance& provenance);

// A table: STEM.hdf5 (a dataset per column, float64 [rows], and /provenance) and STEM.csv. There is at least
// one column, and all have one length.
void write_table(const std::filesystem::path& stem, const std::vector<Series>& columns,
                 const Provenance& provenance);

struct PointForecast {
  std::vector<std::string> axes;  // "x", "y", ...
  std::vector<std::string> channels;
  std::span<const double> points;  // [n][1 + axes]: t, x, ...
  std::span<const double> values;  // [n][channel]
};
// Datasets "t", one per axis and one per channel, float64 [n]; /provenance. Error (Exit::internal) when two
// columns share a name.
void write_point_forecast(const std::filesystem::path& path, const PointForecast& forecast,
                          const Provenance& provenance);

}  // namespace hypercast::io
