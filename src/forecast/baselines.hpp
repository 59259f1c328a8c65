#pragma once
// What a forecast must beat. All baselines know every In-t frame of the reference, held-out ones included,
// and live on its grid.

#include <memory>
#include <vector>

#include "forecast/forecaster.hpp"
#include "forecast/options.hpp"
#include "forecast/reference.hpp"

namespace hypercast::forecast {

// persistence  the last In-t frame, for ever (time conditions)
// zero         nothing
// time_mean    the mean of the In-t frames (for index conditions: of all functions)
// dmd          dynamic mode decomposition of the In-t frames (time conditions), see nn/dmd.hpp
// `reference` is borrowed. Every rank computes the same.
std::vector<std::unique_ptr<Forecaster>> baselines(const Reference& reference, const hyper::ModelFacts& facts,
                                                   const ForecastOptions& options);

}  // namespace hypercast::forecast
