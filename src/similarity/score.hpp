#pragma once
// What a measure says of a pair of models.

#include <limits>

namespace hypercast::similarity {

// Written to files as these numbers. A value that cannot be defined is NaN and tells why; it never stops the
// matrix it belongs to. `rank_deficient` and `clipped` come with a value.
enum class Status : int {
  ok = 0,
  zero_variance = 1,  // a model's features are the same in all rows
  too_few_rows = 2,   // for this measure
  not_finite = 3,
  rank_deficient = 4,  // columns depend on each other; the value is that of the space they span
  clipped = 5,         // the value left its range by more than rounding, and was put back
  step_too_large = 6,  // Delta: its step is beyond first order
  skipped = 7          // not computed, because it is not defined here or a run was stopped
};

struct Score {
  double value = std::numeric_limits<double>::quiet_NaN();
  Status status = Status::ok;
};

inline Score undefined(Status why) { return {std::numeric_limits<double>::quiet_NaN(), why}; }

// A number of [lower, upper] that may have left it by rounding, 1e-12: put back without a word. By more than
// that, put back with `clipped`.
Score within(double value, double lower, double upper, Status status = Status::ok);

}  // namespace hypercast::similarity
