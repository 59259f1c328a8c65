#include "bench/product_rate.hpp"

#include <Eigen/Dense>

#include "core/error.hpp"
#include "machine/rounds.hpp"

namespace hypercast::bench {

double product_rate(int rows, int width, double seconds) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Matrix a = Matrix::Random(rows, width), b = Matrix::Random(rows, width);
  Matrix c(rows, rows);
  const double products = machine::passes_a_second(seconds, [&] { c.noalias() = a * b.transpose(); });
  check(c.allFinite(), "a product that is not finite");
  return 2 * products * rows * static_cast<double>(rows) * width;
}

}  // namespace hypercast::bench
