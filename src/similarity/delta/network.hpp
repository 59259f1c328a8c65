#pragma once
// The hypernetwork of Delta and what gradient descent on one model's loss makes of it.
//
//   c [code] --trunk--> h [width],  W = V h + b  [m][k];   phi = [trunk | V | b]
//
// It is the trainer's hypernetwork: an encoder that passes c through, an MLP with one hidden layer as trunk
// (none if linear), the head `full`. With G = dl/dW the gradient of a loss is dV = G h', db = G, and on
// through V'G to the trunk. So T steps leave
//
//   V_T = V - eta sum_t G_t h_t',   b_T = b - eta sum_t G_t,
//   W_T(c) = V h_T(c) + b - eta sum_t (h_t . h_T(c) + 1) G_t,
//
// which is exact and needs no second V. Without an output bias the 1 is 0 and b stays zero.

#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "hyper/hypernetwork.hpp"
#include "similarity/delta/readouts.hpp"

namespace hypercast::similarity {

struct ReadoutNetwork {
  hyper::Hypernetwork<double> hypernetwork;
  Buffer<double> phi;  // phi_0
  bool bias = true;

  std::size_t weights() const { return hypernetwork.head().own(); }  // m k
  std::size_t trunk() const { return phi.size() - hypernetwork.head().params(); }
};

// Trunk weights N(0, 1 / inputs), V ~ N(0, init_scale^2 / (width m)), no bias at first; drawn with (seed,
// repeat). code: numbers of c; m, k: shape of W.
ReadoutNetwork readout_network(const DeltaScheme& scheme, int repeat, std::size_t code, std::size_t m,
                               std::size_t k);

// `steps` steps on one loss l, whose classifier is written from one code.
struct Descent {
  double eta = 0;          // of every step; 0 where there is no gradient
  double loss = 0;         // l at phi_0
  double square = 0;       // |dl/dphi|^2 at phi_0, with the code's part if that is learned
  Buffer<double> h;        // [steps][width] h_t of the code
  Buffer<double> g;        // [steps][m k] G_t
  Buffer<double> trunk;    // the trunk's parameters after the last step
  Buffer<double> code;     // the code after the last step
  Buffer<double> d_trunk;  // dl/dtrunk at phi_0
  Buffer<double> d_code;   // dl/dc at phi_0

  // As one stretch of numbers, to be sent. read() wants a Descent whose arrays have their sizes.
  Buffer<double> numbers() const;
  void read(std::span<const double> numbers);
};
Descent empty_descent(const DeltaScheme& scheme, const ReadoutNetwork& network);

// Descents on one model's loss from several codes [count][code].
template <class Real>
std::vector<Descent> descend(const DeltaScheme& scheme, const ReadoutNetwork& network,
                             std::span<const double> codes, const ReadoutFeatures<Real>& features,
                             const ModelTargets& targets);

// Where to ask for weights.
struct Place {
  const Descent* after = nullptr;  // null: phi_0
  std::span<const double> code;
};
// lanes_for(places.size()) readouts of k outputs; idle lanes are zero.
template <class Real>
Readouts<Real> readouts_at(const ReadoutNetwork& network, std::span<const Place> places, std::size_t k);

// kappa = h_a . h_b + 1, of the hidden units at phi_0 (without an output bias: h_a . h_b).
double kappa(const ReadoutNetwork& network, const Descent& a, const Descent& b);
// <dl_a/dphi, dl_b/dphi> at phi_0; `one`: the descents are of one model, so that a learned code counts.
double gradient_product(const DeltaScheme& scheme, const ReadoutNetwork& network, const Descent& a,
                        const Descent& b, bool one);

}  // namespace hypercast::similarity
