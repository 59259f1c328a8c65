#pragma once
// How energy is spread over length scales: what a forecast of a chaotic flow may get right after it has lost
// the flow itself.

#include <vector>

#include "core/context.hpp"
#include "forecast/errors.hpp"
#include "io/forecast.hpp"

namespace hypercast::forecast {

// Isotropic energy spectra on a uniform periodic grid. Shell s holds the modes with s - 1/2 <= |k|/k1 < s +
// 1/2, k1 = 2 pi / (length of the longest axis); the energy of a mode is half its squared modulus, summed
// over channels, so that all shells add up to half the mean over points of the squared field. Shells reach to
// the corner of the resolved wave vectors.
class Spectrum {
 public:
  // Axes must be periodic: see possible().
  Spectrum(const std::vector<io::Axis>& axes, std::size_t channels);
  static bool possible(const std::vector<io::Axis>& axes);

  const std::vector<double>& wavenumbers() const { return wavenumbers_; }  // s k1
  // Of a field [point][channel].
  std::vector<double> operator()(std::span<const float> field) const;

 private:
  std::vector<std::size_t> extents_;
  std::size_t channels_;
  std::vector<std::uint32_t> shell_;  // of each mode, in the order of the transform
  std::vector<double> wavenumbers_;
};

// Means over trajectories and frames of one window.
struct MeanSpectra {
  std::vector<double> truth;                  // [shell]
  std::vector<std::vector<double>> forecast;  // [forecaster][shell]
  std::vector<std::vector<double>> error;     // the same of forecast minus truth
  std::size_t frames = 0;                     // of the window; without any, spectra are zero
};
struct SpectraTable {
  std::vector<double> wavenumbers;
  std::vector<std::string> names;  // of the forecasters
  MeanSpectra in_t, out_t;
};

// |forecast - truth| / truth for every shell; 0 where both are 0, infinite where the truth alone is.
std::vector<double> relative_difference(std::span<const double> forecast, std::span<const double> truth);

// COLLECTIVE. As compare(): frames are shared out over ranks, and the result does not depend on how. Frames
// whose forecast is not finite make the spectra of that forecaster NaN.
SpectraTable compare_spectra(const Context& context, const Reference& reference,
                             const hyper::ModelFacts& facts, const std::vector<double>& times,
                             const std::vector<Forecaster*>& forecasters);

// Columns for a file: wavenumber, truth_in_t, truth_out_t, then <name>_in_t, <name>_out_t, <name>_error_in_t,
// <name>_error_out_t of each forecaster; those of a window without frames are left out.
std::vector<io::Series> columns_of(const SpectraTable& table);

}  // namespace hypercast::forecast
