#include "forecast/galerkin/code_space.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace hypercast::forecast {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Matrix>;
using ConstVector = Eigen::Map<const Eigen::VectorXd>;
using Vector = Eigen::Map<Eigen::VectorXd>;

constexpr std::size_t most_places = 2;

bool same(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

CodeSpace::CodeSpace(const hyper::Model<double>& model, std::span<const double> phi,
                     std::span<const double> mu)
    : model_(model), phi_(phi), mu_(mu.begin(), mu.end()), size_(model.hypernetwork.inputs() - mu.size()) {}

void CodeSpace::weights(std::span<const double> z, std::span<double> theta) const {
  Buffer<double> c(z.begin(), z.end());
  c.insert(c.end(), mu_.begin(), mu_.end());
  const auto found = model_.hypernetwork.weights(phi_, c);
  std::copy(found.begin(), found.end(), theta.begin());
}

// That of the same points, or a new one instead of the one that was not asked for longest.
CodeSpace::Place& CodeSpace::at(std::span<const double> x) {
  const auto known =
      std::find_if(places_.begin(), places_.end(), [&](const Place& place) { return same(place.x, x); });
  if (known != places_.end()) {
    places_.splice(places_.begin(), places_, known);
  } else {
    if (places_.size() == most_places) places_.pop_back();
    places_.push_front({{x.begin(), x.end()}, {}, {}, hyper::CodeField(model_, phi_, x)});
  }
  return places_.front();
}

void CodeSpace::field(std::span<const double> z, std::span<const double> x, std::span<double> u) {
  if (!x.empty()) at(x).field.values(z, mu_, u);
}

void CodeSpace::jacobian(std::span<const double> z, std::span<const double> x, std::span<double> rows) {
  if (!x.empty()) at(x).field.jacobian(z, mu_, rows);
}

// J for the many products of one projection.
std::span<const double> CodeSpace::rows(std::span<const double> z, std::span<const double> x) {
  auto& place = at(x);
  if (place.rows.empty() || (!place.field.is_linear() && !same(place.z, z))) {
    place.rows.resize(place.field.rows() * size_);
    place.field.jacobian(z, mu_, place.rows);
    place.z.assign(z.begin(), z.end());
  }
  return place.rows;
}

void CodeSpace::multiply(std::span<const double> z, std::span<const double> x, std::span<const double> v,
                         std::span<double> out) {
  if (x.empty()) return;
  Vector(out.data(), out.size()).noalias() =
      View(rows(z, x).data(), out.size(), size_) * ConstVector(v.data(), size_);
}

void CodeSpace::multiply_transposed(std::span<const double> z, std::span<const double> x,
                                    std::span<const double> r, std::span<double> out) {
  std::fill(out.begin(), out.end(), 0.0);
  if (x.empty()) return;
  Vector(out.data(), size_).noalias() =
      View(rows(z, x).data(), r.size(), size_).transpose() * ConstVector(r.data(), r.size());
}

}  // namespace hypercast::forecast
