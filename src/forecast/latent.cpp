#include "forecast/latent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hypercast::forecast {

Latent::Latent(const Study& study, const hyper::Model<float>& model, hyper::Model<double> precise,
               std::span<const float> phi, const hyper::LatentDynamics& dynamics, const Deck& deck)
    : study_(study),
      model_(model),
      precise_(std::move(precise)),
      phi_(phi),
      dynamics_(dynamics),
      flow_(hyper::make_dynamics<float>(deck, dynamics.scaling)),
      options_(study.deck.read<ForecastOptions>()),
      observations_(given_observations(study, model.facts)) {
  for (const auto& psi : dynamics.members)
    if (psi.size() != flow_->params())
      throw UserError(Exit::refused, "the checkpoint's dynamics do not fit its own deck");
}

bool Latent::prepare(double latest, const Reference* reference) {
  starts_ = find_codes(study_, precise_, phi_, reference, observations_);
  const std::size_t p = model_.facts.parameters.size();
  for (int b = 0; b < starts_.trajectories; ++b) {
    const auto mine = std::span<const double>(starts_.parameters).subspan(b * p, p);
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
                                 std::span<const double>(starts_.parameters).subspan(trajectory * p, p));
}

// A leg goes on to the next start, or to the end, in whole frames.
void Latent::roll(double latest) {
  const std::size_t d = dynamics_.scaling.code();
  const double bound = options_.bound * dynamics_.scaling.largest_norm;
  for (std::size_t s = 0; s < starts_.times.size(); ++s) {
    const double end = s + 1 < starts_.times.size() ? starts_.times[s + 1] : latest;
    const auto frames = static_cast<std::size_t>(
        std::max(0.0, std::ceil((end - starts_.times[s]) / dynamics_.interval - 1e-6)));
    for (int b = 0; b < starts_.trajectories; ++b) {
      const std::vector<float> z(starts_.codes[s].begin() + static_cast<std::ptrdiff_t>(b * d),
                                 starts_.codes[s].begin() + static_cast<std::ptrdiff_t>((b + 1) * d));
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

namespace {

// Part of a frame interval within which a time is that of a frame; times of files are rounded.
constexpr double nearly = 1e-5;

}  // namespace

Buffer<float> Latent::weights(int trajectory, int member, double t) {
  std::size_t s = starts_.times.size();
  const double slack = nearly * dynamics_.interval;
  while (s > 0 && starts_.times[s - 1] > t + slack) --s;
  Buffer<float> c(dynamics_.scaling.code(), std::numeric_limits<float>::quiet_NaN());
  if (s > 0) {
    const auto& leg = legs_[((s - 1) * starts_.trajectories + trajectory) * members() + member];
    const double frames = std::max(0.0, (t - starts_.times[s - 1]) / dynamics_.interval);
    const auto whole = static_cast<std::size_t>(frames + nearly);
    const double rest = frames - static_cast<double>(whole);
    check(whole < leg.codes.size() || !leg.bounded, "a latent forecast beyond the time it was prepared for");
    if (whole < leg.codes.size() && rest <= nearly)
      dynamics_.scaling.restored<float>(leg.codes[whole], c);
    else if (whole + (leg.bounded ? 0 : 1) <
             leg.codes.size())  // nothing is known beyond the last bounded frame
      dynamics_.scaling.restored<float>(step(leg.codes[whole], trajectory, member, rest), c);
  }
  const std::size_t p = model_.facts.parameters.size();
  const auto mu = std::span<const float>(condition_mu_).subspan(trajectory * p, p);
  c.insert(c.end(), mu.begin(), mu.end());
  return model_.hypernetwork.weights(phi_, c);
}

double Latent::bounded_until(int trajectory, int member) const {
  for (std::size_t s = 0; s < starts_.times.size(); ++s) {
    const auto& leg = legs_[(s * starts_.trajectories + trajectory) * members() + member];
    if (!leg.bounded)
      return starts_.times[s] + dynamics_.interval * static_cast<double>(leg.codes.size() - 1);
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace hypercast::forecast
