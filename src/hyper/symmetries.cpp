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

}  // namespace hypercast::hyper
