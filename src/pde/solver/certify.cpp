#include "pde/solver/certify.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pde/solver/fourier_grid.hpp"
#include "pde/solver/gather.hpp"

namespace hypercast::pde {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double rounding = 1e-12;  // differences below it say nothing about an order

// The same along all axes, or no order could be observed.
int refinement(const Domain& domain) { return domain.has_any(Boundary::neumann) ? 3 : 2; }

// A grid whose points contain those of `domain`, and one that is contained in it (empty when there is none).
Domain refined(Domain domain) {
  const int r = refinement(domain);
  for (auto& axis : domain.axes)
    axis.points = axis.boundary == Boundary::dirichlet ? r * (axis.points - 1) + 1 : r * axis.points;
  return domain;
}

std::optional<Domain> coarsened(Domain domain) {
  const int r = refinement(domain);
  for (auto& axis : domain.axes) {
    const int intervals = axis.boundary == Boundary::dirichlet ? axis.points - 1 : axis.points;
    if (intervals % r != 0 || intervals / r < 8) return std::nullopt;
    axis.points = axis.points - intervals + intervals / r;
  }
  return domain;
}

// The part of a finer frame at the points of a coarser grid.
std::vector<double> restricted(std::span<const double> fine, const Domain& coarse, std::size_t channels) {
  std::vector<double> result;
  const int dims = coarse.dims(), r = refinement(coarse);
  const Domain whole = refined(coarse);
  for (std::int64_t p = 0; p < coarse.points(); ++p) {
    std::size_t place = 0, stride = 1;
    std::int64_t rest = p;
    for (int a = dims - 1; a >= 0; --a) {
      const auto& axis = coarse.axes[a];
      const int first = axis.boundary == Boundary::neumann ? 1 : 0;
      place += static_cast<std::size_t>(r * (rest % axis.points) + first) * stride;
      rest /= axis.points;
      stride *= static_cast<std::size_t>(whole.axes[a].points);
    }
    for (std::size_t c = 0; c < channels; ++c) result.push_back(fine[place * channels + c]);
  }
  return result;
}

double relative_l2(std::span<const double> a, std::span<const double> b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  const double relative = std::sqrt(size > 0 ? difference / size : difference);
  return std::isfinite(relative) ? relative : std::numeric_limits<double>::infinity();  // squares overflow
}

// One way to solve the trajectory. A run that diverges has no frames from there on.
class Run {
 public:
  Run(const Comm& group, const Setup& setup, Domain domain, const Discretisation& how,
      const TimeOptions& time)
      : group_(group), domain_(std::move(domain)), solver_(group, *setup.system, domain_, how, time) {}
  void start(const State& state, double burn_in) {
    attempt([&] { solver_.start(state, burn_in); });
  }
  void advance() {
    if (!frame_.empty()) attempt([&] { solver_.advance(); });
  }
  std::span<const double> frame() const { return frame_; }  // empty after it diverged
  const Domain& domain() const { return domain_; }

 private:
  template <class Work>
  void attempt(Work work) {
    try {
      work();
      frame_ = gather(group_, solver_.block(), solver_.state(), domain_.extents());
    } catch (const UserError& error) {
      if (error.code() != Exit::diverged) throw;
      frame_.clear();
    }
  }

  const Comm& group_;
  Domain domain_;
  Solver solver_;
  std::vector<double> frame_;
};

TimeOptions with_step(TimeOptions time, double factor) {
  time.step = time.fixed_step() * factor;
  if (time.tolerance > 0) time.tolerance *= std::pow(factor, 4);
  return time;
}

// The step of the comparison in space, as a part of the deck's: no method may be unstable on the finer grid.
double space_factor(const Setup& setup) {
  if (find_integrator(setup.time.integrator).linear != Integrator::Linear::evaluated) return 0.5;
  int highest = 1;
  for (const auto& term : setup.system->linear(setup.domain.dims()))
    for (const int order : term.orders) highest = std::max(highest, order);
  return std::pow(1.0 / refinement(setup.domain), highest);
}

// The other discretisation on the same grid, and an integrator that it can have.
std::pair<Discretisation, TimeOptions> other_way(const Setup& setup, int ranks) {
  TimeOptions time = setup.time;
  time.tolerance = 0;
  time.step = setup.time.fixed_step();
  if (!setup.discretisation.is_spectral() && fourier_complaint(setup.domain, ranks).empty()) {
    time.integrator = "etdrk4";
    time.method.clear();
    return {fourier(), time};
  }
  if (find_integrator(time.integrator).linear == Integrator::Linear::by_modes) {
    time.integrator = "arkimex";
    time.method = "4";
  }
  if (setup.discretisation.is_spectral()) return {differences(6), time};
  return {differences(setup.discretisation.order == 4 ? 2 : 4), time};
}

// |u_h - u_{h/r}| and |u_{h/r} - u_{h/r^2}| of a frame, infinite when one of the runs has diverged.
struct Pair {
  double coarse = unknown, fine = unknown;
  double factor = 2;   // r
  double nominal = 8;  // the order where none can be observed
  double order() const {
    return fine > rounding && coarse > rounding ? std::log(coarse / fine) / std::log(factor) : unknown;
  }
  // Of the coarser of the two that are `difference` apart: what Richardson's extrapolation leaves, with an
  // order between 1 and 8.
  double error(double difference) const {
    const double p = std::isfinite(order()) ? std::clamp(order(), 1.0, 8.0) : nominal;
    return difference / (1 - std::pow(factor, -p));
  }
};

double difference(std::span<const double> a, std::span<const double> b) {
  return a.empty() || b.empty() ? std::numeric_limits<double>::infinity() : relative_l2(a, b);
}

double difference_on_coarse(const Run& coarse, const Run& fine, std::size_t channels) {
  if (coarse.frame().empty() || fine.frame().empty()) return std::numeric_limits<double>::infinity();
  return relative_l2(coarse.frame(), restricted(fine.frame(), coarse.domain(), channels));
}

}  // namespace

