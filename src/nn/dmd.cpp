#include "nn/dmd.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace hypercast::nn {

namespace {

using Complex = std::complex<double>;
using Matrix = Eigen::MatrixXd;
using ComplexMatrix = Eigen::MatrixXcd;

// Indices k for which snapshot k + 1 lies one smallest step after snapshot k.
std::vector<Eigen::Index> pairs_of(std::span<const double> times, double step) {
  std::vector<Eigen::Index> pairs;
  for (std::size_t k = 0; k + 1 < times.size(); ++k)
    if (std::abs(times[k + 1] - times[k] - step) < 1e-3 * step) pairs.push_back(static_cast<Eigen::Index>(k));
  return pairs;
}

double smallest_step(std::span<const double> times) {
  double step = INFINITY;
  for (std::size_t k = 0; k + 1 < times.size(); ++k) step = std::min(step, times[k + 1] - times[k]);
  return step;
}

struct Svd {
  Matrix u, v;
  Eigen::VectorXd sigma;
};

// Thin singular value decomposition of a tall matrix through its R factor, cut at the rank asked for.
Svd truncated_svd(const Matrix& x, const DmdOptions& options) {
  const Eigen::Index m = std::min(x.rows(), x.cols());
  const Eigen::HouseholderQR<Matrix> qr(x);
  const Matrix r = qr.matrixQR().topRows(m).triangularView<Eigen::Upper>();
  const Eigen::JacobiSVD<Matrix> svd(r, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const auto& sigma = svd.singularValues();
  Eigen::Index rank = 0;
  while (rank < std::min<Eigen::Index>(options.max_rank, sigma.size()) && sigma(rank) > 0 &&
         sigma(rank) > options.tolerance * sigma(0))
    ++rank;
  Matrix u = Matrix::Zero(x.rows(), rank);
  u.topRows(m) = svd.matrixU().leftCols(rank);
  return {qr.householderQ() * u, svd.matrixV().leftCols(rank), sigma.head(rank)};
}

// Amplitudes b that fit W diag(e^{lambda (t_k - t_0)}) b to the projected snapshots for all k.
Eigen::VectorXcd amplitudes(const ComplexMatrix& w, std::span<const Complex> rates,
                            std::span<const double> times, const Matrix& projected) {
  const Eigen::Index r = w.cols(), count = projected.cols();
  ComplexMatrix a(r * count, r);
  Eigen::VectorXcd y(r * count);
  for (Eigen::Index k = 0; k < count; ++k) {
    for (Eigen::Index j = 0; j < r; ++j)
      a.block(k * r, j, r, 1) = w.col(j) * std::exp(rates[j] * (times[k] - times[0]));
    y.segment(k * r, r) = projected.col(k).cast<Complex>();
  }
  return a.colPivHouseholderQr().solve(y);
}

}  // namespace

void Dmd::evaluate(double t, std::span<double> x) const {
  std::fill(x.begin(), x.end(), 0.0);
  for (std::size_t j = 0; j < rates.size(); ++j) {
    const Complex factor = std::exp(rates[j] * (t - origin));
    for (std::size_t i = 0; i < size; ++i) x[i] += (modes[j * size + i] * factor).real();
  }
}

Dmd dmd(std::span<const double> snapshots, std::span<const double> times, const DmdOptions& options) {
  check(!times.empty() && snapshots.size() % times.size() == 0, "DMD snapshots and times do not match");
  Dmd result;
  result.size = snapshots.size() / times.size();
  result.origin = times[0];
  const double step = smallest_step(times);
  const auto pairs = pairs_of(times, step);
  if (pairs.empty()) return result;

  const Eigen::Map<const Matrix> all(snapshots.data(), result.size, times.size());
  Matrix x(result.size, pairs.size()), y(result.size, pairs.size());
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    x.col(p) = all.col(pairs[p]);
    y.col(p) = all.col(pairs[p] + 1);
  }
  const Svd svd = truncated_svd(x, options);
  if (svd.sigma.size() == 0) return result;
  const Matrix a = svd.u.transpose() * y * svd.v * svd.sigma.cwiseInverse().asDiagonal();
  const Eigen::EigenSolver<Matrix> eigen(a);
  for (const Complex mu : eigen.eigenvalues())
    result.rates.push_back(std::log(std::abs(mu) > 1e-12 ? mu : Complex(1e-12)) / step);
  const ComplexMatrix w = eigen.eigenvectors();
  const Eigen::VectorXcd b = amplitudes(w, result.rates, times, svd.u.transpose() * all);
  result.modes.resize(result.rates.size() * result.size);
  Eigen::Map<ComplexMatrix>(result.modes.data(), result.size, result.rates.size()) =
      svd.u.cast<Complex>() * w * b.asDiagonal();
  return result;
}

}  // namespace hypercast::nn
