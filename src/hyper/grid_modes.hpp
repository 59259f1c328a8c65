#pragma once
// The modes of the INR `pod` from data: the proper orthogonal decomposition (nn/pod.hpp) of frames on the
// training grid, laid out as theta_h.

#include <span>

#include "core/buffer.hpp"

namespace hypercast::hyper {

// theta_h = [points][count], of frames [point][channel] as they are learned (normalised). The mean field and
// the leading modes of all channels together, as many as fit: since channels share their features, each
// channel's part of every mode is a feature of its own, and count / channels - 1 modes fit. They span what a
// code of that size needs to be the coefficients of the decomposition. Features are orthonormal in the mean
// over the grid within a channel's own; what count leaves over is zero. The same bits each time; one core.
// UserError (Exit::data) when the frames have fewer independent modes, and as check_modes().
Buffer<float> grid_modes(std::span<const std::span<const float>> frames, std::size_t channels,
                         std::size_t count);

// UserError (Exit::data) when `count` modes are too few for the channels, or more than a grid of so many
// points or so many frames can have.
void check_modes(std::size_t count, std::size_t channels, std::size_t points, std::size_t frames);

}  // namespace hypercast::hyper
