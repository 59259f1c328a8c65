#include "hyper/frame_pass.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace hypercast::hyper {

namespace {

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using View = Eigen::Map<RowMajor<Real>>;
template <class Real>
using ConstView = Eigen::Map<const RowMajor<Real>>;

// error[rows][columns] = biases - targets; what the weights add comes as one matrix product.
template <class Real>
void start_error(std::span<const Real> biases, const Real* targets, std::span<Real> error) {
  const std::size_t columns = biases.size();
  for (std::size_t i = 0; i < error.size(); i += columns)
    for (std::size_t j = 0; j < columns; ++j) error[i + j] = biases[j] - targets[i + j];
}

// losses[f] += squared errors of its channels; error <- dL/du
template <class Real>
void take_loss(std::span<const Real> weights, Real scale, std::size_t channels, std::span<Real> error,
               std::span<double> losses) {
  const std::size_t frames = losses.size();
  for (std::size_t i = 0; i < error.size(); i += frames * channels) {
    for (std::size_t f = 0; f < frames; ++f) {
      for (std::size_t c = 0; c < channels; ++c) {
        Real& e = error[i + f * channels + c];
        losses[f] += static_cast<double>(e) * e;
        e *= scale * weights[f];
      }
    }
  }
}

template <class Real>
void add_rows(std::span<const Real> rows, std::span<Real> sum) {
  for (std::size_t i = 0; i < rows.size(); i += sum.size())
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += rows[i + j];
}

}  // namespace

template <class Real>
FramePass<Real>::FramePass(const Inr<Real>& inr, std::size_t most_frames)
    : inr_(inr),
      tape_(inr.features().tape_size(point_block)),
      phi_(point_block * inr.features().outputs()),
      d_phi_(phi_.size()),
      error_(point_block * most_frames * inr.channels()),
      weights_(most_frames * inr.channels() * inr.features().outputs()),
      biases_(most_frames * inr.channels()),
      d_weights_(weights_.size()),
      d_biases_(biases_.size()) {}

template <class Real>
void FramePass<Real>::run(const Leaf& leaf, std::span<double> losses, std::span<Real> d_hidden,
                          std::span<Real> d_readouts) {
  const std::size_t inputs = inr_.inputs(), width = inr_.features().outputs(), channels = inr_.channels();
  const std::size_t frames = losses.size(), columns = frames * channels, points = leaf.x.size() / inputs;
  const Real scale = Real(2) / static_cast<Real>(points * channels);
  const auto biases = std::span(biases_).first(columns), d_biases = std::span(d_biases_).first(columns);
  View<Real> c(weights_.data(), columns, width), dc(d_weights_.data(), columns, width);
  for (std::size_t f = 0; f < frames; ++f) {
    const Real* own = leaf.readouts.data() + f * inr_.readout();
    std::copy(own, own + channels * width, weights_.begin() + f * channels * width);
    std::copy(own + channels * width, own + inr_.readout(), biases.begin() + f * channels);
  }
  dc.setZero();
  std::fill(d_biases.begin(), d_biases.end(), Real(0));
  std::fill(losses.begin(), losses.end(), 0.0);

  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t rows = std::min(point_block, points - at);
    const auto x = leaf.x.subspan(at * inputs, rows * inputs);
    const auto phi = std::span(phi_).first(rows * width), d_phi = std::span(d_phi_).first(rows * width);
    const auto error = std::span(error_).first(rows * columns);
    const ConstView<Real> p(phi.data(), rows, width);
    View<Real> e(error.data(), rows, columns), dp(d_phi.data(), rows, width);

    inr_.features().forward(leaf.hidden, x, phi, tape_);
    start_error<Real>(biases, leaf.targets.data() + at * columns, error);
    e.noalias() += p * c.transpose();
    take_loss<Real>(leaf.weights, scale, channels, error, losses);
    dc.noalias() += e.transpose() * p;
    add_rows<Real>(error, d_biases);
    dp.noalias() = e * c;
    inr_.features().backward(leaf.hidden, x, tape_, d_phi, d_hidden, {});
  }

  for (std::size_t f = 0; f < frames; ++f) {
    Real* own = d_readouts.data() + f * inr_.readout();
    for (std::size_t i = 0; i < channels * width; ++i) own[i] += d_weights_[f * channels * width + i];
    for (std::size_t i = 0; i < channels; ++i) own[channels * width + i] += d_biases[f * channels + i];
  }
  for (double& loss : losses) loss /= static_cast<double>(points * channels);
}

template class FramePass<float>;
template class FramePass<double>;

}  // namespace hypercast::hyper
