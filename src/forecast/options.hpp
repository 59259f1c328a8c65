#pragma once
// The deck section [forecast].

#include <cstdint>
#include <string>
#include <vector>

#include "deck/schema.hpp"

namespace hypercast::forecast {

struct ForecastOptions {
  static constexpr const char* section = "forecast";
  std::string mode = "direct";
  std::string checkpoint;
  std::string reference;
  std::vector<double> times;
  int refine = 1;
  std::string points;
  int trajectory = 0;
  double observed = 0;
  std::int64_t mask_seed = 1;
  std::string observations;
  double observation_noise = 0;
  std::vector<double> parameters;
  double bound = 10;
  bool residual = true;
  bool baselines = true;
  double valid_threshold = 0.1;
  int dmd_rank = 20;
  double dmd_tolerance = 1e-6;
  bool spectra = false;
  void describe(Section& s);
};

void add_forecast_sections(Schema& schema);

}  // namespace hypercast::forecast
