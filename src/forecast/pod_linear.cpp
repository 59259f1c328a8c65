#include "forecast/pod_linear.hpp"

#include <Eigen/Core>
#include <cmath>

#include "core/error.hpp"
#include "hyper/propagator.hpp"

namespace hypercast::forecast {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// [P c; 0 1] for scaled codes.
std::vector<double> map_of(const hyper::CodeScaling& scaling, std::span<const float> codes,
                           std::size_t frames, std::size_t d) {
  std::vector<float> scaled(codes.size());
  scaling.scaled<float>(codes, scaled);
  const auto fit = hyper::fit_propagator({codes.size() / d / frames, frames, d, 0, scaled, {}});
  std::vector<double> map((d + 1) * (d + 1));
  std::copy(fit.weights.begin(), fit.weights.end(), map.begin());
  map.back() = 1;
  return map;
}

}  // namespace

PodLinear::PodLinear(const FrameSpans& training, std::size_t frames, int max_rank)
    : pod_(nn::pod(training, {.max_rank = max_rank, .centred = true})) {
  check(frames >= 2 && training.size() % frames == 0, "POD and a map of incomplete trajectories");
  const std::size_t d = pod_.rank();
  if (d == 0) return;
  const auto codes = encode(training, {}, 1);
  prior_ = nn::gaussian_of(codes, d);
  const std::vector<float> single(codes.begin(), codes.end());
  scaling_ = hyper::CodeScaling::of({training.size() / frames, frames, d, 0, single, {}});
  map_ = map_of(scaling_, single, frames, d);
}

std::vector<double> PodLinear::encode(const FrameSpans& frames, std::span<const std::uint32_t> observed,
                                      std::size_t channels) const {
  const std::size_t d = pod_.rank();
  std::vector<double> codes(frames.size() * d);
  if (d == 0) return codes;
  if (observed.empty()) {
    for (std::size_t f = 0; f < frames.size(); ++f)
      pod_.encode(frames[f], std::span(codes).subspan(f * d, d));
    return codes;
  }
  std::vector<std::size_t> seen;  // places in a frame
  for (const auto point : observed)
    for (std::size_t c = 0; c < channels; ++c) seen.push_back(point * channels + c);
  std::vector<double> design, measured;
  for (const auto i : seen)
    for (std::size_t j = 0; j < d; ++j) design.push_back(pod_.modes[j * pod_.size + i]);
  for (const auto& frame : frames)
    for (const auto i : seen) measured.push_back(frame[i] - pod_.mean[i]);
  nn::GaussianLeastSquares(design, prior_, pod_.left_out).solve(measured, codes);
  return codes;
}

void PodLinear::forecast(std::span<const double> code, double intervals, std::span<float> values) const {
  const auto d = static_cast<Eigen::Index>(pod_.rank());
  std::vector<double> now(code.begin(), code.end());
  if (d > 0) {
    Eigen::VectorXd y = Eigen::VectorXd::Ones(d + 1);
    scaling_.scaled<double>(code, std::span(y.data(), code.size()));
    const Eigen::Map<const RowMajor> map(map_.data(), d + 1, d + 1);
    const auto whole = static_cast<int>(std::floor(intervals + 1e-6));
    for (int k = 0; k < whole; ++k) y = (map * y).eval();
    if (const double rest = intervals - whole; std::abs(rest) > 1e-6) {
      const auto part = hyper::real_exponential(hyper::matrix_logarithm(map_), rest);
      y = (Eigen::Map<const RowMajor>(part.data(), d + 1, d + 1) * y).eval();
    }
    scaling_.restored<double>(std::span<const double>(y.data(), code.size()), now);
  }
  pod_.decode(now, values);
}

}  // namespace hypercast::forecast
