#pragma once
// A SIREN with weights and points that are made up: what is timed of INRs alone.

#include "core/buffer.hpp"
#include "hyper/inr.hpp"

namespace hypercast::bench {

struct SirenShape {
  int width = 64, layers = 3, inputs = 2, outputs = 1;
  double omega = 5;  // of all layers

  // P_w, without biases: a point takes 2 P_w operations forward and 6 P_w with the gradient.
  double weights() const;
};

hyper::Inr<float> make_siren(const SirenShape& shape);
Buffer<float> made_up_weights(const hyper::Inr<float>& inr);  // theta as an INR of its own begins
Buffer<float> made_up_values(std::size_t count);              // in (-1, 1)

}  // namespace hypercast::bench
