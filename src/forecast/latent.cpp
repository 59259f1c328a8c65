#include "forecast/latent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "forecast/reference.hpp"
#include "hyper/code_fit.hpp"

namespace hypercast::forecast {

Latent::Latent(const Study& study, const hyper::Model<float>& model, hyper::Model<double> precise,
               std::span<const float> phi, const hyper::LatentDynamics& dynamics, const Deck& deck)
    : study_(study),
      model_(model),
      precise_(std::move(precise)),
      phi_(phi),
      dynamics_(dynamics),
      flow_(hyper::make_dynamics<float>(deck, dynamics.scaling)),
      options_(study.deck.read<ForecastOptions>()) {
  for (const auto& psi : dynamics.members)
    if (psi.size() != flow_->params())
      throw UserError(Exit::refused, "the checkpoint's dynamics do not fit its own deck");
  if (!options_.observations.empty())
    observations_ = io::read_observations(study.context.comm, options_.observations, model.facts.axes,
                                          model.facts.channels);
}

bool Latent::prepare(double latest, const Reference* reference) {
  const auto scope = study_.context.timers.scope("codes");
  if (!observations_.empty()) {
    start_from_observations(reference);
  } else {
    if (!reference)
      throw UserError(Exit::data,
                      "a latent forecast starts from observations: name them in [forecast] observations, or "
                      "trajectories to start from in [forecast] reference");
    start_from_reference(*reference);
  }
  const std::size_t p = model_.facts.parameters.size();
  for (int b = 0; b < trajectories_; ++b) {
    const auto mine = std::span<const double>(mu_).subspan(b * p, p);
    for (const float value : model_.scaled_parameters(mine)) condition_mu_.push_back(value);
    std::vector<float> scaled(mine.begin(), mine.end());
    if (p > 0) dynamics_.scaling.scaled_mu<float>(std::vector<float>(scaled), scaled);
    scaled_mu_.insert(scaled_mu_.end(), scaled.begin(), scaled.end());
  }
  roll(latest);
  return true;
}

std::vector<std::pair<std::string, double>> Latent::parameters(int trajectory) const {
  const std::size_t p = model_.facts.parameters.size();
  return hyper::named_parameters(model_.facts.parameters,
                                 std::span<const double>(mu_).subspan(trajectory * p, p));
}

double Latent::begins() const {
  return observations_.empty() ? model_.facts.window_start : observations_.front().time;
}

void Latent::start_from_reference(const Reference& reference) {
  const auto& facts = model_.facts;
  if (!options_.parameters.empty())
    study_.deck.fail("forecast", "parameters",
                     "go with [forecast] observations; trajectories of a reference tell their own");
  const auto& comm = study_.context.comm;
  trajectories_ = reference.trajectories();
  const auto first = reference.find(facts.window_start);
  if (!first)
    throw UserError(Exit::data, fmt::format("the reference has no frame at t = {:g}, where forecasts start",
                                            facts.window_start));
  starts_ = {facts.window_start};
  std::string source;
  const double rate = options_.observed > 0 ? options_.observed : facts.observed;
  observed_ = hyper::observed_points(comm, study_.folder, {rate, facts.own_masks, options_.mask_seed},
                                     facts.axes, static_cast<std::size_t>(trajectories_), source);
  study_.context.log.info("codes of {} trajectories from {} at t = {:g}", trajectories_, source, starts_[0]);

  const Buffer<double> phi(phi_.begin(), phi_.end());
  const std::size_t inputs = precise_.inr.inputs(), channels = facts.channels.size();
  Buffer<double> grid(facts.points() * inputs), x, u, z;
  precise_.coordinates.embed<double>(hyper::grid_points(facts.axes), grid);
  std::optional<hyper::CodeFit> fit;
  std::vector<double> mine;
  for (int b = 0; b < trajectories_; ++b) {
    const auto values = hyper::parameters_of(facts.parameters, reference.parameters(b));
    mu_.insert(mu_.end(), values.begin(), values.end());
  }
  const Range share = share_of(trajectories_, comm.rank(), comm.size());
  for (auto b = share.begin; b < share.end; ++b) {
    const auto points = observed_.of(b);
    if (!fit || observed_.own()) {
      x.clear();
      for (const auto i : points)
        x.insert(x.end(), grid.begin() + i * inputs, grid.begin() + (i + 1) * inputs);
      fit.emplace(precise_, phi, points.empty() ? grid : x);
    }
    const auto frame = reference.frame(static_cast<int>(b), *first);
    u.resize(fit->rows());
    z.resize(fit->size());
    for (std::size_t i = 0; i < u.size(); ++i) {
      const std::size_t c = i % channels;
      const double value = frame[points.empty() ? i : points[i / channels] * channels + c];
      u[i] = (value - facts.mean[c]) / facts.scale[c];
    }
    const std::size_t p = facts.parameters.size();
    fit->fit(u, precise_.scaled_parameters(std::span<const double>(mu_).subspan(b * p, p)), z);
    mine.insert(mine.end(), z.begin(), z.end());
  }
  codes_ = {comm.all_gather<double>(mine)};
}

// Every rank fits the same.
void Latent::start_from_observations(const Reference* reference) {
  const auto& facts = model_.facts;
  mu_ = options_.parameters;
  if (mu_.empty() && reference) mu_ = hyper::parameters_of(facts.parameters, reference->parameters(0));
  if (mu_.size() != facts.parameters.size())
    study_.deck.fail("forecast", "parameters",
                     fmt::format("gives {} numbers, the model depends on {}", options_.parameters.size(),
                                 facts.parameters.size()));
  const Buffer<double> phi(phi_.begin(), phi_.end());
  const auto mu = precise_.scaled_parameters(mu_);
  for (const auto& [time, points, values] : observations_) {
    const std::size_t channels = facts.channels.size();
    Buffer<double> x(points.size() / facts.axes.size() * precise_.inr.inputs()), u(values.size());
    precise_.coordinates.embed<double>(points, x);
    for (std::size_t i = 0; i < u.size(); ++i)
      u[i] = (values[i] - facts.mean[i % channels]) / facts.scale[i % channels];
    hyper::CodeFitOptions fit_options;
    fit_options.noise = options_.observation_noise;
    hyper::CodeFit fit(precise_, phi, x, fit_options);
    std::vector<double> z(fit.size());
    const double left = fit.fit(u, mu, z);
    study_.context.log.info("code at t = {:g} from {} values: they differ by {:.2e} of the fields' deviation",
                            time, values.size(), std::sqrt(left));
    starts_.push_back(time);
    codes_.push_back(std::move(z));
  }
}

// A leg goes on to the next start, or to the end, in whole frames.
void Latent::roll(double latest) {
  const std::size_t d = dynamics_.scaling.code();
  const double bound = options_.bound * dynamics_.scaling.largest_norm;
  for (std::size_t s = 0; s < starts_.size(); ++s) {
    const double end = s + 1 < starts_.size() ? starts_[s + 1] : latest;
    const auto frames =
        static_cast<std::size_t>(std::max(0.0, std::ceil((end - starts_[s]) / dynamics_.interval - 1e-6)));
    for (int b = 0; b < trajectories_; ++b) {
      const std::vector<float> z(codes_[s].begin() + static_cast<std::ptrdiff_t>(b * d),
                                 codes_[s].begin() + static_cast<std::ptrdiff_t>((b + 1) * d));
      Buffer<float> y(d);
      dynamics_.scaling.scaled<float>(z, y);
      for (int m = 0; m < members(); ++m) {
        Leg leg;
        leg.codes.push_back(y);
        while (leg.codes.size() <= frames && leg.bounded) {
          auto next = step(leg.codes.back(), b, m, 1);
          double square = 0;
          for (const float value : next) square += static_cast<double>(value) * value;
          leg.bounded = std::sqrt(square) <= bound;
          if (leg.bounded) leg.codes.push_back(std::move(next));
        }
        legs_.push_back(std::move(leg));
      }
    }
  }
}

Buffer<float> Latent::step(const Buffer<float>& y, int trajectory, int member, double dt) const {
  Buffer<float> out(y.size()), tape(flow_->tape_size(1, dt));
  const std::size_t p = dynamics_.scaling.parameters();
  flow_->step(dynamics_.members[member], y, std::span<const float>(scaled_mu_).subspan(trajectory * p, p), dt,
              out, tape);
  return out;
}

Buffer<float> Latent::weights(int trajectory, int member, double t) {
  std::size_t s = starts_.size();
  const double slack = 1e-6 * dynamics_.interval;
  while (s > 0 && starts_[s - 1] > t + slack) --s;
  Buffer<float> c(dynamics_.scaling.code(), std::numeric_limits<float>::quiet_NaN());
  if (s > 0 && t < bounded_until(trajectory, member)) {
    const auto& leg = legs_[((s - 1) * trajectories_ + trajectory) * members() + member];
    const double frames = std::max(0.0, (t - starts_[s - 1]) / dynamics_.interval);
    const auto whole = static_cast<std::size_t>(frames + 1e-6);
    const double rest = frames - static_cast<double>(whole);
    check(whole < leg.codes.size(), "a latent forecast beyond the time it was prepared for");
    const auto y = rest > 1e-6 ? step(leg.codes[whole], trajectory, member, rest) : leg.codes[whole];
    dynamics_.scaling.restored<float>(y, c);
  }
  const std::size_t p = model_.facts.parameters.size();
  const float* mu = condition_mu_.data() + trajectory * p;
  c.insert(c.end(), mu, mu + p);
  return model_.hypernetwork.weights(phi_, c);
}

double Latent::bounded_until(int trajectory, int member) const {
  for (std::size_t s = 0; s < starts_.size(); ++s) {
    const auto& leg = legs_[(s * trajectories_ + trajectory) * members() + member];
    if (!leg.bounded) return starts_[s] + dynamics_.interval * (static_cast<double>(leg.codes.size()) - 0.5);
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace hypercast::forecast
