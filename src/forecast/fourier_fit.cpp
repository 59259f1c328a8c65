#include "forecast/fourier_fit.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "nn/gaussian_least_squares.hpp"

namespace hypercast::forecast {

namespace {

constexpr std::size_t block = 1024;  // points evaluated at a time

// The largest |k| whose waves are longer than two cells on every axis.
double resolved(const std::vector<io::Axis>& axes) {
  double most = INFINITY;
  for (const auto& axis : axes) {
    const auto n = static_cast<double>(axis.points.size());
    most = std::min(most, axis.boundary == io::Boundary::periodic ? std::ceil(n / 2) - 1 : n - 1);
  }
  return most;
}

}  // namespace

FourierFit::FourierFit(const std::vector<io::Axis>& axes, std::vector<std::uint32_t> observed,
                       std::size_t channels, std::size_t most)
    : axes_(axes),
      observed_(std::move(observed)),
      channels_(channels),
      coordinates_(hyper::Coordinates::of(axes)) {
  check(!observed_.empty() && channels_ > 0, "a Fourier fit to nothing");
  const double limit = resolved(axes);
  for (int square = 1; std::sqrt(square) <= limit; ++square) {
    auto next = std::make_unique<hyper::FourierBasis<double>>(coordinates_, std::sqrt(square));
    if (next->outputs() + 1 > most) break;
    if (next->outputs() + 1 == functions_) continue;
    functions_ = next->outputs() + 1;
    basis_ = std::move(next);
    largest_ = std::sqrt(square);
  }
  const std::size_t d = axes_.size();
  const auto grid = hyper::grid_points(axes_);
  std::vector<double> places;
  for (const auto i : observed_)
    places.insert(places.end(), grid.begin() + i * d, grid.begin() + (i + 1) * d);
  design_ = evaluate(places);
}

Buffer<double> FourierFit::evaluate(std::span<const double> points) const {
  const std::size_t count = points.size() / axes_.size();
  Buffer<double> values(count * functions_, 1.0);
  if (!basis_) return values;
  Buffer<double> inputs(count * coordinates_.inputs()), waves(count * basis_->outputs());
  coordinates_.embed<double>(points, inputs);
  Buffer<double> tape(basis_->tape_size(count));
  basis_->forward({}, inputs, waves, tape);
  for (std::size_t i = 0; i < count; ++i)
    std::copy_n(waves.begin() + i * basis_->outputs(), basis_->outputs(),
                values.begin() + i * functions_ + 1);
  return values;
}

std::vector<double> FourierFit::measured(const FrameSpans& frames, std::size_t channel) const {
  std::vector<double> u;
  u.reserve(frames.size() * observed_.size());
  for (const auto& frame : frames)
    for (const auto i : observed_) u.push_back(frame[i * channels_ + channel]);
  return u;
}

void FourierFit::learn(const FrameSpans& frames) {
  nn::EmpiricalBayesOptions options;
  std::map<double, int> shells;  // |k|: number of the group; the constant is a shell of its own
  if (basis_)
    for (const double k : basis_->wavenumbers()) shells.emplace(k, 0);
  int number = 1;
  for (auto& [k, group] : shells) group = number++;
  options.groups.push_back(0);
  if (basis_)
    for (const double k : basis_->wavenumbers()) options.groups.push_back(shells.at(k));
  prior_.clear();
  for (std::size_t c = 0; c < channels_; ++c)
    prior_.push_back(nn::empirical_bayes(design_, observed_.size(), measured(frames, c), options));
}

std::vector<std::vector<float>> FourierFit::complete(const FrameSpans& frames) const {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto grid = hyper::grid_points(axes_);
  const std::size_t d = axes_.size(), points = grid.size() / d;
  std::vector<std::vector<float>> completed(frames.size(), std::vector<float>(points * channels_));
  std::vector<double> z(frames.size() * functions_);
  for (std::size_t c = 0; c < channels_; ++c) {
    const auto u = measured(frames, c);
    if (prior_.empty()) {
      nn::least_squares(design_, observed_.size(), u, z);
    } else {
      const nn::GaussianPrior prior{Buffer<double>(functions_), prior_[c].variances};
      nn::GaussianLeastSquares(design_, prior, prior_[c].noise_variance).solve(u, z);
    }
    const Eigen::Map<const RowMajor> coefficients(z.data(), frames.size(), functions_);
    for (std::size_t at = 0; at < points; at += block) {
      const std::size_t count = std::min(block, points - at);
      const auto waves = evaluate(std::span(grid).subspan(at * d, count * d));
      const RowMajor values =
          coefficients * Eigen::Map<const RowMajor>(waves.data(), count, functions_).transpose();
      for (std::size_t f = 0; f < frames.size(); ++f)
        for (std::size_t i = 0; i < count; ++i)
          completed[f][(at + i) * channels_ + c] = static_cast<float>(values(f, i));
    }
  }
  return completed;
}

}  // namespace hypercast::forecast
