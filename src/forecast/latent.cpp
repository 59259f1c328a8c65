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
  const auto& scaling = dynamics_.scaling;
  const std::size_t d = scaling.code(), p = scaling.parameters();
  for (std::size_t s = 0; s < starts_.times.size(); ++s) {
    const double end = s + 1 < starts_.times.size() ? starts_.times[s + 1] : latest;
    const auto frames = static_cast<std::size_t>(
        std::max(0.0, std::ceil((end - starts_.times[s]) / dynamics_.interval - 1e-6)));
    for (int b = 0; b < starts_.trajectories; ++b) {
      const auto code = std::span<const double>(starts_.codes[s]).subspan(b * d, d);
      const std::vector<float> z(code.begin(), code.end());
      Buffer<float> y(d);
      scaling.scaled<float>(z, y);
      for (int m = 0; m < members(); ++m)
        legs_.emplace_back(*flow_, dynamics_.members[m], y,
                           std::span<const float>(scaled_mu_).subspan(b * p, p), frames,
                           options_.bound * scaling.largest_norm);
    }
  }
}

Buffer<float> Latent::weights(int trajectory, int member, double t) {
  std::size_t s = starts_.times.size();
  const double slack = 1e-5 * dynamics_.interval;  // times of files are rounded
  while (s > 0 && starts_.times[s - 1] > t + slack) --s;
  Buffer<float> c(dynamics_.scaling.code(), std::numeric_limits<float>::quiet_NaN());
  if (s > 0) {
    const auto& leg = legs_[((s - 1) * starts_.trajectories + trajectory) * members() + member];
    dynamics_.scaling.restored<float>(leg.at((t - starts_.times[s - 1]) / dynamics_.interval), c);
  }
  const std::size_t p = model_.facts.parameters.size();
  const auto mu = std::span<const float>(condition_mu_).subspan(trajectory * p, p);
  c.insert(c.end(), mu.begin(), mu.end());
  return model_.hypernetwork.weights(phi_, c);
}

double Latent::bounded_until(int trajectory, int member) const {
  for (std::size_t s = 0; s < starts_.times.size(); ++s) {
    const auto& leg = legs_[(s * starts_.trajectories + trajectory) * members() + member];
    if (!leg.is_bounded()) return starts_.times[s] + dynamics_.interval * static_cast<double>(leg.frames());
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace hypercast::forecast
