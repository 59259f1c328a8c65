#pragma once
// Fields that are observed at some points of a grid, completed by least squares with Fourier modes: what one
// has without a model when measurements are scattered.

#include <span>
#include <vector>

#include "forecast/still.hpp"
#include "hyper/fourier_basis.hpp"
#include "io/trajectory.hpp"
#include "nn/empirical_bayes.hpp"

namespace hypercast::forecast {

class FourierFit {
 public:
  // The constant and all modes |k| <= K of the domain (hyper/fourier_basis.hpp) for the largest K for which
  // these are at most `most` functions and waves are longer than two cells. `observed` are indices of points
  // in rising order.
  FourierFit(const std::vector<io::Axis>& axes, std::vector<std::uint32_t> observed, std::size_t channels,
             std::size_t most);

  std::size_t functions() const { return functions_; }
  double largest_wavenumber() const { return largest_; }

  // The prior of each channel's coefficients and its noise, from frames that are observed at the same points
  // (empirical Bayes): modes of one |k| share a variance. Afterwards complete() uses it.
  void learn(const FrameSpans& frames);
  // Every frame on the whole grid. Without a prior by plain least squares: functions() is then at most the
  // number of observed points.
  std::vector<std::vector<float>> complete(const FrameSpans& frames) const;

 private:
  // [point][functions()]
  Buffer<double> evaluate(std::span<const double> points) const;
  // [frame][observed point]
  std::vector<double> measured(const FrameSpans& frames, std::size_t channel) const;

  std::vector<io::Axis> axes_;
  std::vector<std::uint32_t> observed_;
  std::size_t channels_, functions_ = 1;
  double largest_ = 0;
  std::unique_ptr<hyper::FourierBasis<double>> basis_;  // none: the constant alone
  hyper::Coordinates coordinates_;
  Buffer<double> design_;                  // [observed point][functions()]
  std::vector<nn::EmpiricalBayes> prior_;  // of each channel
};

}  // namespace hypercast::forecast
