// Projection weighted CCA: canonical correlations weighted by how much of the source's columns lies along
// each canonical variate. Where canonical correlations are equal their variates are not determined, nor are
// then their weights. A. Morcos, M. Raghu, S. Bengio, "Insights on representational similarity in neural
// networks with canonical correlation", NeurIPS 2018.

#include <Eigen/Dense>

#include "similarity/dense.hpp"
#include "similarity/subspaces.hpp"

namespace hypercast::similarity {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class Pwcca final : public SubspaceMeasure {
 public:
  Card card() const override {
    return {.formula =
                "sum a_i rho_i / sum a_i, a_i = sum_j |<h_i, x_j>|; canonical variates h_i and columns x_j "
                "of the source X (the row of the matrix), Y the target (its column)",
            .source = "A. Morcos, M. Raghu, S. Bengio, NeurIPS 2018",
            .symmetric = false,
            .invariant_to = "TSP",
            .biased = true};
  }
  void describe(Section& s) override {
    s.about("Canonical correlations weighted by what they explain of the source.");
  }
  bool needs_axes() const override { return true; }
  Score score(const SubspacePair& pair) const override {
    const Status status = status_of_correlations(pair);
    if (status == Status::zero_variance) return undefined(status);
    const auto found = svd({pair.overlap, pair.x.rank, pair.y.rank});
    const auto a = weights(pair.x, found);
    const Eigen::Map<const Eigen::VectorXd> rho(found.s.data(), a.size());
    return within(a.dot(rho) / a.sum(), 0, 1, status);
  }

 private:
  // h_i = U p_i with the left singular vectors p_i of the overlap, so <h_i, x_j> = (V diag(s) P)_ji.
  static Eigen::VectorXd weights(const Subspace& x, const Svd& overlap) {
    const auto width = static_cast<Eigen::Index>(x.width), rank = static_cast<Eigen::Index>(x.rank);
    const auto count = static_cast<Eigen::Index>(overlap.s.size());
    const Eigen::Map<const RowMajor> v(x.v.data(), width, rank), p(overlap.u.data(), rank, count);
    const Eigen::Map<const Eigen::VectorXd> s(x.s.data(), rank);
    return (v * s.asDiagonal() * p).cwiseAbs().colwise().sum().transpose();
  }
};

}  // namespace

void register_pwcca(MeasureRegistry& registry) {
  registry.add("pwcca", "canonical correlations weighted by what they explain of the source",
               [] { return std::make_unique<Pwcca>(); });
}

}  // namespace hypercast::similarity
