#include "hyper/code_basis.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>

#include "nn/packed.hpp"

namespace hypercast::hyper {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const RowMajor>;

// L with G = L L^T, G = mean of phi phi^T over the training grid; features that depend on others get a little
// of their own.
Eigen::MatrixXd metric(const Model<float>& model, std::span<const float> hidden) {
  const auto points = grid_points(model.facts.axes);
  Buffer<float> x(model.facts.points() * model.inr.inputs());
  model.coordinates.embed<float>(points, x);
  const auto phi = feature_matrix(model.inr, hidden, x);
  const auto n = static_cast<Eigen::Index>(model.facts.points());
  const View a(phi.data(), n, static_cast<Eigen::Index>(phi.size()) / n);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(a.cols(), a.cols());
  gram.selfadjointView<Eigen::Lower>().rankUpdate(a.transpose(), 1.0 / static_cast<double>(n));
  gram.diagonal().array() += 1e-12 * gram.trace() / static_cast<double>(a.cols());
  return gram.selfadjointView<Eigen::Lower>().llt().matrixL();
}

}  // namespace

Buffer<double> feature_matrix(const Inr<float>& inr, std::span<const float> hidden,
                              std::span<const float> x) {
  const std::size_t inputs = inr.inputs(), width = inr.features().outputs(), points = x.size() / inputs;
  Buffer<float> tape(inr.features().tape_size(point_block)), phi(point_block * width);
  nn::Packed<float> packed(inr.features());
  packed.pack(hidden);
  Buffer<double> all(points * (width + 1));
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at);
    inr.features().forward(packed.weights(), x.subspan(at * inputs, n * inputs),
                           std::span(phi).first(n * width), tape);
    for (std::size_t i = 0; i < n; ++i) {
      std::copy_n(phi.begin() + i * width, width, all.begin() + (at + i) * (width + 1));
      all[(at + i) * (width + 1) + width] = 1;
    }
  }
  return all;
}

void to_readout(std::span<const double> coefficients, std::size_t channels, std::span<double> readout) {
  const std::size_t width = coefficients.size() / channels - 1;
  for (std::size_t c = 0; c < channels; ++c) {
    const double* of_channel = coefficients.data() + c * (width + 1);
    std::copy_n(of_channel, width, readout.begin() + c * width);
    readout[channels * width + c] = of_channel[width];
  }
}

CodeBasis principal_codes(const Model<float>& model, std::span<const float> hidden,
                          std::span<const double> coefficients, std::span<const double> mu,
                          std::size_t size) {
  const auto channels = static_cast<Eigen::Index>(model.inr.channels());
  const auto k = static_cast<Eigen::Index>(model.inr.features().outputs() + 1), all = channels * k;
  const auto frames = static_cast<Eigen::Index>(coefficients.size()) / all;
  const auto p = static_cast<Eigen::Index>(mu.size()) / std::max<Eigen::Index>(1, frames);
  const View c(coefficients.data(), frames, all);
  // 1. What follows from the parameters, and the mean: c = [mu, 1] R.
  RowMajor known = RowMajor::Ones(frames, p + 1);
  if (p > 0) known.leftCols(p) = View(mu.data(), frames, p);
  const RowMajor gram = known.transpose() * known;
  const RowMajor r = gram.completeOrthogonalDecomposition().solve(known.transpose() * c);
  RowMajor y = c - known * r;
  // 2. Into coordinates in which the square of a row is the mean square of its field, summed over channels.
  const Eigen::MatrixXd l = metric(model, hidden);
  for (Eigen::Index ch = 0; ch < channels; ++ch)
    y.middleCols(ch * k, k) = (y.middleCols(ch * k, k) * l).eval();
  const double share = 1.0 / static_cast<double>(channels);
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(all, all);
  covariance.selfadjointView<Eigen::Lower>().rankUpdate(y.transpose(), share / static_cast<double>(frames));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance);
  const auto d = static_cast<Eigen::Index>(size);
  const auto independent = (eigen.eigenvalues().array() > 1e-14 * eigen.eigenvalues().maxCoeff()).count();
  if (d > independent)
    throw UserError(Exit::data, fmt::format("[condition.code] size = {}: the training frames have only {} "
                                            "independent components in this INR",
                                            d, independent));
  // 3. The head: columns of W for the code, then for the parameters.
  CodeBasis basis;
  const auto own = static_cast<Eigen::Index>(model.inr.readout());
  RowMajor w(own, d + p), bias(own, 1);
  const auto put = [&](const Eigen::VectorXd& column, RowMajor& to, Eigen::Index at) {
    Buffer<double> readout(own);
    to_readout(std::span(column.data(), column.size()), channels, readout);
    to.col(at) = Eigen::Map<const Eigen::VectorXd>(readout.data(), own);
  };
  for (Eigen::Index j = 0; j < d; ++j) {
    const Eigen::Index which = all - 1 - j;
    Eigen::VectorXd v = eigen.eigenvectors().col(which) / std::sqrt(share);
    Eigen::Index largest = 0;
    v.cwiseAbs().maxCoeff(&largest);
    if (v(largest) < 0) v = -v;
    for (Eigen::Index ch = 0; ch < channels; ++ch) {
      auto part = v.segment(ch * k, k);
      part = l.transpose().triangularView<Eigen::Upper>().solve(part.eval());
    }
    put(v, w, j);
    basis.variances.push_back(eigen.eigenvalues()(which));
  }
  for (Eigen::Index j = 0; j < p; ++j) put(r.row(j).transpose(), w, d + j);
  put(r.row(p).transpose(), bias, 0);
  basis.left_out = std::max(0.0, eigen.eigenvalues().head(all - d).sum());
  basis.head.resize(own * (d + p + 1));
  for (Eigen::Index i = 0; i < w.size(); ++i) basis.head[i] = static_cast<float>(w.data()[i]);
  for (Eigen::Index i = 0; i < own; ++i) basis.head[w.size() + i] = static_cast<float>(bias(i, 0));
  return basis;
}

}  // namespace hypercast::hyper
