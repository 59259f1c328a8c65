#include "pde/twister.hpp"

#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace hypercast::pde {

namespace {

void box_muller(float* d) {
  for (int j = 0; j < 8; ++j) {
    const float radius = std::sqrt(-2 * std::log(1 - d[j]));
    const float angle = 2 * std::numbers::pi_v<float> * d[j + 8];
    d[j] = radius * std::cos(angle) / std::numbers::sqrt2_v<float>;
    d[j + 8] = radius * std::sin(angle) / std::numbers::sqrt2_v<float>;
  }
}

}  // namespace

float uniform24(std::mt19937& g) { return static_cast<float>(g() & 0xffffff) / 16777216.0f; }

double uniform53(std::mt19937& g) {
  const double high = static_cast<double>(g() >> 5);
  const double low = static_cast<double>(g() >> 6);
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

std::uint32_t masked(std::mt19937& g, std::uint32_t bound) {
  check(bound > 0 && (bound & (bound - 1)) == 0, "a bound that is no power of two");
  return static_cast<std::uint32_t>(g() & (bound - 1));
}

std::vector<std::complex<float>> complex_normals(std::mt19937& g, std::size_t count) {
  check(count % 8 == 0, "normal numbers come in eights");
  std::vector<float> d(2 * count);
  for (auto& value : d) value = uniform24(g);
  for (std::size_t block = 0; block < d.size(); block += 16) box_muller(&d[block]);
  std::vector<std::complex<float>> result;
  for (std::size_t n = 0; n < count; ++n) result.emplace_back(d[2 * n], d[2 * n + 1]);
  return result;
}

}  // namespace hypercast::pde
