#include "nn/pod.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "nn/eigenvectors.hpp"

namespace hypercast::nn {

namespace {

using Matrix = Eigen::MatrixXd;
using Eigen::Index;
using Snapshots = std::span<const std::span<const float>>;

constexpr Index block = 256;          // snapshots or points of a product
constexpr double negligible = 1e-14;  // eigenvalues of a Gram matrix, relative to the largest

Index length(std::size_t n) { return static_cast<Index>(n); }

Eigen::Map<const Eigen::VectorXf> vector_of(std::span<const float> u) { return {u.data(), length(u.size())}; }

Eigen::VectorXd mean_of(Snapshots snapshots, std::size_t size) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(length(size));
  for (const auto& u : snapshots) sum += vector_of(u).cast<double>();
  return sum / static_cast<double>(snapshots.size());
}

// Snapshots [begin, end) without the mean, one a column.
Matrix centred(Snapshots snapshots, const Eigen::VectorXd& mean, Index begin, Index end) {
  Matrix x(mean.size(), end - begin);
  for (Index k = begin; k < end; ++k) x.col(k - begin) = vector_of(snapshots[k]).cast<double>() - mean;
  return x;
}

// Points [begin, end) of all snapshots without the mean, one snapshot a column.
Matrix centred_rows(Snapshots snapshots, const Eigen::VectorXd& mean, Index begin, Index end) {
  Matrix x(end - begin, length(snapshots.size()));
  for (Index k = 0; k < x.cols(); ++k)
    x.col(k) =
        vector_of(snapshots[k]).segment(begin, end - begin).cast<double>() - mean.segment(begin, end - begin);
  return x;
}

// Work on [0, count) in blocks.
template <class Work>
void in_blocks(Index count, Work work) {
  for (Index begin = 0; begin < count; begin += block) work(begin, std::min(count, begin + block));
}

// Upper triangle of X X^T (of points) or X^T X (of snapshots).
Matrix gram(Snapshots snapshots, const Eigen::VectorXd& mean, bool of_points) {
  const Index n = of_points ? mean.size() : length(snapshots.size());
  Matrix g = Matrix::Zero(n, n);
  auto upper = g.selfadjointView<Eigen::Upper>();
  in_blocks(of_points ? length(snapshots.size()) : mean.size(), [&](Index begin, Index end) {
    if (of_points) {
      upper.rankUpdate(centred(snapshots, mean, begin, end));
    } else {
      upper.rankUpdate(centred_rows(snapshots, mean, begin, end).transpose());
    }
  });
  return g;
}

// Orthonormal modes, one a column, from the eigenvectors of the Gram matrix.
Matrix modes_of(Snapshots snapshots, const Eigen::VectorXd& mean, const Matrix& vectors, bool of_points) {
  if (of_points) return vectors;
  Matrix modes(mean.size(), vectors.cols());
  in_blocks(mean.size(), [&](Index begin, Index end) {
    modes.middleRows(begin, end - begin).noalias() = centred_rows(snapshots, mean, begin, end) * vectors;
  });
  // Columns of X v are orthogonal but for rounding, which weighs more the smaller they are.
  const Eigen::HouseholderQR<Matrix> qr(modes);
  return qr.householderQ() * Matrix::Identity(modes.rows(), modes.cols());
}

void fix_signs(Matrix& modes) {
  for (Index j = 0; j < modes.cols(); ++j) {
    Index largest = 0;
    modes.col(j).cwiseAbs().maxCoeff(&largest);
    if (modes(largest, j) < 0) modes.col(j) *= -1;
  }
}

}  // namespace

void Pod::encode(std::span<const float> snapshots, std::span<double> codes) const {
  check(size > 0 && snapshots.size() % size == 0 && snapshots.size() / size * rank() == codes.size(),
        "snapshots and codes do not match");
  const Eigen::Map<const Matrix> phi(modes.data(), length(size), length(rank()));
  const Eigen::Map<const Eigen::VectorXd> centre(mean.data(), length(size));
  const Eigen::Map<const Eigen::MatrixXf> u(snapshots.data(), length(size), length(snapshots.size() / size));
  in_blocks(u.cols(), [&](Index begin, Index end) {
    const Matrix x = u.middleCols(begin, end - begin).cast<double>().colwise() - centre;
    Eigen::Map<Matrix>(codes.data() + begin * phi.cols(), phi.cols(), end - begin) =
        phi.transpose() * x / static_cast<double>(size);
  });
}

void Pod::decode(std::span<const double> codes, std::span<float> snapshots) const {
  check(size > 0 && snapshots.size() % size == 0 && snapshots.size() / size * rank() == codes.size(),
        "snapshots and codes do not match");
  const Eigen::Map<const Matrix> phi(modes.data(), length(size), length(rank()));
  const Eigen::Map<const Eigen::VectorXd> centre(mean.data(), length(size));
  Eigen::Map<Eigen::MatrixXf> u(snapshots.data(), length(size), length(snapshots.size() / size));
  const Eigen::Map<const Matrix> z(codes.data(), phi.cols(), u.cols());
  in_blocks(u.cols(), [&](Index begin, Index end) {
    Matrix x = phi * z.middleCols(begin, end - begin);
    x.colwise() += centre;
    u.middleCols(begin, end - begin) = x.cast<float>();
  });
}

Pod pod(Snapshots snapshots, const PodOptions& options) {
  check(!snapshots.empty() && !snapshots[0].empty() && options.max_rank >= 0, "POD of nothing");
  const std::size_t size = snapshots[0].size();
  for (const auto& u : snapshots) check(u.size() == size, "POD of snapshots of several sizes");
  const Eigen::VectorXd mean =
      options.centred ? mean_of(snapshots, size) : Eigen::VectorXd::Zero(length(size));
  const bool of_points = size <= snapshots.size();
  const Matrix g = gram(snapshots, mean, of_points);
  const double total = g.trace();
  const auto wanted = std::min<std::size_t>(options.max_rank, g.rows());
  const auto pairs = leading_eigenpairs({g.data(), static_cast<std::size_t>(g.size())}, g.rows(), wanted);

  Index rank = 0;
  double kept = 0;
  const double scale = static_cast<double>(snapshots.size()) * static_cast<double>(size);
  Pod result;
  for (const double value : pairs.values) {
    if (!(value > 0 && value > negligible * pairs.values[0])) break;
    result.singular_values.push_back(std::sqrt(value / scale));
    kept += value;
    ++rank;
  }
  const Eigen::Map<const Matrix> vectors(pairs.vectors.data(), g.rows(), rank);
  Matrix modes = modes_of(snapshots, mean, vectors, of_points);
  fix_signs(modes);
  modes *= std::sqrt(static_cast<double>(size));
  result.size = size;
  result.mean.assign(mean.begin(), mean.end());
  result.modes.assign(modes.data(), modes.data() + modes.size());
  result.left_out = std::max(0.0, total - kept) / scale;
  return result;
}

}  // namespace hypercast::nn
