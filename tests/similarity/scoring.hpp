#pragma once
// Scores of a pair of features by any measure, everything its family needs made here, on one rank.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/comm.hpp"
#include "golden.hpp"
#include "similarity/geometry.hpp"
#include "similarity/measure.hpp"
#include "similarity/neighbours.hpp"
#include "similarity/subspaces.hpp"

namespace golden {

using namespace hypercast::similarity;
using Keys = std::vector<std::pair<std::string, hypercast::KeyValue>>;

inline std::unique_ptr<Measure> measure(const std::string& name, const Keys& keys = {}) {
  auto made = measure_registry().find(name).make();
  hypercast::Section section(name);
  made->describe(section);
  for (const auto& [key, value] : keys)
    for (const auto& k : section.keys())
      if (k.name() == key) k.assign(value);
  return made;
}

inline Score score_of(const KernelMeasure& measure, const Features& x, const Features& y) {
  return measure.score(kernel_sums(x, y, measure.kernel()));
}

inline Features rows(const Features& x, std::size_t begin, std::size_t end) {
  Features part{end - begin, x.width};
  std::copy_n(&x.values[begin * x.width], part.values.size(), part.values.begin());
  return part;
}

// Batches in the order of rows, as few as there can be, of about one size; `without`: numbers of some that
// are left out.
inline std::size_t batches_of(const BatchMeasure& measure, std::size_t n) {
  const auto size = static_cast<std::size_t>(measure.batch());
  return (n + size - 1) / size;
}
inline Score score_of(const BatchMeasure& measure, const Features& x, const Features& y,
                      const hypercast::Range& without = {}) {
  const std::size_t batches = batches_of(measure, x.n);
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t b = 0; b < batches; ++b) {
    if (static_cast<std::int64_t>(b) >= without.begin && static_cast<std::int64_t>(b) < without.end) continue;
    const std::size_t begin = b * x.n / batches, end = (b + 1) * x.n / batches;
    const auto k = kernel_sums(rows(x, begin, end), rows(y, begin, end), {});
    const auto share = 1 / static_cast<double>(batches - without.size());
    xy += share * unbiased_hsic(k.n, k.inner, k.diagonal, k.trace_x, k.trace_y);
    xx += share * unbiased_hsic(k.n, k.inner_x, k.diagonal_x, k.trace_x, k.trace_x);
    yy += share * unbiased_hsic(k.n, k.inner_y, k.diagonal_y, k.trace_y, k.trace_y);
  }
  if (x.n < 4) xy = xx = yy = std::numeric_limits<double>::quiet_NaN();
  return measure.score(xy, xx, yy);
}

inline std::vector<double> overlap(const Buffer<double>& u, std::size_t of_u, const Buffer<double>& v,
                                   std::size_t of_v) {
  std::vector<double> products(of_u * of_v);
  for (std::size_t i = 0; of_u > 0 && i < u.size() / of_u; ++i)
    for (std::size_t a = 0; a < of_u; ++a)
      for (std::size_t b = 0; b < of_v; ++b) products[a * of_v + b] += u[i * of_u + a] * v[i * of_v + b];
  return products;
}

inline Score score_of(const SubspaceMeasure& measure, const Features& x, const Features& y) {
  Buffer<double> u, v;
  const auto n = static_cast<std::int64_t>(x.n);
  const auto of_x = subspace_of(x.values, n, x.width, measure.needs_axes(), 0, u);
  const auto of_y = subspace_of(y.values, n, y.width, measure.needs_axes(), 0, v);
  const auto between = overlap(u, of_x.rank, v, of_y.rank);
  return measure.score(SubspacePair(of_x, of_y, between));
}

inline Score score_of(const NeighbourMeasure& measure, const Features& x, const Features& y) {
  const auto n = static_cast<std::int64_t>(x.n);
  const int k = std::min(measure.neighbours(), static_cast<int>(n - 1));
  if (k == 0) return measure.score(n, k, {}, {});
  return measure.score(n, k, nearest(x.values, n, x.width, k), nearest(y.values, n, y.width, k));
}

inline Score score_of(const GeometryMeasure& measure, const Features& x, const Features& y) {
  const auto n = static_cast<std::int64_t>(x.n);
  const auto a = distance_ranks(x.values, n, x.width), b = distance_ranks(y.values, n, y.width);
  return measure.score(a.empty() ? std::numeric_limits<double>::quiet_NaN()
                                 : std::inner_product(a.begin(), a.end(), b.begin(), 0.0));
}

// Whether score() knows the measure's family: features are all it needs.
inline bool is_of_pairs(const Measure& measure) {
  return dynamic_cast<const KernelMeasure*>(&measure) || dynamic_cast<const BatchMeasure*>(&measure) ||
         dynamic_cast<const SubspaceMeasure*>(&measure) || dynamic_cast<const NeighbourMeasure*>(&measure) ||
         dynamic_cast<const GeometryMeasure*>(&measure);
}

inline Score score(const Measure& measure, const Features& x, const Features& y) {
  if (const auto* of = dynamic_cast<const KernelMeasure*>(&measure)) return score_of(*of, x, y);
  if (const auto* of = dynamic_cast<const BatchMeasure*>(&measure)) return score_of(*of, x, y);
  if (const auto* of = dynamic_cast<const SubspaceMeasure*>(&measure)) return score_of(*of, x, y);
  if (const auto* of = dynamic_cast<const NeighbourMeasure*>(&measure)) return score_of(*of, x, y);
  if (const auto* of = dynamic_cast<const GeometryMeasure*>(&measure)) return score_of(*of, x, y);
  throw hypercast::Error("a measure of a family without a reference");
}

inline Score score(const std::string& name, const Features& x, const Features& y, const Keys& keys = {}) {
  return score(*measure(name, keys), x, y);
}

// Every measure of pairs, some also with other keys than the defaults.
struct Case {
  std::string name;
  Keys keys;
  std::unique_ptr<Measure> made() const { return measure(name, keys); }
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name << (c.keys.empty() ? "" : " with keys");
}

inline std::vector<Case> cases_of_pairs() {
  std::vector<Case> cases;
  for (const auto& name : measure_registry().names())
    if (is_of_pairs(*measure(name))) cases.push_back({name, {}});
  cases.push_back({"cka_rbf", {{"debiased", true}, {"bandwidth", 0.3}}});
  cases.push_back({"svcca", {{"kept", 0.8}}});
  cases.push_back({"cka_minibatch", {{"batch", std::int64_t{12}}}});
  cases.push_back({"jaccard_knn", {{"neighbours", 3}}});
  return cases;
}

}  // namespace golden
