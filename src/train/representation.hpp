#pragma once
// From trained weights to codes: what closes the first stage of latent training. The frames' codes, where
// they lie, and how much of a field they leave out.

#include "hyper/code_fit.hpp"
#include "train/dataset.hpp"

namespace hypercast::train {

// What codes are to the rest of the training and to forecasts.
struct Representation {
  Buffer<float> phi;       // of the model of codes, whole
  hyper::CodeFacts codes;  // mean, covariance, noise
};

// COLLECTIVE. Heads that move the readout only, without a trunk: `hidden` are the shared weights. Every
// fitted frame's readout is estimated from its observed points, where these are few with a prior learned from
// all frames by empirical Bayes; their principal components become the code (hyper/code_basis.hpp).
Representation linear_representation(const Context& context, const Dataset& data,
                                     const hyper::Model<float>& model, std::span<const float> hidden,
                                     std::size_t code_size);

// COLLECTIVE. Other models: `phi` is that of the auto-decoder, whose table holds the codes.
Representation decoder_representation(const Context& context, const Dataset& data,
                                      const hyper::Model<float>& auto_decoder,
                                      const hyper::Model<float>& model, std::span<const float> phi);

// COLLECTIVE. Codes[trajectory][frame][d] of all fitted frames from their observed points
// (hyper/code_fit.hpp); `error` becomes the mean square error of what they stand for, on all points, in the
// fields' units. `start`: codes to begin with where the fit iterates, else empty.
std::vector<float> encode(const Context& context, const Dataset& data, const hyper::Model<double>& model,
                          std::span<const double> phi, std::span<const float> start, double& error);

}  // namespace hypercast::train
