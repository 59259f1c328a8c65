#include "hyper/readout_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>

namespace hypercast::hyper {

namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double ridge = 1e-7;

}  // namespace

ReadoutFit::ReadoutFit(const Inr<float>& inr)
    : inr_(inr),
      packed_(inr.features()),
      tape_(inr.features().tape_size(point_block)),
      phi_(point_block * inr.features().outputs()) {}

void ReadoutFit::solve(std::span<const float> hidden, std::span<const float> x,
                       std::span<const float> targets, std::span<float> readouts) {
  const std::size_t inputs = inr_.inputs(), width = inr_.features().outputs(), channels = inr_.channels();
  const std::size_t points = x.size() / inputs, columns = targets.size() / points;
  const auto packed = packed_.pack(hidden);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(width + 1, width + 1);
  Eigen::MatrixXd right = Eigen::MatrixXd::Zero(width + 1, columns), a;
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at);
    const auto phi = std::span(phi_).first(n * width);
    inr_.features().forward(packed, x.subspan(at * inputs, n * inputs), phi, tape_);
    a.resize(n, width + 1);
    a.leftCols(width) = Eigen::Map<const RowMajor>(phi.data(), n, width).cast<double>();
    a.col(width).setOnes();
    gram.selfadjointView<Eigen::Lower>().rankUpdate(a.transpose());
    right.noalias() +=
        a.transpose() * Eigen::Map<const RowMajor>(targets.data() + at * columns, n, columns).cast<double>();
  }
  gram.diagonal().array() += ridge * gram.trace() / static_cast<double>(width + 1);
  const Eigen::MatrixXd c = gram.selfadjointView<Eigen::Lower>().ldlt().solve(right);
  for (std::size_t j = 0; j < columns; ++j) {
    float* readout = readouts.data() + j / channels * inr_.readout();
    const std::size_t channel = j % channels;
    for (std::size_t k = 0; k < width; ++k) readout[channel * width + k] = static_cast<float>(c(k, j));
    readout[channels * width + channel] = static_cast<float>(c(width, j));
  }
}

}  // namespace hypercast::hyper
