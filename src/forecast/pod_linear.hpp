#pragma once
// POD and a linear map of its codes: the linear counterpart of latent forecasting, which a nonlinear model
// must beat. Modes and map are fitted to training frames; a forecast encodes one frame, observed in full or
// in part, and takes powers of the map.

#include <span>
#include <vector>

#include "forecast/fourier_fit.hpp"
#include "hyper/codes.hpp"
#include "nn/gaussian_least_squares.hpp"
#include "nn/pod.hpp"

namespace hypercast::forecast {

// Every rank computes the same.
class PodLinear {
 public:
  // `training` holds `frames` consecutive frames of each trajectory, one interval apart; at least two.
  PodLinear(const FrameSpans& training, std::size_t frames, int max_rank);

  const nn::Pod& pod() const { return pod_; }

  // Codes [frame][rank]. By projection where all points are observed (`observed` empty); else their mean
  // given the observed points, with the training codes' Gaussian as prior and what the modes leave out of
  // the training frames as noise.
  std::vector<double> encode(const FrameSpans& frames, std::span<const std::uint32_t> observed,
                             std::size_t channels) const;
  // The field `intervals` after the frame with this code, for any number: powers of the map; of the
  // remainder, by its principal logarithm.
  void forecast(std::span<const double> code, double intervals, std::span<float> values) const;

 private:
  nn::Pod pod_;
  nn::GaussianPrior prior_;
  hyper::CodeScaling scaling_;
  std::vector<double> map_;  // [P c; 0 1] of scaled codes, [rank + 1][rank + 1]
};

}  // namespace hypercast::forecast