struct Certifier::Runs {
  Runs(const Comm& group, const Setup& setup_) : setup(setup_), channels(setup.system->channels().size()) {
    const auto& [every, time, space, agreement, horizon, until, tolerance] = setup.certify;
    const auto run = [&](const Domain& domain, const Discretisation& how, const TimeOptions& options) {
      return std::make_unique<Run>(group, setup, domain, how, options);
    };
    const auto& how = setup.discretisation;
    base = run(setup.domain, how, setup.time);
    if (time) {
      half = run(setup.domain, how, with_step(setup.time, 0.5));
      quarter = run(setup.domain, how, with_step(setup.time, 0.25));
    }
    if (space) {
      const double factor = space_factor(setup);
      const auto step = with_step(setup.time, factor);
      same = run(setup.domain, how, step);
      fine = run(refined(setup.domain), how, step);
      const auto smaller = how.is_spectral() ? std::nullopt : coarsened(setup.domain);
      if (smaller) coarse = run(*smaller, how, step);
    }
    if (agreement) {
      const auto [discretisation, options] = other_way(setup, group.size());
      other = run(setup.domain, discretisation, options);
    }
  }
  template <class Work>
  void each(Work work) {
    for (auto* run : {&base, &half, &quarter, &same, &fine, &coarse, &other})
      if (*run) work(**run);
  }
  Pair time_pair() const {
    if (!half) return {};
    const double fine = difference(half->frame(), quarter->frame());
    return {std::isinf(fine) ? fine : difference(base->frame(), half->frame()), fine};
  }
  // coarse: of the deck's grid from the finer one; fine stands for what one would see a grid further.
  Pair space_pair() const {
    if (!fine) return {};
    Pair pair{unknown, difference_on_coarse(*same, *fine, channels),
              static_cast<double>(refinement(setup.domain))};
    if (!setup.discretisation.is_spectral()) pair.nominal = setup.discretisation.order;
    if (coarse) pair.coarse = difference_on_coarse(*coarse, *same, channels);
    return pair;
  }

  const Setup& setup;
  std::size_t channels;
  std::unique_ptr<Run> base, half, quarter, same, fine, coarse, other;
};

Certifier::Certifier(const Comm& group, const Setup& setup) : runs_(std::make_unique<Runs>(group, setup)) {}
Certifier::~Certifier() = default;

std::optional<Certificate> Certifier::certify(const State& state, int frames,
                                              const std::function<bool()>& stop) {
  auto& runs = *runs_;
  const auto& setup = runs.setup;
  const auto& options = setup.certify;
  Certificate c = unmeasured();
  double worst_time = 0, worst_space = 0;
  bool converged = options.time || options.space;  // else nothing says so
  bool stopped = false;
  const auto go_on = [&](Run& run, int frame) {
    if (stopped) return;
    if (frame == 0)
      run.start(state, setup.time.burn_in);
    else
      run.advance();
    stopped = stop();
  };
  for (int frame = 0; frame < frames; ++frame) {
    runs.each([&](Run& run) { go_on(run, frame); });
    if (stopped) return std::nullopt;
    if (runs.base->frame().empty())
      throw UserError(Exit::diverged, fmt::format("diverged before frame {}", frame));
    const double t = setup.time.frame_time(frame);
    const Pair time = runs.time_pair(), space = runs.space_pair();
    const double err_time = options.time ? time.error(time.coarse) : 0;
    const double err_space = options.space ? space.error(space.fine) : 0;
    converged = converged && err_time + err_space <= options.horizon;
    if (converged) {
      c.converged_until = t;
      if (time.coarse > worst_time) worst_time = time.coarse, c.order_time = time.order();
      if (space.fine > worst_space) worst_space = space.fine, c.order_space = space.order();
    }
    if (options.until > 0 && t > options.until * (1 + 1e-12)) continue;
    // fmax: what has not been measured yet is NaN.
    if (options.time) c.err_time = std::fmax(c.err_time, err_time);
    if (options.space) c.err_space = std::fmax(c.err_space, err_space);
    if (options.agreement)
      c.err_agreement = std::fmax(c.err_agreement, difference(runs.other->frame(), runs.base->frame()));
  }
  return c;
}

Certificate unmeasured() { return {unknown, unknown, unknown, unknown, unknown, unknown}; }

std::string to_text(const Certificate& c) {
  std::string text;
  const auto add = [&](const char* name, double value, const std::string& format) {
    if (!std::isnan(value))
      text += (text.empty() ? "" : " ") + fmt::format(fmt::runtime("{} " + format), name, value);
  };
  add("err_time", c.err_time, "{:.1e}");
  add("order", c.order_time, "{:.2f}");
  add("err_space", c.err_space, "{:.1e}");
  add("order", c.order_space, "{:.2f}");
  add("agreement", c.err_agreement, "{:.1e}");
  add("converged until t =", c.converged_until, "{:g}");
  return text;
}

std::string shortfall(const Certificate& c, const CertifyOptions& options) {
  if (options.tolerance == 0) return "";
  const double error = (options.time ? c.err_time : 0) + (options.space ? c.err_space : 0);
  if (error <= options.tolerance) return "";
  return fmt::format("its error {:.2e} misses certify.tolerance = {:g} ({})", error, options.tolerance,
                     to_text(c));
}

}  // namespace hypercast::pde
