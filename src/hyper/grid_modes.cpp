#include "hyper/grid_modes.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>

#include "core/error.hpp"
#include "nn/pod.hpp"

namespace hypercast::hyper {

void check_modes(std::size_t count, std::size_t channels, std::size_t points, std::size_t frames) {
  const std::size_t each = count / channels;  // features of a channel
  if (each < 2 || each > points || each - 1 > frames)
    throw UserError(Exit::data,
                    fmt::format("[inr.pod] modes = {}: {} channels need at least two for each; the "
                                "grid holds {} for each, and {} frames {}",
                                count, channels, points, frames, frames + 1));
}

Buffer<float> grid_modes(std::span<const std::span<const float>> frames, std::size_t channels,
                         std::size_t count) {
  using Eigen::Index;
  const auto points = static_cast<Index>(frames[0].size() / channels);
  const auto each = static_cast<Index>(count / channels);  // features of a channel
  check_modes(count, channels, frames[0].size() / channels, frames.size());
  const auto pod = nn::pod(frames, {.max_rank = static_cast<int>(each - 1), .centred = true});
  if (static_cast<Index>(pod.rank()) < each - 1)
    throw UserError(Exit::data,
                    fmt::format("[inr.pod] modes = {}: the training frames have only {} independent modes; "
                                "lower [inr.pod] modes or [condition.code] size",
                                count, pod.rank()));
  Buffer<float> theta(points * count);
  Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> features(
      theta.data(), points, static_cast<Index>(count));
  features.setZero();
  const auto stride = static_cast<Index>(channels);
  for (Index c = 0; c < stride; ++c) {
    Eigen::MatrixXd parts(points, each);
    for (Index i = 0; i < points; ++i) {
      parts(i, 0) = pod.mean[i * stride + c];
      for (Index j = 1; j < each; ++j) parts(i, j) = pod.modes[((j - 1) * points + i) * stride + c];
    }
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(parts);
    const Eigen::MatrixXd basis = qr.householderQ() * Eigen::MatrixXd::Identity(points, each);
    features.middleCols(c * each, each) = (std::sqrt(static_cast<double>(points)) * basis).cast<float>();
  }
  return theta;
}

}  // namespace hypercast::hyper
