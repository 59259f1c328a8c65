#pragma once
// Latent training, for models whose condition is a code: one stage after the other, each a Loop.
//
//   stage 0       the field of a code. Heads that move the readout of a trunkless hypernetwork: the features,
//   by
//                 variable projection (projection.hpp); others: everything and a free code a frame
//                 (auto-decoding, frame_loss.hpp). It ends with the codes of all frames (representation.hpp).
//   stage 1, 2, . the dynamics of the codes, one member of the ensemble a stage (rollout_loss.hpp)
//
// Selection, where there is any, looks at trajectories that were kept for validation.

#include "deck/app.hpp"
#include "hyper/model.hpp"
#include "train/options.hpp"

namespace hypercast::train {

// COLLECTIVE. See train().
Exit train_latent(const Study& study);

// COLLECTIVE. See describe().
std::string describe_latent(const Study& study);

// UserError (Exit::data) when dynamics cannot be learned from training sequences of so many frames, or an
// ensemble is asked of a kind that is fitted in closed form, whose members would all be the same.
void check_dynamics(const Deck& deck, const DynamicsTraining& options, std::size_t frames);

// UserError (Exit::data) when so many training frames cannot have as many independent components as a code
// has numbers, or an INR of modes as many modes: told before anything is learned.
void check_codes(const Deck& deck, const hyper::Model<float>& model, std::size_t frames);

}  // namespace hypercast::train
