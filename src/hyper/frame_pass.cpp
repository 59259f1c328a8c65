#include "hyper/frame_pass.hpp"

#include <algorithm>

namespace hypercast::hyper {

namespace {

// error[rows][F][channels] holds values: losses[f] += squared errors; error <- dL/du
template <class Real>
void take_loss(const Real* targets, std::span<const Real> weights, Real scale, std::size_t channels,
               std::span<Real> error, std::span<double> losses) {
  const std::size_t frames = losses.size();
  for (std::size_t i = 0; i < error.size(); i += frames * channels) {
    for (std::size_t f = 0; f < frames; ++f) {
      const Real factor = scale * weights[f];
      for (std::size_t c = 0; c < channels; ++c) {
        const std::size_t at = i + f * channels + c;
        const Real e = error[at] - targets[at];
        losses[f] += static_cast<double>(e) * e;
        error[at] = e * factor;
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
      readout_(inr.features().outputs(), inr.channels(), most_frames),
      packed_(inr.features()),
      tape_(inr.features().tape_size(point_block)),
      phi_(point_block * inr.features().outputs()),
      d_phi_(phi_.size()),
      error_(point_block * most_frames * inr.channels()),
      d_weights_(most_frames * inr.channels() * readout_.padded_width()),
      d_biases_(most_frames * inr.channels()) {}

template <class Real>
void FramePass<Real>::read_out(std::size_t rows, const Leaf& leaf, std::size_t at, std::span<double> losses) {
  const std::size_t width = inr_.features().outputs(), columns = readout_.columns();
  const std::size_t points = leaf.x.size() / inr_.inputs();
  const Real scale = Real(2) / static_cast<Real>(points * inr_.channels());
  const auto error = std::span(error_).first(rows * columns);
  readout_.apply(rows, phi_.data(), error.data());
  take_loss<Real>(leaf.targets.data() + at * columns, leaf.weights, scale, inr_.channels(), error, losses);
  const nn::Rows<Real> gradient{d_weights_.data(), readout_.padded_width()};
  nn::kernels<Real>().multiply_transposed(columns, rows, width, {error.data(), columns}, {phi_.data(), width},
                                          {gradient.values, gradient.stride}, gradient);
  add_rows<Real>(error, std::span(d_biases_).first(columns));
  readout_.apply_transposed(rows, error.data(), d_phi_.data());
}

template <class Real>
void FramePass<Real>::run(const Leaf& leaf, std::span<double> losses, std::span<Real> d_hidden,
                          std::span<Real> d_readouts) {
  const auto& features = inr_.features();
  const std::size_t inputs = inr_.inputs(), width = features.outputs(), channels = inr_.channels();
  const std::size_t frames = losses.size(), points = leaf.x.size() / inputs;
  const auto packed = packed_.pack(leaf.hidden);
  const auto d_packed = packed_.begin_gradient(d_hidden);
  readout_.set(leaf.readouts);
  for (auto* sums : {&d_weights_, &d_biases_}) std::fill(sums->begin(), sums->end(), Real(0));
  std::fill(losses.begin(), losses.end(), 0.0);

  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t rows = std::min(point_block, points - at);
    const auto x = leaf.x.subspan(at * inputs, rows * inputs);
    features.forward(packed, x, std::span(phi_).first(rows * width), tape_);
    read_out(rows, leaf, at, losses);
    features.backward(packed, x, tape_, std::span(d_phi_).first(rows * width), d_packed, {});
  }

  packed_.end_gradient(d_hidden);
  for (std::size_t f = 0; f < frames; ++f) {
    Real* own = d_readouts.data() + f * inr_.readout();
    for (std::size_t c = 0; c < channels; ++c) {
      const Real* from = d_weights_.data() + (f * channels + c) * readout_.padded_width();
      for (std::size_t k = 0; k < width; ++k) own[c * width + k] += from[k];
      own[channels * width + c] += d_biases_[f * channels + c];
    }
  }
  for (double& loss : losses) loss /= static_cast<double>(points * channels);
}

template class FramePass<float>;
template class FramePass<double>;

}  // namespace hypercast::hyper
