#pragma once
// Latent dynamics in a checkpoint, beside the model whose codes they move: the one place that knows the
// names.
//
//   dynamics/deck               its deck sections as text
//   dynamics/interval           between the frames of the training sequences
//   dynamics/scaling/...        see CodeScaling
//   dynamics/members            how many there are
//   dynamics/wanted             how many there will be when training is done
//   dynamics/psi/<k>            float32, the parameters of member k

#include <optional>

#include "hyper/codes.hpp"
#include "io/checkpoint.hpp"

namespace hypercast::hyper {

struct LatentDynamics {
  std::string deck;  // see dynamics_deck()
  double interval = 1;
  CodeScaling scaling;
  std::vector<Buffer<float>> members;  // psi of each
  std::size_t wanted = 1;              // members when training is done
};

void put_dynamics(io::Archive& archive, const LatentDynamics& dynamics);
// Nothing when the archive holds none, or none that is complete.
std::optional<LatentDynamics> get_dynamics(const io::Archive& archive);

}  // namespace hypercast::hyper
