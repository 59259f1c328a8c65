#include "forecast/galerkin/evolution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "forecast/galerkin/draw.hpp"

namespace hypercast::forecast {

namespace {

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

// The state of one run. All numbers are the same on all ranks.
class Run {
 public:
  Run(const Context& context, GridField& grid, Projection& projection, std::span<const double> q,
      double start, double end, const GalerkinOptions& options)
      : context_(context),
        grid_(grid),
        projection_(projection),
        options_(options),
        method_(tableau(options.method)),
        end_(end),
        span_(end - start),
        channels_(grid.field(q).size() / grid.points()),
        inputs_(grid.x().size() / grid.points()),
        t_(start),
        q_(q.begin(), q.end()) {}

  Evolution go(const std::function<void(const StepRecord&)>& tell) {
    const double slack = 1e-12 * std::max(1.0, std::abs(end_));
    while (t_ < end_ - slack) {
      if (context_.signals.poll(context_.comm).stop) {
        evolution_.stopped = true;
        return std::move(evolution_);
      }
      begin_step();
      if (!evolution_.stall.empty()) return std::move(evolution_);
      if (length_ == 0) choose_first_length();
      if (!try_steps()) return std::move(evolution_);
      evolution_.steps.push_back(record_);
      if (tell) tell(record_);
    }
    if (span_ > 0) begin_step();
    return std::move(evolution_);
  }

 private:
  // Draws the points and finds the rate at the start of a step.
  void begin_step() {
    const std::size_t all = grid_.points(), count = static_cast<std::size_t>(options_.points);
    if (count > 0 && count < all) {
      chosen_ = draw_points(all, count, static_cast<std::uint64_t>(options_.seed), number_);
      x_ = pick(grid_.x(), *chosen_, inputs_);
    }
    const Velocity first = known_ ? *std::exchange(known_, std::nullopt) : velocity(t_, q_);
    const double field = root_mean_square(grid_.field(q_));
    record_ = {};
    record_.time = t_;
    record_.residual = first.relative();
    record_.rate = field > 0 ? first.size / field : first.size;
    record_.iterations = first.iterations;
    record_.converged = first.converged;
    double squares = 0;
    for (const double v : first.v) squares += v * v;
    record_.speed = std::sqrt(squares);
    look_for_stall(first, field);
    if (evolution_.stall.empty()) look_for_long_step(first);
    evolution_.knots.push_back({t_, q_, first.v});
  }

  // A rest of the rate counts when, left out for the time to come, it would move the field: a field that has
  // come to rest has rates that are nothing but rounding.
  void look_for_stall(const Velocity& first, double field) {
    if (!std::isfinite(first.residual) || !finite(first.v)) {
      evolution_.stall = fmt::format(
          "stalled at t = {:.6g}: its least-squares problem has no finite solution; a larger "
          "galerkin.regularisation may help",
          t_);
    } else if (first.relative() > options_.most_residual && first.residual * span_ > 1e-3 * field) {
      evolution_.stall = fmt::format(
          "stalled at t = {:.6g}: the weights can follow only part of the rate of change, the "
          "residual |J v - F| / |F| is {:.3g} (most_residual {:g})",
          t_, first.relative(), options_.most_residual);
    }
  }

  Velocity velocity(double t, std::span<const double> q) {
    const auto rates = grid_.rates(t, q);
    if (!finite(rates)) return {Buffer<double>(q.size(), NAN), NAN, NAN, 0};
    auto found = chosen_ ? projection_.project(q, x_, pick(rates, *chosen_, channels_))
                         : projection_.project(q, grid_.x(), rates);
    if (!found.converged) ++evolution_.unconverged;
    return found;
  }

  // The field moves by a hundredth of itself; an adaptive pair then finds its own.
  void choose_first_length() {
    length_ = options_.step;
    if (length_ == 0) length_ = record_.rate > 0 ? 0.01 / record_.rate : span_;
  }

  // A method without an estimate of its error would take any step. What it did is held against the
  // trapezoidal rule, whose error falls with the square of the length: where the field moves otherwise by
  // half of what it moves, neither is right.
  void look_for_long_step(const Velocity& first) {
    if (method_.estimates() || evolution_.knots.empty() || !finite(first.v)) return;
    const auto& before = evolution_.knots.back();
    const double h = t_ - before.time;
    Buffer<double> other(q_.size());
    for (std::size_t i = 0; i < q_.size(); ++i)
      other[i] = before.q[i] + h / 2 * (before.rate[i] + first.v[i]);
    const double moved = distance(q_, before.q), apart = distance(q_, other);
    if (apart <= moved / 2 || apart <= 1e-6 * root_mean_square(grid_.field(q_))) return;
    evolution_.stall = fmt::format(
        "stalled at t = {:.6g}: a step of {:.3g} moves the field by {:.3g}, and by {:.3g} otherwise by the "
        "trapezoidal rule; galerkin.step is too long",
        before.time, h, moved, apart);
  }

