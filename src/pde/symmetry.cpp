#include "pde/symmetry.hpp"

#include <numeric>
#include <set>

#include "core/random.hpp"

namespace hypercast::pde {

namespace {

GridMap identity(const Domain& domain, std::size_t channels) {
  GridMap map{{}, std::vector<double>(channels, 1.0)};
  for (std::int64_t i = 0; i < domain.points(); ++i) map.from.push_back(static_cast<std::uint32_t>(i));
  return map;
}

// After how many applications a symmetry is the identity again.
std::int64_t order_of(const Symmetry& symmetry, const Domain& domain) {
  std::int64_t order = 1;
  for (int a = 0; a < domain.dims(); ++a) {
    const std::int64_t n = domain.axes[a].points, shift = symmetry.shift[a];
    if (shift != 0) order = std::lcm(order, n / std::gcd(n, shift));
    if (symmetry.mirror[a]) order = std::lcm(order, std::int64_t{2});
  }
  return order;
}

// Where the value at `index` of an axis comes from.
std::int64_t source(const Symmetry& symmetry, const DomainAxis& axis, int a, std::int64_t index,
                    std::int64_t times) {
  const std::int64_t n = axis.points;
  std::int64_t at = index - symmetry.shift[a] * times;
  if (symmetry.mirror[a] && times % 2 == 1) at = axis.is_periodic() ? -at : n - 1 - at;
  return (at % n + n) % n;
}

// `map` after `times` applications of the symmetry.
GridMap then(const GridMap& map, const Symmetry& symmetry, const Domain& domain, std::int64_t times) {
  GridMap result = map;
  const auto extents = domain.extents();
  for (std::size_t i = 0; i < map.from.size(); ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i), from = 0, stride = 1;
    for (int a = domain.dims(); a-- > 0;) {
      from += stride * source(symmetry, domain.axes[a], a, rest % extents[a], times);
      rest /= extents[a];
      stride *= extents[a];
    }
    result.from[i] = map.from[from];
  }
  for (std::size_t c = 0; times % 2 == 1 && c < symmetry.signs.size(); ++c)
    result.signs[c] *= symmetry.signs[c];
  return result;
}

}  // namespace

std::vector<GridMap> images(const std::vector<Symmetry>& symmetries, const Domain& domain,
                            std::size_t channels, std::size_t count, std::uint64_t seed) {
  double all = 1;
  for (const auto& symmetry : symmetries) all *= static_cast<double>(order_of(symmetry, domain));
  const bool enumerate = all <= static_cast<double>(count);
  const std::size_t tries = enumerate ? static_cast<std::size_t>(all) : 4 * count;
  const Random random(seed, Random::Purpose::frames, 0x53594d4d);
  std::set<std::pair<std::vector<std::uint32_t>, std::vector<double>>> seen;
  std::vector<GridMap> maps;
  for (std::size_t k = 0; k < tries && maps.size() < count; ++k) {
    GridMap map = identity(domain, channels);
    std::size_t rest = k;
    for (std::size_t s = 0; s < symmetries.size(); ++s) {
      const auto order = static_cast<std::uint32_t>(order_of(symmetries[s], domain));
      const std::size_t times =
          enumerate ? rest % order : (k == 0 ? 0 : random.below(order, k * symmetries.size() + s));
      rest /= order;
      map = then(map, symmetries[s], domain, static_cast<std::int64_t>(times));
    }
    if (seen.emplace(map.from, map.signs).second) maps.push_back(std::move(map));
  }
  return maps;
}

}  // namespace hypercast::pde
