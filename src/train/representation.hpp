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

// COLLECTIVE. Where codes [fitted frame][size] lie and what their fields leave out, phi of the model of
// codes.
hyper::CodeFacts code_facts(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                            std::span<const float> phi, std::span<const float> codes);

// How codes are searched where the field is not linear in them.
struct CodeSearch {
  std::span<const float> start;  // [fitted frame][size]; empty: at the mean of the training codes
  int points = 0;                // of a frame, drawn once; 0: all that are observed
  int iterations = 30;           // Gauss-Newton steps at most
  std::int64_t seed = 0;         // of the points
};

// COLLECTIVE. Codes[trajectory][frame][size] of all fitted frames from their observed points
// (hyper/code_fit.hpp); `error` becomes the mean square error of what they stand for, on all points, in the
// fields' units; of a part of the frames where that is costly.
std::vector<float> encode(const Context& context, const Dataset& data, const hyper::Model<double>& model,
                          std::span<const double> phi, const CodeSearch& search, double& error);

}  // namespace hypercast::train
