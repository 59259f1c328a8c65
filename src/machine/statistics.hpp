#pragma once
// What repeated measurements say.

#include <cstddef>
#include <span>

namespace hypercast::machine {

struct Summary {
  double median = 0;
  double lower = 0;  // first quartile
  double upper = 0;  // third quartile
  std::size_t count = 0;
};

// Quantiles by linear interpolation between the two nearest of n samples (number 7 of R. J. Hyndman, Y. Fan,
// The American Statistician 50 (1996), and NumPy's default). Error for no samples.
Summary summarise(std::span<const double> samples);

// The same numbers times a factor above 0.
Summary operator*(double factor, const Summary& summary);

}  // namespace hypercast::machine
