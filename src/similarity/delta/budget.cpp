#include "similarity/delta/budget.hpp"

#include <algorithm>
#include <numeric>

#include "similarity/delta/codes.hpp"
#include "similarity/delta/readouts.hpp"

namespace hypercast::similarity {

namespace {

constexpr double wide = sizeof(double);

// Bytes of whatever does not depend on the ranks.
class Sizes {
 public:
  Sizes(const DeltaScheme& scheme, const DeltaShape& shape)
      : scheme_(scheme),
        shape_(shape),
        real_(scheme.single_precision ? sizeof(float) : sizeof(double)),
        weights_(static_cast<double>(shape.m() * shape.k)),
        code_(static_cast<double>(code_size(scheme, shape.models()))),
        width_(scheme.trunk ? static_cast<double>(scheme.hidden) : code_),
        trunk_(scheme.trunk ? width_ * (code_ + 1) : 0) {}

  double phi() const { return wide * (trunk_ + (width_ + 1) * weights_); }
  double descent() const { return wide * (scheme_.steps * (width_ + weights_) + 2 * (trunk_ + code_)); }
  double inner(double width) const {
    return scheme_.map == FeatureMap::raw ? width : std::min(width, static_cast<double>(shape_.m()));
  }
  double x(double width) const { return real_ * static_cast<double>(shape_.features.n) * inner(width); }
  double z(double width) const {
    const auto m = static_cast<double>(shape_.m());
    return scheme_.map == FeatureMap::relative && width <= m ? real_ * m * width : 0;
  }

  // A lane of readouts whose losses are looked at: weights twice on the way from the hypernetwork, then once
  // beside Z' W and outputs.
  double lane() const { return real_ * weights_ + std::max(wide * weights_, real_ * (seen() + outputs())); }
  // The same with gradients, and their sums over blocks of rows.
  double lane_with_gradients() const {
    return (real_ + wide) * weights_ +
           std::max(wide * weights_, (wide + 2 * real_) * seen() + 2 * real_ * outputs());
  }
  double lane_of_batch() const { return descent() + (scheme_.twin ? lane_with_gradients() : lane()); }

  // Records of all repeats and of one that is being gathered, and what is told of pairs in the end.
  double pairs() const {
    const auto models = static_cast<double>(shape_.models());
    const double arrays = scheme_.twin ? 6 : 4;
    return wide * models * models * ((scheme_.repeats + 3) * arrays + 12);
  }

  // While features of a model are made: anchors, and what its spectrum needs.
  double making(double width) const {
    const auto n = static_cast<double>(shape_.features.n), m = static_cast<double>(shape_.m());
    double numbers = 0;
    if (scheme_.map == FeatureMap::relative || (scheme_.map == FeatureMap::gram && width > m))
      numbers += m * width;
    if (scheme_.conditioning == ModelCode::spectrum)
      numbers += n < width ? n * width + 2 * n * n : 3 * width * width;
    return wide * numbers;
  }

 private:
  double seen() const {  // numbers of Z' W
    return inner(static_cast<double>(shape_.features.widest)) * static_cast<double>(shape_.k);
  }
  double outputs() const {
    return static_cast<double>(std::min(readout_rows, shape_.features.n)) * static_cast<double>(shape_.k);
  }

  const DeltaScheme& scheme_;
  const DeltaShape& shape_;
  double real_;                            // bytes of a number of features and outputs
  double weights_, code_, width_, trunk_;  // numbers of W, c, h and the trunk's parameters
};

}  // namespace

std::int64_t rows_at_once(const DeltaShape& shape, const Resources& resources) {
  const auto columns = std::accumulate(shape.widths.begin(), shape.widths.end(), 0.0);
  return rows_of_block(resources, wide * columns, 512);
}

std::int64_t sources_at_once(const DeltaScheme& scheme, const DeltaShape& shape, const Resources& resources) {
  const Sizes sizes(scheme, shape);
  const double fixed =
      sizes.phi() + sizes.pairs() + static_cast<double>(shape.models()) * shape.sides * sizes.descent();
  const double room = std::min(resources.memory / 4, resources.memory / 2 - fixed);
  const double groups = std::clamp(room / sizes.lane_of_batch() / lane_group, 1.0, 8.0);
  return static_cast<std::int64_t>(groups) * static_cast<std::int64_t>(lane_group) - 1;
}

double bytes_of_features(const DeltaScheme& scheme, const DeltaShape& shape, const Range& models) {
  const Sizes sizes(scheme, shape);
  double bytes = 0;
  for (auto j = models.begin; j < models.end; ++j)
    bytes += shape.sides * sizes.x(static_cast<double>(shape.widths[j]));
  return bytes;
}

double least_memory(const DeltaScheme& scheme, const DeltaShape& shape, const Ownership& ownership) {
  const Sizes sizes(scheme, shape);
  constexpr double lanes = lane_group;
  double most = 0;
  for (int rank = 0; rank < ownership.ranks(); ++rank) {
    const Range models = ownership.of(rank);
    double own = 0, making = 0;
    for (auto j = models.begin; j < models.end; ++j) {
      const auto width = static_cast<double>(shape.widths[j]);
      own += shape.sides * (sizes.z(width) + sizes.descent());
      making = std::max(making, sizes.making(width));
    }
    const double batch = std::max(lanes * sizes.lane_with_gradients(), lanes * sizes.lane_of_batch());
    const double rest = own + sizes.pairs() + std::max(making, sizes.phi() + batch);
    // X is kept in memory where it takes a quarter of it at most.
    const double x = bytes_of_features(scheme, shape, models);
    most = std::max(most, rest + (3 * x <= rest ? x : 0));
  }
  return most;
}

}  // namespace hypercast::similarity
