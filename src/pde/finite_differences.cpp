#include "pde/finite_differences.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace hypercast::pde {

std::vector<double> difference_weights(double at, std::span<const double> nodes, int m) {
  const int n = static_cast<int>(nodes.size());
  // c[j][s]: weight of node j in the s-th derivative, for the nodes seen so far.
  std::vector<std::vector<double>> c(n, std::vector<double>(m + 1, 0.0));
  c[0][0] = 1;
  double c1 = 1, c4 = nodes[0] - at;
  for (int i = 1; i < n; ++i) {
    const int top = std::min(i, m);
    double c2 = 1;
    const double c5 = c4;
    c4 = nodes[i] - at;
    for (int j = 0; j < i; ++j) {
      const double c3 = nodes[i] - nodes[j];
      c2 *= c3;
      if (j == i - 1) {
        for (int s = top; s > 0; --s) c[i][s] = c1 * (s * c[i - 1][s - 1] - c5 * c[i - 1][s]) / c2;
        c[i][0] = -c1 * c5 * c[i - 1][0] / c2;
      }
      for (int s = top; s > 0; --s) c[j][s] = (c4 * c[j][s] - s * c[j][s - 1]) / c3;
      c[j][0] = c4 * c[j][0] / c3;
    }
    c1 = c2;
  }
  std::vector<double> weights(n);
  for (int j = 0; j < n; ++j) weights[j] = c[j][m];
  return weights;
}

namespace {

using Combination = std::map<int, double>;  // index along the line -> weight

// The value at index -k (k > 0) beyond the lower wall in terms of points of the line.
Combination reflected(Boundary boundary, int k, bool odd) {
  if (boundary == Boundary::neumann) return {{k - 1, odd ? -1.0 : 1.0}};
  return {{0, 2.0}, {k, -1.0}};
}

Combination extrapolated(Boundary boundary, int k, int degree) {
  const bool nodes_on_wall = boundary == Boundary::dirichlet;
  std::vector<double> x(nodes_on_wall ? degree + 1 : degree);
  for (std::size_t j = 0; j < x.size(); ++j) x[j] = static_cast<double>(j) + (nodes_on_wall ? 0.0 : 0.5);
  const double ghost = nodes_on_wall ? -k : -k + 0.5;
  auto weights = difference_weights(ghost, x, 0);
  if (!nodes_on_wall) {
    // p = q - q'(0) l(x)/l'(0): q interpolates, l vanishes at the points, so that p'(0) = 0 on the wall.
    const auto slope = difference_weights(0, x, 1);
    double ratio = 1, sum = 0;
    for (double point : x) {
      ratio *= (ghost - point) / -point;
      sum -= 1 / point;
    }
    for (std::size_t j = 0; j < x.size(); ++j) weights[j] -= slope[j] * ratio / sum;
  }
  Combination result;
  for (std::size_t j = 0; j < x.size(); ++j) result[static_cast<int>(j)] = weights[j];
  return result;
}

Row to_row(const Combination& combination, int i) {
  Row row;
  row.start = combination.begin()->first - i;
  row.weights.assign(combination.rbegin()->first - combination.begin()->first + 1, 0.0);
  for (const auto& [index, weight] : combination) row.weights[index - i - row.start] = weight;
  return row;
}

Row mirrored(const Row& row, int m) {
  Row result{-(row.start + static_cast<int>(row.weights.size()) - 1), row.weights};
  std::reverse(result.weights.begin(), result.weights.end());
  if (m % 2 == 1)
    for (double& weight : result.weights) weight = -weight;
  return result;
}

}  // namespace

Line::Line(const DomainAxis& axis, int m, int accuracy, bool reflect, bool odd) : points_(axis.points) {
  const int width = (m + 1) / 2 + accuracy / 2 - 1;
  std::vector<double> offsets;
  for (int j = -width; j <= width; ++j) offsets.push_back(j);
  interior_ = {-width, difference_weights(0, offsets, m)};
  const double scale = std::pow(axis.spacing(), -m);
  for (double& weight : interior_.weights) weight *= scale;
  if (axis.is_periodic()) return;
  for (int i = 0; i < width; ++i) {
    Combination combination;
    for (int j = -width; j <= width; ++j) {
      const double weight = interior_.weights[j + width];
      if (i + j >= 0) {
        combination[i + j] += weight;
        continue;
      }
      const auto ghost = reflect || odd ? reflected(axis.boundary, -(i + j), odd)
                                        : extrapolated(axis.boundary, -(i + j), accuracy + 1);
      for (const auto& [index, part] : ghost) combination[index] += weight * part;
    }
    low_.push_back(to_row(combination, i));
  }
  for (auto row = low_.rbegin(); row != low_.rend(); ++row) high_.push_back(mirrored(*row, m));
}

const Row& Line::row(std::int64_t i) const {
  if (i < interior_begin()) return low_[i];
  if (i >= interior_end()) return high_[i - interior_end()];
  return interior_;
}

int Line::reach() const {
  int reach = 0;
  for (const auto* rows : {&low_, &high_})
    for (const auto& row : *rows)
      reach = std::max(
          {reach, std::abs(row.start), std::abs(row.start + static_cast<int>(row.weights.size()) - 1)});
  return std::max(reach, -interior_.start);
}

}  // namespace hypercast::pde
