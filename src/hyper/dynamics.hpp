#pragma once
// Latent dynamics dy/dt = f_psi(y, mu): how a code moves. They work on scaled codes and parameters
// (CodeScaling) and on time in units of the frame interval, and are a flow: step() takes codes over any span
// of time. psi is a flat array that somebody else owns, as everywhere.
//
// The trained object is the discrete flow itself (discretise, then optimise): its gradient is exact for the
// steps that are taken. Take whole frames with dt = 1, as in training, and a remainder with one shorter step.
//
// Dynamics are one file, src/hyper/dynamics/<name>.cpp: a kind that describes its table [dynamics.<name>].

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/random.hpp"
#include "core/registry.hpp"
#include "deck/deck.hpp"
#include "hyper/codes.hpp"
#include "nn/function.hpp"

namespace hypercast::hyper {

template <class Real>
class Dynamics {
 public:
  virtual ~Dynamics() = default;

  virtual std::size_t params() const = 0;
  virtual std::vector<nn::Block> blocks() const = 0;  // tile psi in order of offset
  // Whether initialise() is all there is: a least-squares fit that steps of an optimiser do not improve.
  virtual bool is_fitted() const { return false; }
  // Whether a step over part of a frame is as good as one over a whole one.
  virtual bool is_exact_in_time() const { return false; }

  // psi to begin with, from scaled training sequences of at least two frames. The same bits for the same
  // sequences; not collective.
  virtual void initialise(std::span<Real> w, const CodeSequences& sequences, const Random& random) const = 0;

  // out[B][d] = the codes y[B][d] after a time dt, in frame intervals, with parameters mu[B][p].
  // y and out may be the same array.
  virtual std::size_t tape_size(std::size_t rows, double dt) const = 0;
  virtual void step(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu, double dt,
                    std::span<Real> out, std::span<Real> tape) const = 0;
  // For the last step on this tape: ADDS dL/dpsi to dw, WRITES dL/dy to dy. The tape is used up. dy and
  // d_out may be the same array.
  virtual void step_backward(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu,
                             double dt, std::span<Real> tape, std::span<const Real> d_out, std::span<Real> dw,
                             std::span<Real> dy) const = 0;

  // Dynamics that are linear in y: the factor by which the fastest growing direction grows per frame at
  // these parameters [p] (the spectral radius); above one, long forecasts leave all bounds.
  virtual std::optional<double> growth(std::span<const Real>, std::span<const Real>) const { return {}; }
};

template <class Real>
using DynamicsPtr = std::unique_ptr<Dynamics<Real>>;

class DynamicsKind {
 public:
  virtual ~DynamicsKind() = default;
  virtual void describe(Section& section) = 0;  // its table [dynamics.<name>]
  virtual DynamicsPtr<float> make(const CodeScaling& scaling, float) const = 0;
  virtual DynamicsPtr<double> make(const CodeScaling& scaling, double) const = 0;
};

using DynamicsRegistry = Registry<std::function<std::unique_ptr<DynamicsKind>()>>;
void register_dynamics(DynamicsRegistry& registry);  // all files of dynamics/
DynamicsRegistry dynamics_registry();

// The key of [dynamics] that says which; training adds its own keys to the section.
struct DynamicsOptions {
  static constexpr const char* section = "dynamics";
  std::string kind = "mlp";
  void describe(Section& s);
};

// The table [dynamics.<kind>] of every kind (not [dynamics] itself).
void add_dynamics_kinds(Schema& schema);
std::string list_dynamics();  // for --list

template <class Real>
DynamicsPtr<Real> make_dynamics(const Deck& deck, const CodeScaling& scaling);

// [dynamics] kind and the table of that kind, with the values in force, as a deck.
std::string dynamics_deck(const Deck& deck);

}  // namespace hypercast::hyper
