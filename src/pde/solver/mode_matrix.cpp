#include "pde/solver/mode_matrix.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <map>
#include <utility>

#include "pde/solver/matrix_function.hpp"

namespace hypercast::pde {

void ModeMatrix::multiply(std::span<const Complex> u, std::span<Complex> out) const {
  std::fill(out.begin(), out.end(), Complex());
  add_multiply(u, out);
}

// The product written out: operator* of complex numbers looks for infinities.
void ModeMatrix::add_multiply(std::span<const Complex> u, std::span<Complex> out) const {
  for (const auto& entry : entries) {
    const auto* a = reinterpret_cast<const double*>(entry.values.data());
    const auto* x = reinterpret_cast<const double*>(u.data() + entry.column * modes);
    auto* y = reinterpret_cast<double*>(out.data() + entry.row * modes);
    for (std::size_t m = 0; m < 2 * modes; m += 2) {
      const double re = a[m] * x[m] - a[m + 1] * x[m + 1], im = a[m] * x[m + 1] + a[m + 1] * x[m];
      y[m] += re;
      y[m + 1] += im;
    }
  }
}

Symbol::Symbol(const FourierGrid& grid, int channels, std::span<const LinearTerm> terms)
    : matrix_{channels, grid.modes(), {}} {
  for (const auto& term : terms) {
    auto found = std::find_if(matrix_.entries.begin(), matrix_.entries.end(), [&](const auto& entry) {
      return entry.row == term.row && entry.column == term.column;
    });
    if (found == matrix_.entries.end())
      found = matrix_.entries.insert(found, {term.row, term.column, Buffer<Complex>(grid.modes())});
    Buffer<double> factor(grid.modes(), term.coefficient);
    int orders = 0;  // i^orders
    for (int axis = 0; axis < grid.domain().dims(); ++axis) {
      if (term.orders[axis] == 0) continue;
      orders += term.orders[axis];
      const auto power = grid.wave_power(axis, term.orders[axis]);
      for (std::size_t m = 0; m < factor.size(); ++m) factor[m] *= power[m];
    }
    constexpr Complex turns[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    for (std::size_t m = 0; m < factor.size(); ++m) found->values[m] += turns[orders % 4] * factor[m];
  }
}

template <class MatrixFunction>
ModeMatrix Symbol::mode_by_mode(MatrixFunction f) const {
  const int n = matrix_.channels;
  ModeMatrix result{n, matrix_.modes, {}};
  for (int row = 0; row < n; ++row)
    for (int column = 0; column < n; ++column)
      result.entries.push_back({row, column, Buffer<Complex>(matrix_.modes)});
  for (std::size_t m = 0; m < matrix_.modes; ++m) {
    std::vector<Complex> a(n * n);
    for (const auto& entry : matrix_.entries) a[entry.row * n + entry.column] = entry.values[m];
    const auto value = f(a);
    for (int i = 0; i < n * n; ++i) result.entries[i].values[m] = value[i];
  }
  std::erase_if(result.entries, [](const auto& entry) {
    return std::all_of(entry.values.begin(), entry.values.end(), [](Complex z) { return z == Complex(); });
  });
  return result;
}

namespace {

struct InSomeOrder {
  bool operator()(const std::vector<Complex>& a, const std::vector<Complex>& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](Complex x, Complex y) {
      return std::pair(x.real(), x.imag()) < std::pair(y.real(), y.imag());
    });
  }
};

}  // namespace

// Modes of one |k| often share their matrix, and its functions are dear: each is computed once.
ModeMatrix Symbol::function(double h, const std::function<Complex(Complex)>& f) const {
  std::map<std::vector<Complex>, std::vector<Complex>, InSomeOrder> known;
  return mode_by_mode([&](const std::vector<Complex>& a) {
    const auto [found, is_new] = known.try_emplace(a);
    if (is_new) {
      auto scaled = a;
      for (auto& value : scaled) value *= h;
      found->second = matrix_function(f, std::move(scaled), matrix_.channels);
    }
    return found->second;
  });
}

ModeMatrix Symbol::affine(double a, double b) const {
  const int n = matrix_.channels;
  return mode_by_mode([&](std::vector<Complex> matrix) {
    for (auto& value : matrix) value *= b;
    for (int i = 0; i < n; ++i) matrix[i * n + i] += a;
    return matrix;
  });
}

ModeMatrix Symbol::inverse(double a, double b) const {
  const int n = matrix_.channels;
  using RowMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return mode_by_mode([&](std::vector<Complex> matrix) {
    Eigen::Map<RowMajor> view(matrix.data(), n, n);
    const Eigen::MatrixXcd shifted = b * view + a * Eigen::MatrixXcd::Identity(n, n);
    const Eigen::FullPivLU<Eigen::MatrixXcd> factors(shifted);
    check(factors.isInvertible(), "the linear part cannot be inverted for this step");
    view = factors.inverse();
    return matrix;
  });
}

}  // namespace hypercast::pde
