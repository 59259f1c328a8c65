#pragma once
// The machine of the cost model, as far as this run has measured it.

#include "bench/machine_model.hpp"

namespace hypercast::bench {

// Of the items of clock, fma and memory, and of messages and window where they are; what they lack is assumed
// as [bench.model] does by default. Notes of what is assumed are added once, whoever asks.
machine::Rates known_rates(const Bench& bench);

}  // namespace hypercast::bench
