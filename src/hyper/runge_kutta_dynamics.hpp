#pragma once
// Dynamics dy/dt = f(w, [y, mu]) from a vector field f, by an explicit Runge-Kutta method: `substeps` equal
// steps a frame, proportionally many (at least one) for another time. What is learned is the flow over these
// steps, so a method of low order is not less accurate at whole frames, and cheaper; times between frames
// follow the field as well as the method solves it.

#include <array>
#include <string>
#include <vector>

#include "hyper/dynamics.hpp"

namespace hypercast::hyper {

// Methods whose stages each start from the one before: the classical one of order four, the explicit midpoint
// rule of order two, Euler's of order one.
struct RungeKutta {
  int stages = 4;
  std::array<double, 4> nodes{0, 0.5, 0.5, 1};  // stage i starts from y + h nodes[i] k_{i-1}
  std::array<double, 4> weights{1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
  double reach = 1.5;  // rates times step that it follows stably, with a margin
};
RungeKutta runge_kutta_named(const std::string& name);  // UserError (data) when unknown
std::vector<std::string> runge_kutta_names();

template <class Real>
class RungeKuttaDynamics : public Dynamics<Real> {
 public:
  // `field` has code + parameters inputs and code outputs.
  RungeKuttaDynamics(nn::FunctionPtr<Real> field, std::size_t code, RungeKutta method, int substeps);

  std::size_t params() const override { return field_->params(); }
  std::vector<nn::Block> blocks() const override { return field_->blocks(); }
  std::size_t tape_size(std::size_t rows, double dt) const override;
  void step(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu, double dt,
            std::span<Real> out, std::span<Real> tape) const override;
  void step_backward(std::span<const Real> w, std::span<const Real> y, std::span<const Real> mu, double dt,
                     std::span<Real> tape, std::span<const Real> d_out, std::span<Real> dw,
                     std::span<Real> dy) const override;

 protected:
  const nn::Function<Real>& field() const { return *field_; }
  std::size_t code() const { return code_; }
  std::size_t parameters() const { return field_->inputs() - code_; }
  // The largest rate, per frame, that the steps follow stably.
  double reach() const { return method_.reach * substeps_; }

 private:
  // Where the pieces of the tape lie; every piece starts on a cache line.
  struct Layout {
    std::size_t rows, stages, input, field, stage, slopes, derivative, packed, gradient;
    std::size_t stage_at(int step, int stage_number) const {
      return (static_cast<std::size_t>(step) * stages + stage_number) * stage;
    }
    std::size_t scratch_at(int steps) const { return stage_at(steps, 0); }
    std::size_t packed_at(int steps) const { return scratch_at(steps) + 2 * slopes + derivative; }
  };
  Layout layout(std::size_t rows) const;
  int steps_for(double dt) const;

  nn::FunctionPtr<Real> field_;
  std::size_t code_;
  RungeKutta method_;
  int substeps_;
};

}  // namespace hypercast::hyper
