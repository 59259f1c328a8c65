#pragma once
// The last stage of a hypernetwork: trunk outputs h to INR weights. A head says which part of theta the
// condition moves:
//
//   theta_t = [shared part, the same for all conditions | own part of condition t]
//
// The shared part is a stretch of the head's own parameters (its first `shared()` entries), so it needs no
// computation; it is empty when every condition has a theta of its own. Sums over conditions run in one
// order, as dense products of fixed shape: the caller never lets the number of ranks change T.
//
// A head is one file, src/hyper/heads/<name>.cpp.

#include <functional>
#include <memory>

#include "core/registry.hpp"
#include "deck/section.hpp"
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

  virtual std::size_t params() const = 0;
  virtual std::size_t shared() const = 0;  // leading entries of theta that all conditions share
  virtual std::vector<nn::Block> blocks() const = 0;
  std::size_t own() const { return shape_.theta - shared(); }
  // Whether the own part is the readout, an affine function of h; params() then is [shared | Affine].
  virtual bool moves_readout_only() const { return false; }

  // `start`: a theta as an INR of its own would begin with; every condition starts near it.
  virtual void initialise(std::span<Real> w, std::span<const Real> start, const Random& random) const = 0;

  // theta[T][own] for h[T][width]
  virtual void forward(std::span<const Real> w, std::span<const Real> h, std::span<Real> theta) const = 0;
  // From d_theta[T][own] and d_shared[shared]: ADDS to dw unless it is empty, WRITES dh[T][width].
  virtual void backward(std::span<const Real> w, std::span<const Real> h, std::span<const Real> d_theta,
                        std::span<const Real> d_shared, std::span<Real> dw, std::span<Real> dh) const = 0;

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

// An affine map theta = W h + b with w = [W (rows x width) | b (rows)], the piece all heads share.
template <class Real>
struct Affine {
  std::size_t rows, width;
  std::size_t params() const { return rows * (width + 1); }
  // b = start; W: normal, spread so that each entry of W h varies by `scale` times the typical size of its
  // block when h has entries of size one.
  void initialise(std::span<Real> w, std::span<const Real> start, std::span<const nn::Block> blocks,
                  double scale, const Random& random) const;
  void forward(std::span<const Real> w, std::span<const Real> h, std::span<Real> y) const;
  void backward(std::span<const Real> w, std::span<const Real> h, std::span<const Real> dy,
                std::span<Real> dw,
                std::span<Real> dh) const;  // ADDS to dw, unless it is empty, and to dh
};

// The rest of a gradient from `begin` on; nothing of one that nobody wants.
template <class Real>
std::span<Real> rest_of(std::span<Real> dw, std::size_t begin) {
  return dw.empty() ? dw : dw.subspan(begin);
}

}  // namespace hypercast::hyper
