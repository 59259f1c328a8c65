#include <Eigen/Dense>

#include "similarity/kernel_products.hpp"
#include "similarity/pairs.hpp"

namespace hypercast::similarity {

namespace {

// |C|^2, then |C - C_g|^2 of each group, for C = sum_g C_g: matrices[groups][size].
void squared_norms(std::span<const double> matrices, std::size_t size, std::span<double> norms) {
  using Array = Eigen::Map<const Eigen::ArrayXd>;
  const auto n = static_cast<Eigen::Index>(size);
  Eigen::ArrayXd all = Eigen::ArrayXd::Zero(n);
  for (std::size_t at = 0; at < matrices.size(); at += size) all += Array(matrices.data() + at, n);
  norms[0] = all.square().sum();
  for (std::size_t g = 0; 1 + g < norms.size(); ++g)
    norms[1 + g] = (all - Array(matrices.data() + g * size, n)).square().sum();
}

}  // namespace

std::vector<double> products_by_covariances(const Context& context, const Sides& sides,
                                            const std::vector<Range>& groups, const Resources& resources) {
  const std::size_t models = sides.x.models(), each = 1 + groups.size(),
                    parts = std::max<std::size_t>(1, groups.size());
  const Rows& y = sides.y ? *sides.y : sides.x;
  // Norms add up over columns, so no matrix of a pair and its groups need be whole.
  const double most = resources.memory / 4 / sizeof(double) / static_cast<double>(parts);
  const auto pairs = cut(pairs_of(sides.x, sides.y != nullptr), y, most);
  PairResults<double> results(pairs.size(), each);
  products_of_pairs(context, sides.x, y, pairs, groups, resources,
                    [&](std::size_t pair, std::span<const double> matrices) {
                      squared_norms(matrices, matrices.size() / parts, results.of(pair));
                    });
  const auto found = results.gather(context.comm);
  std::vector<double> all(each * models * models);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    for (std::size_t part = 0; part < each; ++part)
      all[(part * models + pairs[i].x) * models + pairs[i].y] += found[i * each + part];
  for (std::size_t part = 0; part < each && !sides.y; ++part)
    for (std::size_t x = 0; x < models; ++x)
      for (std::size_t j = 0; j < x; ++j)
        all[(part * models + x) * models + j] = all[(part * models + j) * models + x];
  return all;
}

}  // namespace hypercast::similarity
