#include "forecast/galerkin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "forecast/equation.hpp"
#include "forecast/galerkin/polish.hpp"
#include "forecast/galerkin/weight_space.hpp"
#include "io/forecast.hpp"
#include "io/on_root.hpp"

namespace hypercast::forecast {

Galerkin::Galerkin(const Study& study, const hyper::Model<float>& model, std::span<const float> phi,
                   hyper::Inr<double> inr, std::filesystem::path stem, io::Provenance origin)
    : study_(study),
      model_(model),
      direct_(model, phi),
      inr_(std::move(inr)),
      stem_(std::move(stem)),
      origin_(std::move(origin)),
      options_(study.deck.read<GalerkinOptions>()),
      start_(model.facts.window_end - options_.overlap) {
  if (model.facts.condition != hyper::Condition::time)
    throw UserError(Exit::refused, "mode galerkin needs a model of one trajectory in time");
  if (!names_equation(study.deck))
    study.deck.fail("forecast", "mode",
                    "galerkin follows an equation, and the deck names none: give [pde] name");
  if (start_ < model.facts.window_start)
    study.deck.fail("galerkin", "overlap", "reaches back beyond the start of the training window");
}
Galerkin::~Galerkin() = default;

Buffer<double> Galerkin::start_weights() const {
  Direct direct = direct_;
  const auto theta = direct.weights(0, 0, start_);
  return {theta.begin(), theta.end()};
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

Buffer<double> Galerkin::polished(GridField& grid, Projection& projection, Buffer<double> q,
                                  const Reference* reference) const {
  const auto& context = study_.context;
  if (options_.polish == 0) return q;
  const auto frame = frame_at(reference, model_.facts, start_);
  if (!frame) {
    context.log.info("galerkin: no frame of the training data at t = {:g}: starts from H(t) as it is",
                     start_);
    return q;
  }
  const auto scope = context.timers.scope("polish");
  const auto fit = polish(grid, projection, q, *frame, options_.polish, options_.polish_regularisation);
  constexpr double likeness = 0.3;  // a model knows its training data better than this
  if (fit.before > likeness) {
    if (context.comm.is_root())
      context.log.warn(
          "the reference at t = {:g} is not what the model learned (relative L2 {:.2g}): galerkin "
          "starts from H(t) as it is",
          start_, fit.before);
    return q;
  }
  context.log.info("galerkin start polished: misfit {:.2e} -> {:.2e}", fit.before, fit.after);
  return fit.q;
}

bool Galerkin::prepare(double latest, const Reference* reference) {
  if (latest <= start_) return true;
  const auto& context = study_.context;
  const auto& facts = model_.facts;
  Equation equation(study_.deck, reference);
  if (const auto text = equation.misfit(facts); !text.empty())
    throw UserError(Exit::refused, "the equation of the deck does not fit the model: " + text);
  if (const auto text = equation.difference(facts, reference); !text.empty() && context.comm.is_root())
    context.log.warn("galerkin follows another equation than that of the data: {}", text);

  const auto theta = start_weights();
  const std::size_t first = options_.unknowns == "all" ? 0 : model_.hypernetwork.head().shared();
  space_ = std::make_unique<WeightSpace>(inr_, theta, first);
  GridField grid(context, *space_, facts, equation.rate(context.comm));
  Projection projection(
      context, *space_,
      {options_.solver, options_.regularisation, options_.lsqr_tolerance, options_.lsqr_iterations});
  const bool all = options_.points == 0 || static_cast<std::size_t>(options_.points) >= grid.points();
  context.log.info("galerkin {} from t = {:g}: {} unknowns, {} of {} points, {}, {}", equation.text(), start_,
                   space_->unknowns(), all ? grid.points() : options_.points, grid.points(), options_.solver,
                   options_.method);
  const std::size_t rows = grid.points() * space_->channels();
  Projection whole(context, *space_,
                   {Projection::fits(rows, space_->unknowns()) ? options_.solver : "lsqr",
                    options_.regularisation, options_.lsqr_tolerance, options_.lsqr_iterations});
  const auto q =
      polished(grid, whole, {theta.begin() + static_cast<std::ptrdiff_t>(first), theta.end()}, reference);

  double told = wall_seconds();
  const double interval = study_.deck.read<RunOptions>().progress_interval;
  evolution_ = evolve(context, grid, projection, q, start_, latest, options_, [&](const StepRecord& step) {
    if (!context.comm.is_root() || wall_seconds() - told < interval) return;
    told = wall_seconds();
    context.log.info("galerkin t = {:.4g} step {:.2e} residual {:.2e}", step.time, step.length,
                     step.residual);
  });
  if (evolution_.stopped) return false;
  write_steps();
  if (!evolution_.stall.empty()) throw UserError(Exit::diverged, "galerkin " + evolution_.stall);
  return true;
}

// The table of the steps, and a line that sums it up.
void Galerkin::write_steps() const {
  const auto& steps = evolution_.steps;
  std::vector<io::Series> columns{{"t", {}},    {"step", {}},  {"error", {}},    {"residual", {}},
                                  {"rate", {}}, {"speed", {}}, {"rejected", {}}, {"iterations", {}}};
  double most = 0, sum = 0, length = 0;
  int rejected = 0;
  for (const auto& step : steps) {
    const double row[] = {step.time,
                          step.length,
                          step.error,
                          step.residual,
                          step.rate,
                          step.speed,
                          static_cast<double>(step.rejected),
                          static_cast<double>(step.iterations)};
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c].values.push_back(row[c]);
    most = std::max(most, step.residual);
    sum += step.residual * step.length;
    length += step.length;
    rejected += step.rejected;
  }
  io::on_root(study_.context.comm, [&] { io::write_table(stem_.string() + "_galerkin", columns, origin_); });
  study_.context.log.info("galerkin steps {} rejected {} residual mean {:.2e} max {:.2e}", steps.size(),
                          rejected, length > 0 ? sum / length : 0, most);
}

Buffer<float> Galerkin::weights(int trajectory, int member, double t) {
  if (t <= start_ || evolution_.knots.empty()) return direct_.weights(trajectory, member, t);
  Buffer<double> theta(space_->params());
  space_->weights(evolution_.at(t), theta);
  return {theta.begin(), theta.end()};
}

}  // namespace hypercast::forecast
