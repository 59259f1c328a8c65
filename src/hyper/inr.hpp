#pragma once
// An implicit neural representation g_theta: a feature map phi followed by a linear readout,
//   u(x) = C phi(theta_h, x) + b,      theta = [theta_h | C (channels x K) | b (channels)],
// so that every INR can have its last layer moved alone, fitted by least squares, or shared between frames.
// x is what Coordinates::embed makes of a point.
//
// An INR is one file, src/hyper/inrs/<name>.cpp: a kind that describes its table [inr.<name>] and makes phi.
// Two are linear models of the field: the waves of `fourier` with depth 0 (theta_h is empty) and the modes of
// `pod` (theta_h = their values, one block "modes" [grid points][modes], for a trainer to set from data; see
// hyper/grid_modes.hpp).

#include <functional>
#include <memory>

#include "core/registry.hpp"
#include "deck/section.hpp"
#include "hyper/coordinates.hpp"
#include "nn/function.hpp"

namespace hypercast::hyper {

// What an INR is built for: the domain, and the grid it was learned on.
struct InrShape {
  std::vector<io::Axis> axes;
  // Features with which the code of the deck can be the principal components of the fields: its size and one
  // for the mean field, of each channel. 0: the condition is no code.
  std::size_t components = 0;
  std::size_t inputs() const { return Coordinates::of(axes).inputs(); }
};

class InrKind {
 public:
  virtual ~InrKind() = default;
  virtual void describe(Section& section) = 0;
  // Whether theta_h is the values of modes on the grid, for a trainer to take from the data (grid_modes.hpp).
  virtual bool wants_modes() const { return false; }
  // phi. The second argument only selects the type.
  virtual nn::FunctionPtr<float> features(const InrShape& shape, float) const = 0;
  virtual nn::FunctionPtr<double> features(const InrShape& shape, double) const = 0;
};

using InrRegistry = Registry<std::function<std::unique_ptr<InrKind>()>>;
void register_inrs(InrRegistry& registry);  // all files of inrs/
InrRegistry inr_registry();

template <class Real>
class Inr {
 public:
  Inr(nn::FunctionPtr<Real> features, std::size_t channels);

  const nn::Function<Real>& features() const { return *features_; }
  std::size_t channels() const { return channels_; }
  std::size_t inputs() const { return features_->inputs(); }
  std::size_t hidden() const { return features_->params(); }                      // |theta_h|
  std::size_t readout() const { return channels_ * (features_->outputs() + 1); }  // |C| + |b|
  std::size_t params() const { return hidden() + readout(); }                     // |theta| = P
  std::vector<nn::Block> blocks() const;

  // theta as a network of its own would start; the readout like a dense layer.
  void initialise(std::span<Real> theta, const Random& random) const;

  // values[n][channels] at x[n][inputs]; works through the points in blocks.
  void evaluate(std::span<const Real> theta, std::span<const Real> x, std::span<Real> values) const;

 private:
  nn::FunctionPtr<Real> features_;
  std::size_t channels_;
};

// Points that go through a network together: large enough to feed the matrix products, small enough that
// all activations of a block stay in cache.
inline constexpr std::size_t point_block = 96;

}  // namespace hypercast::hyper
