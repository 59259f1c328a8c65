#include "similarity/dense.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"

namespace hypercast::similarity {

namespace {

using Eigen::Index;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ColumnMajor = Eigen::MatrixXd;

constexpr double negligible = 1e-140;  // beside 1: its square is still a number

Eigen::Map<const RowMajor> map(const Matrix& a) {
  check(a.values.size() == a.rows * a.columns, "a matrix and its numbers do not match");
  return {a.values.data(), static_cast<Index>(a.rows), static_cast<Index>(a.columns)};
}

Buffer<double> row_major(const ColumnMajor& a) {
  Buffer<double> values(a.size());
  Eigen::Map<RowMajor>(values.data(), a.rows(), a.cols()) = a;
  return values;
}

// Whether the transpose of A comes first: the taller of the two, of square ones the first in the order of
// their numbers.
bool transpose_first(const Eigen::Map<const RowMajor>& a) {
  if (a.rows() != a.cols()) return a.rows() < a.cols();
  for (Index i = 0; i < a.rows(); ++i)
    for (Index j = 0; j < a.cols(); ++j)
      if (a(i, j) != a(j, i)) return a(j, i) < a(i, j);
  return false;
}

// Turns columns of L, in pairs, until all are orthogonal to rounding, and the columns of `turns` with them.
void orthogonalise(ColumnMajor& l, ColumnMajor* turns) {
  constexpr int most_sweeps = 60;  // a handful do
  const double rounding =
      4 * std::numeric_limits<double>::epsilon() * std::sqrt(static_cast<double>(l.rows()));
  Eigen::VectorXd norms = l.colwise().norm();
  bool done = false;
  for (int sweep = 0; !done; ++sweep) {
    check(sweep < most_sweeps, "singular values that do not converge");
    done = true;
    for (Index i = 0; i < l.cols(); ++i)
      for (Index j = i + 1; j < l.cols(); ++j) {
        const double product = l.col(i).dot(l.col(j));
        if (std::min(norms(i), norms(j)) <= negligible) continue;
        if (std::abs(product) <= rounding * norms(i) * norms(j)) continue;
        Eigen::JacobiRotation<double> turn;
        turn.makeJacobi(norms(i) * norms(i), product, norms(j) * norms(j));
        l.applyOnTheRight(i, j, turn);
        if (turns != nullptr) turns->applyOnTheRight(i, j, turn);
        norms(i) = l.col(i).norm();
        norms(j) = l.col(j).norm();
        done = false;
      }
  }
}

// Puts columns of `a` in this order.
ColumnMajor ordered(const ColumnMajor& a, const std::vector<Index>& order) {
  ColumnMajor result(a.rows(), a.cols());
  for (Index j = 0; j < a.cols(); ++j) result.col(j) = a.col(order[j]);
  return result;
}

// Scales the columns of `a` with s > 0 to norm 1, and makes the rest orthonormal ones that are orthogonal to
// them.
void complete(ColumnMajor& a, const Eigen::VectorXd& s) {
  const Index rank = (s.array() > 0).count();
  for (Index j = 0; j < rank; ++j) a.col(j).normalize();
  if (rank == a.cols()) return;
  const ColumnMajor known = a.leftCols(rank);
  const Eigen::HouseholderQR<ColumnMajor> qr(known);
  a.rightCols(a.cols() - rank) =
      (qr.householderQ() * ColumnMajor::Identity(a.rows(), a.cols())).rightCols(a.cols() - rank);
}

struct Factors {
  Eigen::VectorXd s;
  ColumnMajor u, v;  // empty unless asked for
};

// Of a tall A. Eigenvectors V of A'A make columns of A V orthogonal but for rounding, which is large beside
// small ones; rotations do the rest.
Factors decompose(const ColumnMajor& a, bool with_vectors) {
  const double scale = a.size() == 0 ? 0 : a.cwiseAbs().maxCoeff<Eigen::PropagateNaN>();
  check(std::isfinite(scale), "a singular value decomposition of numbers that are not finite");
  const Index p = a.cols();
  if (scale == 0)
    return {Eigen::VectorXd::Zero(p), ColumnMajor::Identity(a.rows(), p), ColumnMajor::Identity(p, p)};
  const ColumnMajor one = a / scale;
  const Eigen::SelfAdjointEigenSolver<ColumnMajor> eigen(one.transpose() * one);
  check(eigen.info() == Eigen::Success, "eigenvalues that do not converge");
  ColumnMajor v = eigen.eigenvectors().rowwise().reverse(), u = one * v;
  orthogonalise(u, with_vectors ? &v : nullptr);

  const Eigen::VectorXd norms = u.colwise().norm();
  std::vector<Index> order(p);
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return norms(i) > norms(j); });
  Factors found;
  found.s = ordered(norms.transpose(), order).transpose();
  found.s = (found.s.array() > negligible).select(found.s, 0);
  if (with_vectors) {
    found.u = ordered(u, order);
    complete(found.u, found.s);
    found.v = ordered(v, order);
  }
  found.s *= scale;
  return found;
}

}  // namespace

