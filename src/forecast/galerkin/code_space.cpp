#include "forecast/galerkin/code_space.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace hypercast::forecast {

namespace {

using View = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
using Vector = Eigen::Map<const Eigen::VectorXd>;

}  // namespace

CodeSpace::CodeSpace(const hyper::Model<double>& model, std::span<const double> phi,
                     std::span<const double> mu)
    : model_(model),
      phi_(phi),
      mu_(mu.begin(), mu.end()),
      size_(model.hypernetwork.inputs() - model.facts.parameters.size()) {}

hyper::CodeField& CodeSpace::at(std::span<const double> x) {
  if (!field_ || !std::equal(x.begin(), x.end(), places_.begin(), places_.end())) {
    places_.assign(x.begin(), x.end());
    field_ = std::make_unique<hyper::CodeField>(model_, phi_, x);
  }
  return *field_;
}

std::span<const double> CodeSpace::rows_at(std::span<const double> z, std::span<const double> x) {
  auto& field = at(x);
  rows_.resize(field.rows() * size_);
  field.jacobian(z, mu_, rows_);
  return rows_;
}

void CodeSpace::weights(std::span<const double> z, std::span<double> theta) const {
  Buffer<double> c(z.begin(), z.end());
  c.insert(c.end(), mu_.begin(), mu_.end());
  const auto all = model_.hypernetwork.weights(phi_, c);
  std::copy(all.begin(), all.end(), theta.begin());
}

void CodeSpace::field(std::span<const double> z, std::span<const double> x, std::span<double> u) {
  at(x).values(z, mu_, u);
}

void CodeSpace::jacobian(std::span<const double> z, std::span<const double> x, std::span<double> rows) {
  at(x).jacobian(z, mu_, rows);
}

void CodeSpace::multiply(std::span<const double> z, std::span<const double> x, std::span<const double> v,
                         std::span<double> out) {
  const auto rows = rows_at(z, x);
  Eigen::Map<Eigen::VectorXd>(out.data(), out.size()).noalias() =
      View(rows.data(), out.size(), v.size()) * Vector(v.data(), v.size());
}

void CodeSpace::multiply_transposed(std::span<const double> z, std::span<const double> x,
                                    std::span<const double> r, std::span<double> out) {
  const auto rows = rows_at(z, x);
  Eigen::Map<Eigen::VectorXd>(out.data(), out.size()).noalias() =
      View(rows.data(), r.size(), out.size()).transpose() * Vector(r.data(), r.size());
}

}  // namespace hypercast::forecast
