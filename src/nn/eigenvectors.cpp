#include "nn/eigenvectors.hpp"

#include <Eigen/Dense>
#include <algorithm>

#include "core/error.hpp"
#include "core/random.hpp"

namespace hypercast::nn {

namespace {

using Matrix = Eigen::MatrixXd;
using Eigen::Index;

constexpr Index small = 600;      // matrices up to this size are decomposed in full
constexpr Index oversample = 12;  // vectors beyond those asked for
constexpr Index blocks = 3;       // of a Krylov space
constexpr int most_restarts = 60;

struct Pairs {
  Eigen::VectorXd values;
  Matrix vectors;
};

// Falling; all of them when count is -1.
Pairs full(const Matrix& a, Index count) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(a);
  check(solver.info() == Eigen::Success, "a symmetric matrix whose eigenvalues do not converge");
  return {solver.eigenvalues().reverse().head(count),
          solver.eigenvectors().rowwise().reverse().leftCols(count)};
}

Matrix orthonormal(const Matrix& w) {
  const Eigen::HouseholderQR<Matrix> qr(w);
  return qr.householderQ() * Matrix::Identity(w.rows(), w.cols());
}

// An orthonormal basis of what the first `known` columns of v leave of w. Twice, since columns of w that lie
// in their span leave rounding only.
Matrix beyond(const Matrix& v, Index known, Matrix w) {
  for (int pass = 0; pass < 2; ++pass) {
    w -= v.leftCols(known) * (v.leftCols(known).transpose() * w).eval();
    w = orthonormal(w);
  }
  return w;
}

Matrix start(Index n, Index width) {
  const Random random(0, Random::Purpose::weights);
  Matrix w(n, width);
  for (Index i = 0; i < w.size(); ++i) w.data()[i] = random.normal(static_cast<std::uint64_t>(i));
  return orthonormal(w);
}

template <class Symmetric>
Pairs krylov(const Symmetric& a, Index n, Index count) {
  const Index width = count + oversample;
  Matrix v(n, blocks * width), av(n, blocks * width);
  v.leftCols(width) = start(n, width);
  for (int restart = 0; restart < most_restarts; ++restart) {
    for (Index b = 0; b < blocks; ++b) {
      if (b > 0) v.middleCols(b * width, width) = beyond(v, b * width, av.middleCols((b - 1) * width, width));
      av.middleCols(b * width, width).noalias() = a * v.middleCols(b * width, width);
    }
    Matrix projected = v.transpose() * av;
    projected = (0.5 * (projected + projected.transpose())).eval();
    const Pairs ritz = full(projected, width);
    const Matrix vectors = v * ritz.vectors;
    const Matrix residual = av * ritz.vectors - vectors * ritz.values.asDiagonal();
    bool done = true;
    for (Index j = 0; j < count; ++j)
      done &= residual.col(j).norm() <= std::max(1e-7 * ritz.values(j), 1e-13 * ritz.values(0));
    if (done) return {ritz.values.head(count), vectors.leftCols(count)};
    v.leftCols(width) = orthonormal(vectors);
  }
  throw Error("the leading eigenvectors of a matrix do not converge");
}

}  // namespace

Eigenpairs leading_eigenpairs(std::span<const double> matrix, std::size_t n, std::size_t count) {
  check(matrix.size() == n * n && count <= n, "eigenvectors of a matrix of another size");
  // Row-major with the lower triangle is column-major with the upper one.
  const Eigen::Map<const Matrix> stored(matrix.data(), n, n);
  const auto a = stored.selfadjointView<Eigen::Upper>();
  const auto size = static_cast<Index>(n), wanted = static_cast<Index>(count);
  const Pairs pairs =
      size <= small || blocks * (wanted + oversample) > size ? full(a, wanted) : krylov(a, size, wanted);
  return {{pairs.values.begin(), pairs.values.end()},
          {pairs.vectors.data(), pairs.vectors.data() + pairs.vectors.size()}};
}

}  // namespace hypercast::nn
