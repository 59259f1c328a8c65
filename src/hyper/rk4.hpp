#pragma once
// Dynamics dy/dt = f(w, [y, mu]) from a vector field f, by the classical Runge-Kutta method of order four:
// `substeps` equal steps a frame, proportionally many (at least one) for another time.

#include "hyper/dynamics.hpp"

namespace hypercast::hyper {

template <class Real>
class Rk4Dynamics : public Dynamics<Real> {
 public:
  // `field` has code + parameters inputs and code outputs.
  Rk4Dynamics(nn::FunctionPtr<Real> field, std::size_t code, int substeps);

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
  int substeps() const { return substeps_; }

 private:
  // Where the pieces of the tape lie; every piece starts on a cache line.
  struct Layout {
    std::size_t rows, input, field, stage, slopes, derivative;
    std::size_t stage_at(int step, int stage_number) const {
      return (static_cast<std::size_t>(step) * 4 + stage_number) * stage;
    }
    std::size_t scratch_at(int steps) const { return stage_at(steps, 0); }
  };
  Layout layout(std::size_t rows) const;
  int steps_for(double dt) const;

  nn::FunctionPtr<Real> field_;
  std::size_t code_;
  int substeps_;
};

}  // namespace hypercast::hyper
