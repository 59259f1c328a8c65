#pragma once
// What a latent forecast of unseen trajectories must beat. All baselines know what the model knows: the In-t
// frames of the training trajectories where they were observed, and of each trajectory of the reference one
// frame, the first of the window, at its observed points.

#include <memory>

#include "forecast/forecaster.hpp"
#include "forecast/fourier_fit.hpp"
#include "forecast/reference.hpp"
#include "hyper/observed.hpp"

namespace hypercast::forecast {

struct EnsembleKnowledge {
  FrameSpans training;                // trajectory by trajectory, borrowed
  std::size_t training_frames = 0;    // In-t frames of each
  hyper::Observed training_observed;  // points of them
  hyper::Observed observed;           // points of the reference's first frame
  int rank = 100;                     // of the POD: the code's size
};

// persistence    the first frame (all its points, whatever is observed), for ever
// zero           nothing
// mean_field     the mean of the training frames; not where these are observed in part
// pod            POD and a linear map of its codes (forecast/pod_linear.hpp). A first frame that is observed
// in part
//                is completed as by fourier_prior or, without that, encoded with the training codes as prior;
//                training frames that are observed in part, all at the same points, are completed likewise;
//                not where each training trajectory has a mask of its own
// Where the first frame is observed in part, held for ever:
// fourier        the Fourier modes that are fitted to it by least squares, at most as many as points
// fourier_prior  the same, up to 600 modes with a prior learned from the training frames (empirical Bayes);
//                one mask for all trajectories, whose points the training frames have, too
// `reference` is borrowed; the frames of training until this returns. Every rank computes the same; takes
// seconds to tens of seconds.
std::vector<std::unique_ptr<Forecaster>> ensemble_baselines(const Reference& reference,
                                                            const hyper::ModelFacts& facts,
                                                            const EnsembleKnowledge& known);

// Of forecasts that start from measurements at any places: zero and mean_field.
std::vector<std::unique_ptr<Forecaster>> still_baselines(const FrameSpans& training);

}  // namespace hypercast::forecast
