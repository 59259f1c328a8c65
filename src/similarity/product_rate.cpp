#include "similarity/product_rate.hpp"

#include <Eigen/Dense>
#include <charconv>

namespace hypercast::similarity {

double product_rate(const Comm& comm, int rows, int width) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Matrix a = Matrix::Random(rows, width), b = Matrix::Random(rows, width);
  Matrix c(rows, rows);
  comm.barrier();
  const double start = wall_seconds();
  double products = 0, seconds = 0;
  for (; seconds < 1; seconds = wall_seconds() - start, ++products) c.noalias() = a * b.transpose();
  check(c.allFinite(), "a product that is not finite");
  return comm.sum(2 * products * rows * static_cast<double>(rows) * width / seconds);
}

Exit tell_product_rate(const Comm& comm, const Log& log, const std::vector<std::string>& words) {
  std::vector<int> numbers;
  for (const auto& word : words) {
    int number = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (failure == std::errc() && end == word.data() + word.size() && number > 0) numbers.push_back(number);
  }
  if (numbers.size() != 2 || words.size() != 2)
    throw UserError(Exit::usage, "--product-rate takes two numbers: rows and columns");
  const double rate = product_rate(comm, numbers[0], numbers[1]);
  log.info("products of {0} x {1} with {1} x {0}: {2:.1f} GF/s on all ranks", numbers[0], numbers[1],
           rate / 1e9);
  return Exit::ok;
}

}  // namespace hypercast::similarity
