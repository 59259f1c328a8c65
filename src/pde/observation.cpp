#include "pde/observation.hpp"

#include "io/masks.hpp"
#include "io/on_root.hpp"
#include "pde/twister.hpp"

namespace hypercast::pde {

std::vector<std::uint8_t> observation_mask(std::size_t points, double rate, std::uint32_t seed) {
  std::mt19937 g(seed);
  const auto threshold = static_cast<float>(1 - rate);
  std::vector<std::uint8_t> mask(points);
  for (auto& observed : mask) observed = uniform24(g) >= threshold;
  return mask;
}

void write_observation_masks(const Study& study, const Setup& setup, const io::Provenance& provenance) {
  if (setup.observation.rates.empty()) return;
  std::vector<io::Mask> masks;
  for (double rate : setup.observation.rates) {
    io::Mask mask{rate, setup.observation.seed, {}, {}};
    for (const auto& axis : setup.domain.axes) mask.shape.push_back(axis.points);
    mask.observed = observation_mask(setup.domain.points(), rate, static_cast<std::uint32_t>(mask.seed));
    masks.push_back(std::move(mask));
  }
  io::on_root(study.context.comm, [&] { io::write_masks(io::masks_path(study.folder), masks, provenance); });
  for (const auto& mask : masks)
    study.context.log.info("observation mask {:g}: {} of {} points", mask.rate, mask.ones(),
                           mask.observed.size());
}

}  // namespace hypercast::pde
