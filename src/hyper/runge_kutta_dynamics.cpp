#include "hyper/runge_kutta_dynamics.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/nearest.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::hyper {

std::vector<std::string> runge_kutta_names() { return {"rk4", "midpoint", "euler"}; }

RungeKutta runge_kutta_named(const std::string& name) {
  if (name == "rk4") return {};
  if (name == "midpoint") return {2, {0, 0.5}, {0, 1}, 1};
  if (name == "euler") return {1, {0}, {1}, 0.7};
  throw UserError(Exit::data,
                  "unknown Runge-Kutta method '" + name + "'" + did_you_mean(name, runge_kutta_names()));
}

template <class Real>
RungeKuttaDynamics<Real>::RungeKuttaDynamics(nn::FunctionPtr<Real> field, std::size_t code, RungeKutta method,
                                             int substeps)
    : field_(std::move(field)), code_(code), method_(method), substeps_(substeps) {
  check(field_->outputs() == code && field_->inputs() >= code && substeps >= 1,
        "a vector field does not fit");
}

template <class Real>
typename RungeKuttaDynamics<Real>::Layout RungeKuttaDynamics<Real>::layout(std::size_t rows) const {
  Layout l{};
  l.rows = rows;
  l.stages = static_cast<std::size_t>(method_.stages);
  l.input = nn::padded<Real>(rows * field_->inputs());
  l.field = nn::padded<Real>(field_->tape_size(rows));
  l.stage = l.input + l.field;
  l.slopes = nn::padded<Real>(rows * code_);
  l.derivative = l.input;
  l.packed = nn::padded<Real>(field_->packed_size());
  l.gradient = nn::padded<Real>(field_->packed_gradient_size());
  return l;
}

template <class Real>
int RungeKuttaDynamics<Real>::steps_for(double dt) const {
  return std::max(1, static_cast<int>(std::ceil(std::abs(dt) * substeps_ - 1e-9)));
}

template <class Real>
std::size_t RungeKuttaDynamics<Real>::tape_size(std::size_t rows, double dt) const {
  const Layout l = layout(rows);
  return l.packed_at(steps_for(dt)) + l.packed + l.gradient;
}

// The tape: of every stage its inputs [y, mu] and the field's tape; then scratch for one slope, one state
// (or its derivative) and one derivative of inputs; the field's packed parameters and their gradient.
template <class Real>
void RungeKuttaDynamics<Real>::step(std::span<const Real> w, std::span<const Real> y,
                                    std::span<const Real> mu, double dt, std::span<Real> out,
                                    std::span<Real> tape) const {
  const std::size_t d = code_, n = field_->inputs(), p = n - d;
  const Layout l = layout(y.size() / d);
  const int steps = steps_for(dt);
  const double h = dt / steps;
  const auto k = tape.subspan(l.scratch_at(steps), y.size());
  const auto state = tape.subspan(l.scratch_at(steps) + l.slopes, y.size());
  const auto packed = field_->pack(w, tape.subspan(l.packed_at(steps), field_->packed_size()));
  if (out.data() != y.data()) std::copy(y.begin(), y.end(), out.begin());
  for (int s = 0; s < steps; ++s) {
    std::copy(out.begin(), out.end(), state.begin());
    for (int i = 0; i < method_.stages; ++i) {
      const auto at = l.stage_at(s, i);
      const auto x = tape.subspan(at, l.rows * n);
      const Real c = static_cast<Real>(h * method_.nodes[i]), b = static_cast<Real>(h * method_.weights[i]);
      for (std::size_t r = 0; r < l.rows; ++r) {
        Real* to = x.data() + r * n;
        const Real *from = state.data() + r * d, *slope = k.data() + r * d;
        if (i == 0)
          std::copy_n(from, d, to);
        else
          for (std::size_t j = 0; j < d; ++j) to[j] = from[j] + c * slope[j];
        std::copy_n(mu.data() + r * p, p, to + d);
      }
      field_->forward(packed, x, k, tape.subspan(at + l.input, l.field));
      for (std::size_t j = 0; j < out.size(); ++j) out[j] += b * k[j];
    }
  }
}

// With g = dL/d out: dk_i = h b_i g + h a_{i+1} dx_{i+1}, dx_i = J_i^T dk_i, dL/dy = g + sum dx_i.
template <class Real>
void RungeKuttaDynamics<Real>::step_backward(std::span<const Real> w, std::span<const Real>,
                                             std::span<const Real>, double dt, std::span<Real> tape,
                                             std::span<const Real> d_out, std::span<Real> dw,
                                             std::span<Real> dy) const {
  const std::size_t d = code_, n = field_->inputs();
  const Layout l = layout(d_out.size() / d);
  const int steps = steps_for(dt);
  const double h = dt / steps;
  const auto dk = tape.subspan(l.scratch_at(steps), d_out.size());
  const auto g = tape.subspan(l.scratch_at(steps) + l.slopes, d_out.size());
  const auto dx = tape.subspan(l.scratch_at(steps) + 2 * l.slopes, l.rows * n);
  // As step() left them, unless the field takes w as it is.
  const auto stored = tape.subspan(l.packed_at(steps), l.packed);
  const auto packed = stored.empty() ? w : std::span<const Real>(stored).first(field_->packed_size());
  const auto storage = tape.subspan(l.packed_at(steps) + l.packed, field_->packed_gradient_size());
  const auto gradient = storage.empty() ? dw : storage;
  std::fill(storage.begin(), storage.end(), Real(0));
  if (dy.data() != d_out.data()) std::copy(d_out.begin(), d_out.end(), dy.begin());
  for (int s = steps; s-- > 0;) {
    std::copy(dy.begin(), dy.end(), g.begin());
    for (int i = method_.stages; i-- > 0;) {
      const Real b = static_cast<Real>(h * method_.weights[i]);
      const bool last = i + 1 == method_.stages;
      const Real c = last ? Real(0) : static_cast<Real>(h * method_.nodes[i + 1]);
      for (std::size_t r = 0; r < l.rows; ++r) {
        const Real *from = g.data() + r * d, *above = dx.data() + r * n;
        Real* to = dk.data() + r * d;
        if (last)
          for (std::size_t j = 0; j < d; ++j) to[j] = b * from[j];
        else
          for (std::size_t j = 0; j < d; ++j) to[j] = b * from[j] + c * above[j];
      }
      const auto at = l.stage_at(s, i);
      field_->backward(packed, tape.subspan(at, l.rows * n), tape.subspan(at + l.input, l.field), dk,
                       gradient, dx);
      for (std::size_t r = 0; r < l.rows; ++r)
        for (std::size_t j = 0; j < d; ++j) dy[r * d + j] += dx[r * n + j];
    }
  }
  if (!storage.empty()) field_->unpack_gradient(storage, dw);
}

template class RungeKuttaDynamics<float>;
template class RungeKuttaDynamics<double>;

}  // namespace hypercast::hyper
