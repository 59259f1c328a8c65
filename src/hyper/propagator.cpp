#include "hyper/propagator.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/MatrixFunctions>

#include "core/error.hpp"

namespace hypercast::hyper {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ComplexMatrix = Eigen::MatrixXcd;
using RowMajorComplex = Eigen::Matrix<std::complex<double>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Index side_of(std::size_t size) {
  return static_cast<Eigen::Index>(std::lround(std::sqrt(static_cast<double>(size))));
}
Matrix square(std::span<const double> values) {
  const auto n = side_of(values.size());
  return Eigen::Map<const Matrix>(values.data(), n, n);
}
ComplexMatrix square(std::span<const std::complex<double>> values) {
  const auto n = side_of(values.size());
  return Eigen::Map<const RowMajorComplex>(values.data(), n, n);
}
template <class Derived>
std::vector<double> real_entries(const Eigen::MatrixBase<Derived>& m) {
  std::vector<double> values(m.size());
  Eigen::Map<Matrix>(values.data(), m.rows(), m.cols()) = m.real();
  return values;
}

// log(M) of a complex matrix whose eigenvalues are first passed through `moved`.
template <class Moved>
ComplexMatrix logarithm(const ComplexMatrix& m, Moved moved) {
  const Eigen::ComplexSchur<ComplexMatrix> schur(m);
  check(schur.info() == Eigen::Success, "no Schur form of a propagator found");
  ComplexMatrix t = schur.matrixT().triangularView<Eigen::Upper>();
  for (Eigen::Index i = 0; i < t.rows(); ++i) t(i, i) = moved(t(i, i));
  const ComplexMatrix log = t.log();
  return schur.matrixU() * log * schur.matrixU().adjoint();
}

ComplexMatrix lifted_logarithm(const ComplexMatrix& m) {
  const double floor = 1e-10 * std::max(m.cwiseAbs().maxCoeff(), 1e-300);
  return logarithm(m, [&](std::complex<double> value) {
    const double size = std::abs(value);
    if (size >= floor) return value;
    return size > 0 ? value * (floor / size) : std::complex<double>(floor);
  });
}

// Pairs of consecutive frames in normal form.
struct Normal {
  Matrix features, targets;  // sum x x^T [F][F], sum y' x^T [d][F]
  std::size_t pairs = 0;
};

// x = [1, mu] (x) [y, 1]
void features_of(std::span<const float> y, std::span<const float> mu, double* x) {
  for (std::size_t k = 0; k <= mu.size(); ++k) {
    const double factor = k == 0 ? 1.0 : mu[k - 1];
    for (const float value : y) *x++ = factor * value;
    *x++ = factor;
  }
}

std::size_t features(const CodeSequences& s) { return (s.parameters + 1) * (s.code + 1); }

// Frames [first, last) of every sequence.
Normal normal_form(const CodeSequences& s, std::size_t first, std::size_t last) {
  const std::size_t count = features(s);
  Normal n{Matrix::Zero(count, count), Matrix::Zero(s.code, count)};
  constexpr std::size_t block = 256;
  Matrix x(block, count), y(block, s.code);
  std::size_t filled = 0;
  const auto flush = [&] {
    n.features.noalias() += x.topRows(filled).transpose() * x.topRows(filled);
    n.targets.noalias() += y.topRows(filled).transpose() * x.topRows(filled);
    n.pairs += filled;
    filled = 0;
  };
  for (std::size_t i = 0; i < s.count; ++i)
    for (std::size_t k = first; k + 1 < last; ++k) {
      features_of(s.frame(i, k), s.mu_of(i), x.row(filled).data());
      const auto next = s.frame(i, k + 1);
      std::copy(next.begin(), next.end(), y.row(filled).data());
      if (++filled == block) flush();
    }
  flush();
  return n;
}

// The solution for any ridge, from one eigen-decomposition.
class Ridge {
 public:
  explicit Ridge(const Normal& n) : eigen_(Eigen::MatrixXd(n.features)) {
    check(eigen_.info() == Eigen::Success, "no eigenvalues of a normal matrix found");
    rotated_ = n.targets * eigen_.eigenvectors();
    mean_ = n.features.trace() / static_cast<double>(n.features.rows());
  }
  Matrix solve(double ridge) const {
    const Eigen::ArrayXd denominator =
        eigen_.eigenvalues().array().max(0.0) + std::max(ridge * mean_, 1e-300);
    return rotated_ * denominator.inverse().matrix().asDiagonal() * eigen_.eigenvectors().transpose();
  }

