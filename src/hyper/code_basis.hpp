#pragma once
// Codes as coordinates of the field. Of readouts that were fitted to training frames, the principal
// components in the metric of the field become the code: theta_own = W z + b, where the fields of the columns
// of W are orthonormal in the mean over the grid, so that an error of a code is an error of the field. It is
// the POD of the frames within what the features span.

#include <vector>

#include "core/buffer.hpp"
#include "hyper/model.hpp"

namespace hypercast::hyper {

// [n][K + 1]: the features of theta_h at x[n][inputs], and a last column of ones for the bias.
Buffer<double> feature_matrix(const Inr<float>& inr, std::span<const float> hidden, std::span<const float> x);

// A frame's readout [C (channels x K) | b (channels)] from coefficients [channels][K + 1], and back.
void to_readout(std::span<const double> coefficients, std::size_t channels, std::span<double> readout);

struct CodeBasis {
  Buffer<float> head;  // the head's affine map [W (own x width) | b (own)], width = size + parameters
  std::vector<double> variances;  // of the codes, falling, [size]
  double left_out = 0;            // mean square of the fitted fields that `size` numbers cannot hold
};

// coefficients[frames][channels][K + 1] of the training frames, mu[frames][p] their parameters as H takes
// them: what follows from them linearly is taken out first. The same bits each time. UserError (Exit::data)
// when the frames have fewer independent components than `size`.
CodeBasis principal_codes(const Model<float>& model, std::span<const float> hidden,
                          std::span<const double> coefficients, std::span<const double> mu, std::size_t size);

}  // namespace hypercast::hyper
