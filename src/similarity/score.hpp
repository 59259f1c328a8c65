#pragma once
// What a measure says of a pair of models.

#include <limits>
#include <vector>

namespace hypercast::similarity {

// Written to files as these numbers. A value that cannot be defined is NaN and tells why; it never stops the
// matrix it belongs to. `rank_deficient` and `clipped` come with a value; `too_few_rows` does where the value
// is right but says nothing of the models, because any features of so few rows have it.
enum class Status : int {
  ok = 0,
  zero_variance = 1,  // all rows of a model are alike to this measure
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

// Of one measure: [M][M], x in rows, or [M] for measures of single models.
struct Scores {
  std::vector<Score> entries;
};

inline Score undefined(Status why) { return {std::numeric_limits<double>::quiet_NaN(), why}; }

// A number of [lower, upper] that may have left it by rounding, 1e-12: put back without a word. By more than
// that, put back with `clipped`.
Score within(double value, double lower, double upper, Status status = Status::ok);

// xy / sqrt(xx yy) from three inner products, in [lower, 1]: the same bits with x and y exchanged, exactly 1
// of a thing with itself, and no overflow between. `not_finite` when xx or yy is, `zero_variance` unless both
// are above 0.
Score cosine(double xy, double xx, double yy, double lower);

// arccos of a value in [-1, 1]. Near 1, rounding of 1e-16 becomes an angle of 1e-8.
Score angle(const Score& cosine);

}  // namespace hypercast::similarity