 private:
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen_;
  Eigen::MatrixXd rotated_;
  double mean_ = 0;
};

// Relative L2 error of rollouts from frame `first` to the last.
double rollout_error(const Matrix& w, const CodeSequences& s, std::size_t first) {
  Eigen::VectorXd x(features(s)), y(s.code);
  std::vector<float> code(s.code);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < s.count; ++i) {
    const auto start = s.frame(i, first);
    std::copy(start.begin(), start.end(), code.begin());
    for (std::size_t k = first + 1; k < s.frames; ++k) {
      features_of(code, s.mu_of(i), x.data());
      y.noalias() = w * x;
      const auto truth = s.frame(i, k);
      for (std::size_t j = 0; j < s.code; ++j) {
        code[j] = static_cast<float>(y[j]);
        error += std::pow(y[j] - truth[j], 2);
        size += std::pow(truth[j], 2);
      }
    }
  }
  const double relative = std::sqrt(error / std::max(size, 1e-300));
  return std::isfinite(relative) ? relative : INFINITY;
}

}  // namespace

PropagatorFit fit_propagator(const CodeSequences& s) {
  check(s.count > 0 && s.frames >= 2, "a propagator needs two frames in a sequence");
  PropagatorFit fit;
  fit.ridge = 1e-8;
  const bool by_sequence = s.count > 1;
  if (by_sequence || s.frames >= 8) {
    const std::size_t kept = by_sequence ? s.count - std::max<std::size_t>(1, s.count / 8) : 1;
    const std::size_t first = by_sequence ? 0 : s.frames - s.frames / 4 - 1;
    const Ridge ridge(normal_form(s.part(0, kept), 0, by_sequence ? s.frames : first + 1));
    const CodeSequences held_out = by_sequence ? s.part(kept, s.count) : s;
    fit.held_out_error = INFINITY;
    for (double candidate = 1e-12; candidate < 2; candidate *= 10) {
      const double error = rollout_error(ridge.solve(candidate), held_out, first);
      if (error >= fit.held_out_error) continue;
      fit.held_out_error = error;
      fit.ridge = candidate;
    }
  }
  fit.weights = real_entries(Ridge(normal_form(s, 0, s.frames)).solve(fit.ridge));
  return fit;
}

std::vector<std::complex<double>> matrix_logarithm(std::span<const double> matrix) {
  std::vector<std::complex<double>> values(matrix.size());
  const ComplexMatrix log = lifted_logarithm(square(matrix).cast<std::complex<double>>());
  Eigen::Map<RowMajorComplex>(values.data(), log.rows(), log.cols()) = log;
  return values;
}

std::vector<double> real_exponential(std::span<const std::complex<double>> logarithm, double time) {
  const ComplexMatrix scaled = square(logarithm) * time;
  const ComplexMatrix result = scaled.exp();
  return real_entries(result);
}

// f([A E; 0 A]) has the derivative of f at A along E as its upper right block, and the adjoint of that
// derivative at A is the derivative at A^T (N. J. Higham, "Functions of matrices", SIAM 2008, 3.6).
std::vector<double> power_backward(std::span<const double> matrix, double time,
                                   std::span<const double> d_power) {
  const Matrix a = square(matrix).transpose();
  const auto n = a.rows();
  ComplexMatrix block = ComplexMatrix::Zero(2 * n, 2 * n);
  block.topLeftCorner(n, n) = a.cast<std::complex<double>>();
  block.bottomRightCorner(n, n) = block.topLeftCorner(n, n);
  block.topRightCorner(n, n) = square(d_power).cast<std::complex<double>>();
  const ComplexMatrix log = lifted_logarithm(block) * time;
  const ComplexMatrix result = log.exp();
  return real_entries(result.topRightCorner(n, n));
}

double spectral_radius(std::span<const double> matrix) {
  const Eigen::EigenSolver<Eigen::MatrixXd> eigen(Eigen::MatrixXd(square(matrix)), false);
  check(eigen.info() == Eigen::Success, "no eigenvalues of a propagator found");
  return eigen.eigenvalues().size() > 0 ? eigen.eigenvalues().cwiseAbs().maxCoeff() : 0;
}

std::vector<double> generator(std::span<const double> matrix, double reach) {
  const ComplexMatrix log =
      logarithm(square(matrix).cast<std::complex<double>>(), [&](std::complex<double> value) {
        const double size = std::max(std::abs(value), std::exp(-reach));
        return std::polar(size, std::clamp(std::arg(value), -reach, reach));
      });
  return real_entries(log);
}

}  // namespace hypercast::hyper
