#include "hyper/observed.hpp"

#include <fmt/format.h>

#include "core/random.hpp"
#include "hyper/data_folder.hpp"
#include "io/masks.hpp"

namespace hypercast::hyper {

namespace {

std::vector<std::uint32_t> drawn(const ObservedChoice& choice, std::size_t trajectory, std::size_t points) {
  const Random random(static_cast<std::uint64_t>(choice.seed), Random::Purpose::masks,
                      static_cast<std::uint32_t>(trajectory));
  std::vector<std::uint32_t> mask;
  for (std::size_t i = 0; i < points; ++i)
    if (random.uniform(i) < choice.rate) mask.push_back(static_cast<std::uint32_t>(i));
  return mask;
}

std::vector<std::uint32_t> of_file(const io::Mask& mask, const std::vector<io::Axis>& axes,
                                   const std::filesystem::path& path) {
  bool fits = mask.shape.size() == axes.size();
  for (std::size_t k = 0; fits && k < axes.size(); ++k) fits = mask.shape[k] == axes[k].points.size();
  if (!fits) throw UserError(Exit::data, path.string() + ": its masks are for another grid");
  std::vector<std::uint32_t> points;
  for (std::size_t i = 0; i < mask.observed.size(); ++i)
    if (mask.observed[i]) points.push_back(static_cast<std::uint32_t>(i));
  return points;
}

}  // namespace

Observed observed_points(const Comm& comm, const std::filesystem::path& run_folder,
                         const ObservedChoice& choice, const std::vector<io::Axis>& axes,
                         std::size_t trajectories, std::string& source) {
  Observed observed;
  observed.rate = choice.rate;
  observed.seed = choice.seed;
  observed.each = choice.own && choice.rate < 1;
  source = "all points";
  if (choice.rate >= 1) return observed;
  std::size_t points = 1;
  for (const auto& axis : axes) points *= axis.points.size();
  const auto path = io::masks_path(run_folder);
  if (!choice.own && is_there(comm, path)) {
    observed.masks.push_back(of_file(io::read_mask(comm, path, choice.rate), axes, path));
    source = "the mask of " + path.string();
  } else {
    const std::size_t count = choice.own ? trajectories : 1;
    for (std::size_t b = 0; b < count; ++b) observed.masks.push_back(drawn(choice, b, points));
    source = choice.own ? "a mask a trajectory, drawn" : "a mask drawn for all";
  }
  for (const auto& mask : observed.masks)
    if (mask.empty())
      throw UserError(Exit::data,
                      fmt::format("a mask of rate {:g} keeps none of {} points", choice.rate, points));
  source += fmt::format(" ({} of {} points)", observed.masks.front().size(), points);
  return observed;
}

}  // namespace hypercast::hyper
