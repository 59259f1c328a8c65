#pragma once
// The last stage of a hypernetwork: trunk outputs h to INR weights. A head says which part of theta the
// condition moves:
//
//   theta_t = [shared part, the same for all conditions | own part of condition t]
//
// The shared part is a stretch of the head's own parameters (its first `shared()` entries), so it needs no
// computation; it is empty when every condition has a theta of its own. The own part follows from numbers
// that an affine map makes of h (hyper/affine.hpp): w = [fixed | W (rows x width) | b (rows)]. The map is
// what is large, and all that differs between conditions passes through it, so it is what ranks divide among
// them.
//
// A head is one file, src/hyper/heads/<name>.cpp.

#include <functional>
#include <memory>

#include "core/registry.hpp"
#include "deck/section.hpp"
#include "hyper/affine.hpp"
#include "hyper/inr.hpp"

namespace hypercast::hyper {

// What a head is built for.
struct HeadShape {
  std::size_t width = 0;          // of h
  std::size_t theta = 0;          // P
  std::size_t hidden = 0;         // |theta_h|: theta without its readout
  std::vector<nn::Block> blocks;  // of theta
  double init_scale = 0.1;        // spread of theta over conditions at the start, relative to theta itself
};

template <class Real>
class Head {
 public:
  virtual ~Head() = default;

  // The map's rows: how many numbers the condition moves.
  virtual std::size_t rows() const = 0;
  // The head's own parameters in front of the map's; all conditions share them.
  virtual std::size_t fixed() const = 0;
  virtual std::size_t shared() const { return 0; }  // leading entries of theta that are `fixed` as they stand
  virtual std::vector<nn::Block> blocks() const = 0;
  Affine<Real> map() const { return {rows(), shape_.width}; }
  std::size_t params() const { return fixed() + map().params(); }
  std::size_t own() const { return shape_.theta - shared(); }
  // Whether the numbers that move are the own part as they stand; else expand() makes it of them.
  virtual bool direct() const { return false; }
  // Whether they are the readout alone.
  virtual bool moves_readout_only() const { return false; }

  // How all begins, near `start`: a theta as an INR of its own would begin with. The map's numbers are drawn
  // from the same `random`.
  virtual void initialise_fixed(std::span<Real> fixed, std::span<const Real> start,
                                const Random& random) const = 0;
  virtual AffineStart<Real> map_start(std::span<const Real> start) const = 0;

  // Of one condition: theta[own] from the numbers moved[rows].
  virtual void expand(std::span<const Real> fixed, std::span<const Real> moved, std::span<Real> theta) const;
  // WRITES d_moved, ADDS to d_fixed unless it is empty.
  virtual void expand_backward(std::span<const Real> fixed, std::span<const Real> moved,
                               std::span<const Real> d_theta, std::span<Real> d_moved,
                               std::span<Real> d_fixed) const;

  // All of it: theta[T][own] for h[T][width].
  void forward(std::span<const Real> w, std::span<const Real> h, std::span<Real> theta) const;
  // From d_theta[T][own] and d_shared[shared]: ADDS to dw unless it is empty, WRITES dh[T][width].
  void backward(std::span<const Real> w, std::span<const Real> h, std::span<const Real> d_theta,
                std::span<const Real> d_shared, std::span<Real> dw, std::span<Real> dh) const;

 protected:
  explicit Head(HeadShape shape) : shape_(std::move(shape)) {}
  const HeadShape& shape() const { return shape_; }

 private:
  HeadShape shape_;
};

template <class Real>
using HeadPtr = std::unique_ptr<Head<Real>>;

class HeadKind {
 public:
  virtual ~HeadKind() = default;
  virtual void describe(Section& section) = 0;  // its table [hypernetwork.<name>]
  virtual HeadPtr<float> make(HeadShape shape, float) const = 0;
  virtual HeadPtr<double> make(HeadShape shape, double) const = 0;
};

using HeadRegistry = Registry<std::function<std::unique_ptr<HeadKind>()>>;
void register_heads(HeadRegistry& registry);  // all files of heads/
HeadRegistry head_registry();

}  // namespace hypercast::hyper
