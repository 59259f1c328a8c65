// LogME: the largest log evidence, per row, of a Bayesian linear model from features to labels, one class
// against the rest, averaged over the classes that occur. With y = F w + noise, w ~ N(0, 1/a), noise ~ N(0,
// 1/b) and s the squared singular values of F [n][d],
//
//   log p(y | F, a, b) = d/2 ln a + n/2 ln b - n/2 ln 2 pi - b/2 |F m - y|^2 - a/2 m'm - 1/2 ln det(a I + b
//   F'F) stationary where  g = sum b s / (a + b s),  a = g / m'm,  b = (n - g) / |F m - y|^2,
//
// which leaves one unknown, r = a / b. Iterating these equations may be slow and ends in whatever stationary
// point is near; here r is searched over 32 decades and then bisected.
// K. You, Y. Liu, J. Wang, M. Long, "LogME: practical assessment of pre-trained models for transfer
// learning", ICML 2021; D. J. C. MacKay, "Bayesian interpolation", Neural Comput. 4 (1992).

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <numbers>

#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

using Eigen::Index;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// r, with s relative to the largest. Below the least the noise is under 1e-10 of what features give.
constexpr double least = 1e-20;
constexpr int per_decade = 3, decades = 32;
constexpr Index block = 32;  // classes of a product

// y in the coordinates of F: the squares of its components along the singular vectors, and what they leave.
struct Target {
  Eigen::ArrayXd squares;
  double rest = 0;
};

class Evidence {
 public:
  explicit Evidence(const Subspace& f)
      : n_(static_cast<double>(f.n)),
        s_((Eigen::Map<const Eigen::ArrayXd>(f.s.data(), static_cast<Index>(f.rank)) / f.s[0]).square()),
        beyond_(n_ - static_cast<double>(f.rank)) {
    for (int i = 0; i <= per_decade * decades; ++i) {
      ratios_.push_back(std::log(least) + i * std::log(10.0) / per_decade);
      determinants_.push_back((s_ + std::exp(ratios_.back())).log().sum());
    }
  }
  // The largest, per row; `clipped` when it is infinite, because features give y exactly: then that of the
  // least noise.
  Score largest(const Target& y) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < ratios_.size(); ++i)
      if (at(y, i) > at(y, best)) best = i;
    double low = ratios_[best > 0 ? best - 1 : 0], high = ratios_[std::min(best + 1, ratios_.size() - 1)];
    while (high - low > 1e-9) {
      const double middle = (low + high) / 2;
      (rises(y, middle) ? low : high) = middle;
    }
    const double value = of(y, low, (s_ + std::exp(low)).log().sum()) / n_;
    return {value, best == 0 && beyond_ > 0 ? Status::clipped : Status::ok};
  }

 private:
  double at(const Target& y, std::size_t i) const { return of(y, ratios_[i], determinants_[i]); }
  // With the best a and b for ln r, for which a m'm + b |F m - y|^2 = n.
  double of(const Target& y, double ratio, double determinant) const {
    const double r = std::exp(ratio);
    const double square = (y.squares / (s_ + r)).sum() + y.rest / r;
    return -(n_ * (std::log(2 * std::numbers::pi * square / n_) + 1) + determinant + beyond_ * ratio) / 2;
  }
  // Whether the evidence rises with r, which is g |F m - y|^2 > r (n - g) m'm.
  bool rises(const Target& y, double ratio) const {
    const double r = std::exp(ratio);
    const Eigen::ArrayXd left = r / (s_ + r);
    const double residual = (y.squares * left.square()).sum() + y.rest;
    const double weights = (y.squares * s_ / (s_ + r).square()).sum();
    return (s_ / (s_ + r)).sum() * residual > r * (beyond_ + left.sum()) * weights;
  }

  double n_;
  Eigen::ArrayXd s_;
  double beyond_;                              // dimensions that features do not reach
  std::vector<double> ratios_, determinants_;  // ln r, ln det(F F' + r) within the features' dimensions
};

class LogMe final : public ModelMeasure {
 public:
  Card card() const override {
    return {.formula =
                "max over a, b of log p(labels | F, a, b) / n of a Bayesian linear model, mean over classes",
            .source = "K. You, Y. Liu, J. Wang, M. Long, ICML 2021",
            .lower = -std::numeric_limits<double>::infinity(),
            .upper = std::numeric_limits<double>::infinity(),
            .invariant_to = "OSP",
            .of_pairs = false,
            .needs_labels = true};
  }
  void describe(Section& s) override {
    s.about("Log evidence of labels under a Bayesian linear model of the features, of each model.");
  }
  Score score(Buffer<double> f, std::size_t width, std::span<const int> labels, int classes) const override {
    std::vector<int> present = occurring(labels, classes);
    if (present.size() < 2) return undefined(Status::skipped);
    Buffer<double> u;
    const auto space =
        uncentred_subspace_of(std::move(f), static_cast<std::int64_t>(labels.size()), width, false, u);
    if (space.rank == 0) return undefined(Status::zero_variance);
    const Evidence evidence(space);
    const Eigen::Map<const RowMajor> basis(u.data(), space.n, static_cast<Index>(space.rank));
    Score mean{0};
    for (Index begin = 0; begin < static_cast<Index>(present.size()); begin += block) {
      const auto count = std::min(block, static_cast<Index>(present.size()) - begin);
      for (const Target& y : targets(basis, labels, std::span(present).subspan(begin, count))) {
        const Score one = evidence.largest(y);
        mean.value += one.value / static_cast<double>(present.size());
        if (one.status != Status::ok) mean.status = one.status;
      }
    }
    return mean;
  }

 private:
  static std::vector<int> occurring(std::span<const int> labels, int classes) {
    std::vector<char> seen(classes, 0);
    for (const int label : labels) seen[label] = 1;
    std::vector<int> present;
    for (int c = 0; c < classes; ++c)
      if (seen[c]) present.push_back(c);
    return present;
  }
  static std::vector<Target> targets(const Eigen::Map<const RowMajor>& basis, std::span<const int> labels,
                                     std::span<const int> classes) {
    Eigen::MatrixXd y(basis.rows(), static_cast<Index>(classes.size()));
    for (Index c = 0; c < y.cols(); ++c)
      for (Index i = 0; i < y.rows(); ++i) y(i, c) = labels[i] == classes[c] ? 1 : 0;
    const Eigen::MatrixXd along = basis.transpose() * y;
    y.noalias() -= basis * along;
    std::vector<Target> found;
    for (Index c = 0; c < y.cols(); ++c)
      found.push_back(
          {along.col(c).array().square(), basis.cols() < basis.rows() ? y.col(c).squaredNorm() : 0});
    return found;
  }
};

}  // namespace

void register_logme(MeasureRegistry& registry) {
  registry.add("logme", "log evidence of labels given one model's features, per model",
               [] { return std::make_unique<LogMe>(); });
}

}  // namespace hypercast::similarity