Svd svd(const Matrix& a) {
  const auto given = map(a);
  const bool wide = a.columns > a.rows;
  const Factors f = decompose(wide ? ColumnMajor(given.transpose()) : ColumnMajor(given), true);
  return {{f.s.begin(), f.s.end()}, row_major(wide ? f.v : f.u), row_major(wide ? f.u : f.v)};
}

std::vector<double> singular_values(const Matrix& a) {
  const auto given = map(a);
  const ColumnMajor first = transpose_first(given) ? ColumnMajor(given.transpose()) : ColumnMajor(given);
  const auto s = decompose(first, false).s;
  return {s.begin(), s.end()};
}

double nuclear_norm(const Matrix& a) {
  const auto s = singular_values(a);
  return std::accumulate(s.begin(), s.end(), 0.0);
}

Directions::Directions(Buffer<double> x, std::size_t rows, std::size_t columns)
    : rows_(rows), columns_(columns), x_(std::move(x)) {
  check(x_.size() == rows * columns, "rows and their numbers do not match");
  Eigen::Map<RowMajor> all(x_.data(), static_cast<Index>(rows), static_cast<Index>(columns));
  std::vector<double> missing;  // from the square of a row of zeros to 1
  for (Index i = 0; i < all.rows(); ++i) {
    const double norm = all.row(i).stableNorm();
    missing.push_back(norm > 0 ? 0 : 1);
    if (norm > 0) all.row(i) /= norm;
  }
  const Eigen::RowVectorXd mean = all.colwise().mean();
  all.rowwise() -= mean;
  double largest = 0;
  for (Index i = 0; i < all.rows(); ++i) {
    halves_.push_back((all.row(i).squaredNorm() + missing[i]) / 2);
    largest = std::max(largest, halves_.back());
  }
  // Unit rows are right to 2^-53; their distances, then, to so much of what is left without the mean.
  if (largest > 0) steps_ = std::exp2(-std::max(std::ilogb(largest) - 40, std::ilogb(largest) / 2 - 48));
}

void Directions::distances(std::size_t begin, std::size_t end, std::span<double> out) const {
  check(begin <= end && end <= rows_ && out.size() == (end - begin) * rows_, "a block that does not match");
  const Eigen::Map<const RowMajor> all(x_.data(), static_cast<Index>(rows_), static_cast<Index>(columns_));
  const Eigen::Map<const Eigen::VectorXd> halves(halves_.data(), static_cast<Index>(rows_));
  const auto first = static_cast<Index>(begin), count = static_cast<Index>(end - begin);
  Eigen::Map<RowMajor> found(out.data(), count, all.rows());
  found.noalias() = -all.middleRows(first, count) * all.transpose();
  found.colwise() += halves.segment(first, count);
  found.rowwise() += halves.transpose();
  found = (found.array() * steps_).rint() / steps_;
}

}  // namespace hypercast::similarity
