#include "hyper/readout.hpp"

#include <algorithm>

namespace hypercast::hyper {

using nn::padded;

namespace {

constexpr std::size_t few = 4;

}  // namespace

template <class Real>
Readout<Real>::Readout(std::size_t width, std::size_t channels, std::size_t most_frames)
    : width_(width),
      padded_(padded<Real>(width)),
      channels_(channels),
      rows_(most_frames * channels * padded_),
      columns_of_(width * padded<Real>(most_frames * channels)),
      b_(padded<Real>(most_frames * channels)) {}

template <class Real>
void Readout<Real>::set(std::span<const Real> readouts) {
  const std::size_t size = channels_ * (width_ + 1);
  columns_ = readouts.size() / size * channels_;
  narrow_ = columns_ <= few;
  for (std::size_t j = 0; j < columns_; ++j) {
    const Real* frame = readouts.data() + j / channels_ * size;
    const Real* from = frame + j % channels_ * width_;
    std::copy_n(from, width_, rows_.begin() + j * padded_);
    b_[j] = frame[channels_ * width_ + j % channels_];
    if (narrow_) continue;
    for (std::size_t k = 0; k < width_; ++k) columns_of_[k * padded<Real>(columns_) + j] = from[k];
  }
}

template <class Real>
void Readout<Real>::apply(std::size_t rows, const Real* phi, Real* u) const {
  const auto& k = nn::kernels<Real>();
  if (narrow_)
    k.project(rows, width_, columns_, {phi, width_}, {rows_.data(), padded_}, b_.data(), {u, columns_});
  else
    k.multiply(rows, width_, columns_, {phi, width_}, {columns_of_.data(), padded<Real>(columns_)},
               {b_.data(), 0}, {u, columns_});
}

template <class Real>
void Readout<Real>::apply_transposed(std::size_t rows, const Real* d_u, Real* d_phi) const {
  nn::kernels<Real>().multiply(rows, columns_, width_, {d_u, columns_}, {rows_.data(), padded_}, {nullptr, 0},
                               {d_phi, width_});
}

template class Readout<float>;
template class Readout<double>;

}  // namespace hypercast::hyper
