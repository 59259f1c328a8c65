#pragma once
// The machine of the cost model, as far as this run has measured it.

#include "bench/machine_model.hpp"

namespace hypercast::bench {

// Of the items of clock, fma, sincos and memory, and of messages and window where they are; what they lack is
// assumed, by default as [bench.model] does. Notes of what is assumed are added once, whoever asks.
machine::Rates known_rates(const Bench& bench, const Assumed& assumed = {.network = {2e-6, 1e-10}});

}  // namespace hypercast::bench
