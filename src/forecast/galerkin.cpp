#include "forecast/galerkin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "forecast/galerkin/code_space.hpp"
#include "forecast/galerkin/polish.hpp"
#include "forecast/galerkin/weight_space.hpp"
#include "io/forecast.hpp"
#include "io/on_root.hpp"

namespace hypercast::forecast {

Galerkin::Galerkin(const Study& study, const hyper::Model<float>& model, hyper::Model<double> precise,
                   std::span<const float> phi, std::filesystem::path stem, io::Provenance origin)
    : study_(study),
      model_(model),
      precise_(std::move(precise)),
      direct_(model, phi),
      phi_(phi),
      precise_phi_(phi.begin(), phi.end()),
      stem_(std::move(stem)),
      origin_(std::move(origin)),
      options_(study.deck.read<GalerkinOptions>()),
      codes_(model.facts.condition == hyper::Condition::code) {
  if (model.facts.condition == hyper::Condition::index)
    throw UserError(Exit::refused, "mode galerkin needs a model of trajectories in time, not of functions");
  if (!codes_ && !model.facts.parameters.empty())
    throw UserError(Exit::refused,
                    "mode galerkin cannot yet start from H(t, mu): train a model of one "
                    "trajectory, or of codes");
  if (!names_equation(study.deck))
    study.deck.fail("forecast", "mode",
                    "galerkin follows an equation, and the deck names none: give [pde] name");
  if (!codes_ && model.facts.window_end - options_.overlap < model.facts.window_start)
    study.deck.fail("galerkin", "overlap", "reaches back beyond the start of the training window");
  if (codes_) observations_ = given_observations(study, model.facts);
}
Galerkin::~Galerkin() = default;

double Galerkin::begins() const {
  return codes_ ? forecast::begins(observations_, model_.facts) : WeightPath::begins();
}

std::vector<std::pair<std::string, double>> Galerkin::parameters(int trajectory) const {
  const std::size_t p = model_.facts.parameters.size();
  return hyper::named_parameters(model_.facts.parameters,
                                 std::span<const double>(starts_.parameters).subspan(trajectory * p, p));
}

namespace {

// A frame of the training data in network units; nothing when the reference has none at that time.
std::optional<Buffer<double>> frame_at(const Reference* reference, const hyper::ModelFacts& facts, double t) {
  if (!reference || window_of(facts, t) == Window::out_t) return std::nullopt;
  const auto k = reference->find(t);
  if (!k) return std::nullopt;
  const auto frame = reference->frame(0, *k);
  const std::size_t channels = facts.channels.size();
  Buffer<double> u(frame.size());
  for (std::size_t i = 0; i < u.size(); ++i)
    u[i] = (frame[i] - facts.mean[i % channels]) / facts.scale[i % channels];
  return u;
}

}  // namespace

Buffer<double> Galerkin::polished(GridField& grid, const Leg& leg, const Reference* reference) const {
  const auto& context = study_.context;
  if (codes_ || options_.polish == 0) return leg.q;
  const auto frame = frame_at(reference, model_.facts, leg.start);
  if (!frame) {
    context.log.info("galerkin: no frame of the training data at t = {:g}: starts from H(t) as it is",
                     leg.start);
    return leg.q;
  }
  const auto scope = context.timers.scope("polish");
  const bool fits = Projection::fits(grid.points() * leg.space->channels(), leg.space->unknowns());
  Projection projection(context, *leg.space,
                        {fits ? options_.solver : "lsqr", options_.regularisation, options_.lsqr_tolerance,
                         options_.lsqr_iterations});
  const auto fit = polish(grid, projection, leg.q, *frame, options_.polish, options_.polish_regularisation);
  constexpr double likeness = 0.3;  // a model knows its training data better than this
  if (fit.before > likeness) {
    if (context.comm.is_root())
      context.log.warn(
          "the reference at t = {:g} is not what the model learned (relative L2 {:.2g}): galerkin starts "
          "from "
          "H(t) as it is",
          leg.start, fit.before);
    return leg.q;
  }
  context.log.info("galerkin start polished: misfit {:.2e} -> {:.2e}", fit.before, fit.after);
  return fit.q;
}

void Galerkin::check_equation(const Equation& equation, const Reference* reference) const {
  if (const auto text = equation.misfit(model_.facts); !text.empty())
    throw UserError(Exit::refused, "the equation of the deck does not fit the model: " + text);
  const auto text = equation.difference(model_.facts, reference);
  if (!text.empty() && study_.context.comm.is_root())
    study_.context.log.warn("galerkin follows another equation than that of the data: {}", text);
}

void Galerkin::add_leg_of_weights(double latest) {
  Leg leg;
  leg.start = model_.facts.window_end - options_.overlap;
  leg.end = latest;
  if (leg.end <= leg.start) return;
  const auto start = direct_.weights(0, 0, leg.start);
  const Buffer<double> theta(start.begin(), start.end());
  const std::size_t first = options_.unknowns == "all" ? 0 : model_.hypernetwork.head().shared();
  leg.space = std::make_unique<WeightSpace>(precise_.inr, theta, first);
  leg.q.assign(theta.begin() + static_cast<std::ptrdiff_t>(first), theta.end());
  legs_.push_back(std::move(leg));
}

// From each observation to the next.
void Galerkin::add_legs_of_codes(double latest, const Reference* reference) {
  starts_ = find_codes(study_, precise_, phi_, reference, observations_);
  const std::size_t p = model_.facts.parameters.size();
  for (std::size_t s = 0; s < starts_.times.size(); ++s) {
    const bool last = s + 1 == starts_.times.size();
    const std::size_t d = starts_.codes[s].size() / static_cast<std::size_t>(starts_.trajectories);
    for (int b = 0; b < starts_.trajectories; ++b) {
      Leg leg;
      leg.trajectory = b;
      leg.start = starts_.times[s];
      leg.end = last ? std::max(latest, leg.start) : starts_.times[s + 1];
      const auto mu =
          precise_.scaled_parameters(std::span<const double>(starts_.parameters).subspan(b * p, p));
      leg.space = std::make_unique<CodeSpace>(precise_, precise_phi_, mu);
      const auto code = std::span<const double>(starts_.codes[s]).subspan(b * d, d);
      leg.q.assign(code.begin(), code.end());
      legs_.push_back(std::move(leg));
    }
  }
}

bool Galerkin::prepare(double latest, const Reference* reference) {
  const auto& context = study_.context;
  Equation equation(study_.deck, reference);
  check_equation(equation, reference);
  if (codes_)
    add_legs_of_codes(latest, reference);
  else
    add_leg_of_weights(latest);
  if (legs_.empty()) return true;
  const auto points = static_cast<std::size_t>(options_.points);
  const std::size_t all = model_.facts.points();
  context.log.info("galerkin {} from t = {:g}: {} unknowns, {} of {} points, {}, {}", equation.text(),
                   legs_.front().start, legs_.front().space->unknowns(),
                   points == 0 ? all : std::min(points, all), all, options_.solver, options_.method);
  if (points > 0 && points * model_.facts.channels.size() < legs_.front().space->unknowns() &&
      context.comm.is_root())
    context.log.warn(
        "galerkin.points = {}: fewer equations than unknowns, the residual does not tell how good a step is",
        points);
  for (auto& leg : legs_) {
    follow(leg, equation, reference);
    if (leg.evolution.stopped) return false;
    if (!leg.evolution.stall.empty()) break;
  }
  write_steps();
  for (const auto& leg : legs_)
    if (!leg.evolution.stall.empty())
      throw UserError(Exit::diverged,
                      (codes_ ? fmt::format("galerkin, trajectory {}: ", leg.trajectory) : "galerkin ") +
                          leg.evolution.stall);
  return true;
}

void Galerkin::follow(Leg& leg, Equation& equation, const Reference* reference) {
  const auto& context = study_.context;
  if (codes_ && reference && leg.trajectory < reference->trajectories())
    equation.follow(*reference, leg.trajectory);
  if (const auto own = parameters(leg.trajectory); !own.empty()) equation.follow(own);  // as H takes them
  GridField grid(context, *leg.space, model_.facts, equation.rate(context.comm));
  Projection projection(
      context, *leg.space,
      {options_.solver, options_.regularisation, options_.lsqr_tolerance, options_.lsqr_iterations});
  const auto q = polished(grid, leg, reference);
  double told = wall_seconds();
  const double interval = study_.deck.read<RunOptions>().progress_interval;
  leg.evolution =
      evolve(context, grid, projection, q, leg.start, leg.end, options_, [&](const StepRecord& step) {
        if (!context.comm.is_root() || wall_seconds() - told < interval) return;
        told = wall_seconds();
        context.log.info("galerkin{} t = {:.4g} step {:.2e} residual {:.2e}",
                         codes_ ? fmt::format(" trajectory {}", leg.trajectory) : "", step.time, step.length,
                         step.residual);
      });
  leg.space->forget();
}

// The table of the steps, and a line that sums it up.
void Galerkin::write_steps() const {
  std::vector<io::Series> columns{{"t", {}},         {"step", {}},      {"error", {}},    {"residual", {}},
                                  {"rate", {}},      {"speed", {}},     {"rejected", {}}, {"iterations", {}},
                                  {"converged", {}}, {"trajectory", {}}};
  double most = 0, sum = 0, length = 0;
  int rejected = 0, unconverged = 0;
  for (const auto& leg : legs_) unconverged += leg.evolution.unconverged;
  for (const auto& leg : legs_)
    for (const auto& step : leg.evolution.steps) {
      const double row[] = {step.time,
                            step.length,
                            step.error,
                            step.residual,
                            step.rate,
                            step.speed,
                            static_cast<double>(step.rejected),
                            static_cast<double>(step.iterations),
                            step.converged ? 1.0 : 0.0,
                            static_cast<double>(leg.trajectory)};
      for (std::size_t c = 0; c < columns.size(); ++c) columns[c].values.push_back(row[c]);
      most = std::max(most, step.residual);
      sum += step.residual * step.length;
      length += step.length;
      rejected += step.rejected;
    }
  io::on_root(study_.context.comm, [&] { io::write_table(stem_.string() + "_galerkin", columns, origin_); });
  study_.context.log.info("galerkin steps {} rejected {} residual mean {:.2e} max {:.2e}",
                          columns[0].values.size(), rejected, length > 0 ? sum / length : 0, most);
  if (unconverged > 0 && study_.context.comm.is_root())
    study_.context.log.warn(
        "galerkin: LSQR did not reach galerkin.lsqr_tolerance {:g} within lsqr_iterations {} in {} "
        "projections",
        options_.lsqr_tolerance, options_.lsqr_iterations, unconverged);
}

Buffer<float> Galerkin::weights(int trajectory, int member, double t) {
  const double slack = 1e-6 * model_.facts.frame_interval;
  const Leg* leg = nullptr;  // the last that starts before t
  for (const auto& one : legs_)
    if (one.trajectory == trajectory && (codes_ ? one.start <= t + slack : one.start < t)) leg = &one;
  if (!leg && !codes_) return direct_.weights(trajectory, member, t);
  Buffer<float> none(precise_.inr.params(), std::numeric_limits<float>::quiet_NaN());
  if (!leg) return none;
  Buffer<double> theta(leg->space->params());
  leg->space->weights(leg->evolution.at(t), theta);
  return {theta.begin(), theta.end()};
}

}  // namespace hypercast::forecast
