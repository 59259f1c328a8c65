#include "similarity/subspaces.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "similarity/dense.hpp"

namespace hypercast::similarity {

namespace {

using Eigen::Index;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ColumnMajor = Eigen::MatrixXd;

// Without their first number first: what is constant becomes exactly 0, and an offset costs no digits.
void centre_columns(ColumnMajor& x) {
  for (Index j = 0; j < x.cols(); ++j) {
    x.col(j).array() -= double(x(0, j));
    x.col(j).array() -= x.col(j).mean();
  }
}

// A = Q core for a tall A, in place of A.
struct Qr {
  explicit Qr(ColumnMajor& a) : qr(a) {}
  RowMajor core() const { return qr.matrixQR().topRows(qr.matrixQR().cols()).triangularView<Eigen::Upper>(); }
  // Q times the first `columns` of b [p][p].
  ColumnMajor times(const Buffer<double>& b, Index columns) const {
    const Index p = qr.matrixQR().cols();
    ColumnMajor result = ColumnMajor::Zero(qr.matrixQR().rows(), columns);
    result.topRows(p) = Eigen::Map<const RowMajor>(b.data(), p, p).leftCols(columns);
    result.applyOnTheLeft(qr.householderQ());
    return result;
  }
  Eigen::HouseholderQR<Eigen::Ref<ColumnMajor>> qr;
};

// What the numbers of x are worth.
struct Accuracy {
  double scale;     // by which they were divided
  double norm;      // of those that x was computed from, then
  double rounding;  // of each of them, relative
};

// Singular values up to this one may be rounding.
double rounding_of(const Accuracy& accuracy, double n, double width, double largest) {
  const double own = 1e-15 * (accuracy.norm + std::max(n, width) * largest);
  return std::max(own, 2 * accuracy.rounding * accuracy.norm * (1 / std::sqrt(n) + 1 / std::sqrt(width)));
}

// Turns columns of u, and those of v with them.
void fix_signs(ColumnMajor& u, ColumnMajor& v) {
  for (Index j = 0; j < u.cols(); ++j) {
    Index largest = 0;
    u.col(j).cwiseAbs().maxCoeff(&largest);
    if (u(largest, j) > 0) continue;
    u.col(j) *= -1;
    if (v.cols() > 0) v.col(j) *= -1;
  }
}

void write(const ColumnMajor& a, Buffer<double>& values) {
  values.resize(a.size());
  Eigen::Map<RowMajor>(values.data(), a.rows(), a.cols()) = a;
}

// Of x, which is overwritten; at most `most` dimensions.
Subspace decompose(ColumnMajor& x, const Accuracy& accuracy, std::size_t most, bool axes, Buffer<double>& u) {
  const Index n = x.rows(), width = x.cols();
  const bool wide = width > n;
  if (wide) x = x.transpose().eval();
  const Qr qr(x);
  const RowMajor r = qr.core();
  const auto p = static_cast<std::size_t>(r.rows());
  const Svd found = svd({{r.data(), p * p}, p, p});
  Subspace space;
  space.n = n;
  space.scale = accuracy.scale;
  space.width = static_cast<std::size_t>(width);
  const double rounding = rounding_of(accuracy, static_cast<double>(n), static_cast<double>(width),
                                      found.s.empty() ? 0 : found.s[0]);
  while (space.rank < std::min(found.s.size(), most) && found.s[space.rank] > rounding) ++space.rank;
  const auto rank = static_cast<Index>(space.rank);
  // X = Q (A S B') of tall ones, X' = Q (A S B') of wide ones.
  const Eigen::Map<const RowMajor> b(found.v.data(), r.rows(), r.rows());
  ColumnMajor left = wide ? ColumnMajor(b.leftCols(rank)) : qr.times(found.u, rank), right;
  if (axes) right = wide ? qr.times(found.u, rank) : ColumnMajor(b.leftCols(rank));
  fix_signs(left, right);
  write(left, u);
  write(right, space.v);
  space.s.assign(found.s.begin(), found.s.begin() + static_cast<std::ptrdiff_t>(space.rank));
  return space;
}

ColumnMajor column_major(Buffer<double> x, std::int64_t n, std::size_t width) {
  check(n > 0 && width > 0 && x.size() == static_cast<std::size_t>(n) * width,
        "features and their numbers do not match");
  return Eigen::Map<const RowMajor>(x.data(), n, static_cast<Index>(width));
}

// Divides x by a power of two.
Accuracy scaled(ColumnMajor& x, double rounding) {
  const double largest = x.cwiseAbs().maxCoeff();
  check(std::isfinite(largest), "features that are not finite");
  const double scale = largest > 0 ? std::exp2(std::ilogb(largest)) : 1;
  x /= scale;
  return {scale, x.norm(), rounding};
}

// s / |s|. Of a copy: a sum over numbers in a std::vector depends on where in memory they stand.
Eigen::VectorXd unit(const std::vector<double>& s) {
  const Eigen::VectorXd copy = Eigen::Map<const Eigen::VectorXd>(s.data(), static_cast<Index>(s.size()));
  return copy / copy.stableNorm();
}

}  // namespace

Subspace subspace_of(Buffer<double> x, std::int64_t n, std::size_t width, bool axes, double rounding,
                     Buffer<double>& u) {
  ColumnMajor centred = column_major(std::move(x), n, width);
  const Accuracy accuracy = scaled(centred, rounding);
  centre_columns(centred);
  return decompose(centred, accuracy, static_cast<std::size_t>(n - 1), axes, u);
}

Subspace uncentred_subspace_of(Buffer<double> x, std::int64_t n, std::size_t width, bool axes,
                               Buffer<double>& u) {
  ColumnMajor given = column_major(std::move(x), n, width);
  const Accuracy accuracy = scaled(given, 0);
  return decompose(given, accuracy, static_cast<std::size_t>(n), axes, u);
}

std::vector<double> canonical_correlations(const SubspacePair& pair, std::size_t of_x, std::size_t of_y) {
  check(of_x <= pair.x.rank && of_y <= pair.y.rank && pair.overlap.size() == pair.x.rank * pair.y.rank,
        "an overlap of other subspaces");
  Buffer<double> part;
  for (std::size_t i = 0; i < of_x; ++i) {
    const auto row = pair.overlap.subspan(i * pair.y.rank, of_y);
    part.insert(part.end(), row.begin(), row.end());
  }
  return singular_values({part, of_x, of_y});
}

const std::vector<double>& canonical_correlations(const SubspacePair& pair) {
  if (!pair.correlations) pair.correlations = canonical_correlations(pair, pair.x.rank, pair.y.rank);
  return *pair.correlations;
}

Status status_of_correlations(const SubspacePair& pair) {
  const auto &x = pair.x, &y = pair.y;
  if (x.rank == 0 || y.rank == 0) return Status::zero_variance;
  if (static_cast<std::int64_t>(x.rank + y.rank) > x.n - 1) return Status::too_few_rows;
  return x.rank < x.width || y.rank < y.width ? Status::rank_deficient : Status::ok;
}

namespace {

Score alignment_of(const SubspacePair& pair) {
  const auto &x = pair.x, &y = pair.y;
  if (x.rank == 0 || y.rank == 0) return undefined(Status::zero_variance);
  const Eigen::VectorXd of_x = unit(x.s), of_y = unit(y.s);
  const Eigen::Map<const RowMajor> overlap(pair.overlap.data(), of_x.size(), of_y.size());
  // The product of scales first: the transpose has the same bits.
  const RowMajor cross = overlap.cwiseProduct(of_x * of_y.transpose());
  return within(nuclear_norm({{cross.data(), x.rank * y.rank}, x.rank, y.rank}), 0, 1);
}

}  // namespace

Score procrustes(const SubspacePair& pair) {
  if (!pair.alignment) pair.alignment = alignment_of(pair);
  return *pair.alignment;
}

}  // namespace hypercast::similarity
