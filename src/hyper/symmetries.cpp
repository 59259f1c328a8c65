#include "hyper/symmetries.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace hypercast::hyper {

void CodeSymmetries::apply(std::size_t which, std::span<const float> from, std::span<float> to) const {
  if (empty()) {
    std::copy(from.begin(), from.end(), to.begin());
    return;
  }
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const std::size_t rows = from.size() / code;
  for (std::size_t i = 0; i < rows; ++i)
    std::copy_n(offsets.begin() + which * code, code, to.begin() + i * code);
  Eigen::Map<Matrix>(to.data(), rows, code).noalias() +=
      Eigen::Map<const Matrix>(from.data(), rows, code) *
      Eigen::Map<const Matrix>(maps.data() + which * code * code, code, code).transpose();
}

CodeSymmetries symmetries_of_codes(CodeField& grid, const ModelFacts& facts, const CodeScaling& scaling,
                                   const std::vector<FieldMap>& maps) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Single = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto rows = static_cast<Eigen::Index>(grid.rows()), d = static_cast<Eigen::Index>(grid.size());
  const auto channels = static_cast<Eigen::Index>(facts.channels.size());
  const Buffer<double> zero(grid.size()), mu(facts.parameters.size());
  Matrix j(rows, d), moved(rows, d);
  Eigen::VectorXd origin(rows), moved_origin(rows);
  grid.jacobian(zero, mu, std::span(j.data(), j.size()));
  grid.values(zero, mu, std::span(origin.data(), origin.size()));
  const Eigen::Map<const Eigen::VectorXd> mean(scaling.mean.data(), d);
  CodeSymmetries result;
  result.code = grid.size();
  for (const auto& map : maps) {
    for (Eigen::Index i = 0; i < rows; ++i) {
      const Eigen::Index c = i % channels, from = map.from[i / channels] * channels + c;
      const double sign = map.signs[c];
      moved.row(i) = sign * j.row(from);
      moved_origin(i) = sign * origin(from) + (sign - 1) * facts.mean[c] / facts.scale[c];
    }
    const Matrix m = j.transpose() * moved / static_cast<double>(rows);
    const Eigen::VectorXd offset = j.transpose() * (moved_origin - origin) / static_cast<double>(rows);
    const Eigen::VectorXd scaled = (m * mean + offset - mean) / scaling.scale;
    const Single single = m.cast<float>();
    result.maps.insert(result.maps.end(), single.data(), single.data() + single.size());
    for (Eigen::Index k = 0; k < d; ++k) result.offsets.push_back(static_cast<float>(scaled(k)));
  }
  return result;
}

}  // namespace hypercast::hyper
