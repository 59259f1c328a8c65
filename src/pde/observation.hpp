#pragma once
// Which points of the grid are observed when a field is known in part: one mask for all trajectories and
// frames.

#include "deck/app.hpp"
#include "pde/setup.hpp"

namespace hypercast::pde {

// 1 where a point is observed: where uniform24 >= 1 - rate in single precision, numbers drawn point by point
// from the Mersenne twister of that seed (pde/twister.hpp). That is PyTorch's torch.rand(shape) >= 1 - rate.
std::vector<std::uint8_t> observation_mask(std::size_t points, double rate, std::uint32_t seed);

// COLLECTIVE. Writes the masks of the deck's [observation] rates (io/masks.hpp), replacing an earlier file;
// does nothing when there are none. Error (Exit::io) on all ranks on failure.
void write_observation_masks(const Study& study, const Setup& setup, const io::Provenance& provenance);

}  // namespace hypercast::pde
