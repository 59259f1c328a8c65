#include "hyper/latent_file.hpp"

namespace hypercast::hyper {

namespace {

std::vector<double> doubles(const io::Archive& archive, const std::string& name) {
  const auto values = archive.values<double>(name);
  return {values.begin(), values.end()};
}

std::string psi_place(std::size_t k) { return "dynamics/psi/" + std::to_string(k); }

}  // namespace

void put_dynamics(io::Archive& archive, const LatentDynamics& dynamics) {
  archive.put_text("dynamics/deck", dynamics.deck);
  archive.put_number("dynamics/interval", dynamics.interval);
  const CodeScaling& scaling = dynamics.scaling;
  archive.put("dynamics/scaling/mean", scaling.mean);
  archive.put_number("dynamics/scaling/scale", scaling.scale);
  archive.put("dynamics/scaling/deviation", scaling.deviation);
  archive.put_number("dynamics/scaling/largest_norm", scaling.largest_norm);
  archive.put("dynamics/scaling/mu_mean", scaling.mu_mean);
  archive.put("dynamics/scaling/mu_scale", scaling.mu_scale);
  archive.put_number("dynamics/members", static_cast<double>(dynamics.members.size()));
  archive.put_number("dynamics/wanted", static_cast<double>(dynamics.wanted));
  for (std::size_t k = 0; k < dynamics.members.size(); ++k)
    archive.put(psi_place(k), {static_cast<std::int64_t>(dynamics.members[k].size())},
                std::span<const float>(dynamics.members[k]));
}

std::optional<LatentDynamics> get_dynamics(const io::Archive& archive) {
  if (!archive.entries().contains("dynamics/members") || archive.number("dynamics/members") < 1) return {};
  LatentDynamics dynamics;
  dynamics.deck = archive.text("dynamics/deck");
  dynamics.interval = archive.number("dynamics/interval");
  dynamics.wanted = static_cast<std::size_t>(archive.number("dynamics/wanted"));
  CodeScaling& scaling = dynamics.scaling;
  scaling.mean = doubles(archive, "dynamics/scaling/mean");
  scaling.scale = archive.number("dynamics/scaling/scale");
  scaling.deviation = doubles(archive, "dynamics/scaling/deviation");
  scaling.largest_norm = archive.number("dynamics/scaling/largest_norm");
  scaling.mu_mean = doubles(archive, "dynamics/scaling/mu_mean");
  scaling.mu_scale = doubles(archive, "dynamics/scaling/mu_scale");
  if (scaling.deviation.size() != scaling.mean.size() || scaling.mu_mean.size() != scaling.mu_scale.size() ||
      !(scaling.scale > 0) || !(dynamics.interval > 0))
    throw UserError(Exit::refused, "checkpoint: the scaling of its codes does not fit together");
  for (std::size_t k = 0; k < archive.number("dynamics/members"); ++k) {
    const auto psi = archive.values<float>(psi_place(k));
    dynamics.members.emplace_back(psi.begin(), psi.end());
  }
  return dynamics;
}

}  // namespace hypercast::hyper