  // Of two fields.
  double distance(std::span<const double> p, std::span<const double> q) {
    auto difference = grid_.field(p);
    const auto other = grid_.field(q);
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= other[i];
    return root_mean_square(difference);
  }

  // One accepted step; false when it stalls.
  bool try_steps() {
    Velocity last;
    const Rate rate = [&](double t, std::span<const double> q) {
      last = velocity(t, q);
      record_.converged = record_.converged && last.converged;
      return last.v;
    };
    const auto& first = evolution_.knots.back().rate;
    const bool starts_converged = record_.converged;
    while (true) {
      record_.converged = starts_converged;
      double length = std::min(length_, end_ - t_);
      if (end_ - t_ - length < 0.1 * length) length = end_ - t_;  // no sliver at the end
      const Step step = take_step(method_, rate, t_, length, q_, first);
      const bool usable = finite(step.end);
      record_.length = length;
      record_.error = usable && method_.estimates() ? relative_error(step) : NAN;
      if (usable && (!method_.estimates() || record_.error <= options_.tolerance)) {
        t_ = end_ - t_ == length ? end_ : t_ + length;
        q_ = step.end;
        if (method_.estimates()) {
          length_ = length * growth(record_.rejected > 0 ? 1 : 3);
          before_ = std::max(record_.error / options_.tolerance, 1e-4);
        }
        if (method_.first_same_as_last() && !chosen_) known_ = std::move(last);
        ++number_;
        return true;
      }
      ++record_.rejected;
      const double shorter = method_.estimates() && std::isfinite(record_.error)
                                 ? length * std::min(0.9, growth(1))
                                 : length / 2;
      if (!method_.estimates() || shorter < options_.least_step * span_) {
        evolution_.stall = fmt::format(
            "stalled at t = {:.6g}: {}; the residual |J v - F| / |F| is {:.3g}", t_,
            method_.estimates()
                ? fmt::format("a step of {:.3g} is too long for galerkin.tolerance {:g}, the estimated error "
                              "is {:.3g}",
                              length, options_.tolerance, record_.error)
                : fmt::format("a step of {:.3g} leads to values that are not finite; galerkin.step is too "
                              "long",
                              length),
            record_.residual);
        return false;
      }
      length_ = shorter;
    }
  }

  // Of the step, by the error of this one and of the one before (proportional and integral control, K.
  // Gustafsson, ACM Trans. Math. Softw. 17 (1991)): steps that stability bounds do not swing about the bound.
  double growth(double most) {
    const double now = std::max(record_.error / options_.tolerance, 1e-10), order = method_.order;
    const double wanted = 0.9 * std::pow(now, -0.7 / order) * std::pow(before_, 0.4 / order);
    return std::clamp(wanted, 0.2, most);
  }

  // How far the field moves when the estimated error of q is taken away.
  double relative_error(const Step& step) {
    Buffer<double> other = step.end;
    for (std::size_t i = 0; i < other.size(); ++i) other[i] -= step.error[i];
    const double size = root_mean_square(grid_.field(step.end)), error = distance(step.end, other);
    return size > 0 ? error / size : error;
  }

  const Context& context_;
  GridField& grid_;
  Projection& projection_;
  const GalerkinOptions& options_;
  const Tableau& method_;
  const double end_, span_;
  const std::size_t channels_, inputs_;
  double t_, length_ = 0;
  double before_ = 1;  // error of the step before, relative to the tolerance
  Buffer<double> q_;
  std::uint32_t number_ = 0;  // of the step
  std::optional<std::vector<std::size_t>> chosen_;
  Buffer<double> x_;               // of the chosen points
  std::optional<Velocity> known_;  // at the start of the next step, from the last stage of this one
  StepRecord record_;
  Evolution evolution_;
};

}  // namespace

Buffer<double> Evolution::at(double t) const {
  auto after = std::upper_bound(knots.begin(), knots.end(), t,
                                [](double time, const Knot& knot) { return time < knot.time; });
  if (after == knots.begin()) return knots.front().q;
  if (after == knots.end()) return knots.back().q;
  const Knot &a = *(after - 1), &b = *after;
  const double h = b.time - a.time, s = (t - a.time) / h, r = 1 - s;
  Buffer<double> q(a.q.size());
  for (std::size_t i = 0; i < q.size(); ++i)
    q[i] = r * r * (1 + 2 * s) * a.q[i] + s * s * (1 + 2 * r) * b.q[i] +
           h * s * r * (r * a.rate[i] - s * b.rate[i]);
  return q;
}

Evolution evolve(const Context& context, GridField& grid, Projection& projection, std::span<const double> q,
                 double start, double end, const GalerkinOptions& options,
                 const std::function<void(const StepRecord&)>& tell) {
  return Run(context, grid, projection, q, start, end, options).go(tell);
}

}  // namespace hypercast::forecast
