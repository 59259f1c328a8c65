#include "pde/solver/fourier_operators.hpp"

#include <algorithm>

#include "pde/solver/mean.hpp"

namespace hypercast::pde {

namespace {

// Modes that are its own or somebody else's, and values that are given or computed when they are asked for.
class FourierField final : public Operand {
 public:
  FourierField(const FourierOperators& operators, Buffer<Complex> modes, std::span<const double> values)
      : Operand({}), operators_(operators), kept_(std::move(modes)), modes_(kept_), values_(values) {}
  FourierField(const FourierOperators& operators, std::span<const Complex> modes)
      : Operand({}), operators_(operators), modes_(modes) {}
  FourierField(const FourierField&) = delete;
  FourierField& operator=(const FourierField&) = delete;

  std::span<const Complex> modes() const { return modes_; }
  std::span<const double> values() const override {
    if (values_.empty()) {
      computed_.resize(operators_.size());
      operators_.to_values(modes_, computed_);
      values_ = computed_;
    }
    return values_;
  }

 private:
  const FourierOperators& operators_;
  Buffer<Complex> kept_;
  std::span<const Complex> modes_;
  mutable Buffer<double> computed_;
  mutable std::span<const double> values_;
};

std::span<const Complex> modes_of(const Operand& field) {
  return static_cast<const FourierField&>(field).modes();
}

// out = factor i^order modes, where factor is real.
void turn(std::span<const double> factor, int order, std::span<const Complex> modes, std::span<Complex> out) {
  const auto* in = reinterpret_cast<const double*>(modes.data());
  auto* to = reinterpret_cast<double*>(out.data());
  const double sign = order % 4 >= 2 ? -1 : 1;
  if (order % 2 == 0)
    for (std::size_t m = 0; m < modes.size(); ++m) {
      to[2 * m] = sign * factor[m] * in[2 * m];
      to[2 * m + 1] = sign * factor[m] * in[2 * m + 1];
    }
  else
    for (std::size_t m = 0; m < modes.size(); ++m) {
      to[2 * m] = -sign * factor[m] * in[2 * m + 1];
      to[2 * m + 1] = sign * factor[m] * in[2 * m];
    }
}

}  // namespace

FourierOperators::FourierOperators(const FourierGrid& grid, const Comm& comm)
    : grid_(grid), comm_(comm), alias_free_(grid.alias_free()) {
  const auto block = grid.block();
  const int dims = grid.domain().dims();
  for (int axis = 0; axis < dims; ++axis) {
    auto& values = coordinates_.emplace_back(grid.points());
    std::size_t inner = 1;
    for (int a = axis + 1; a < dims; ++a) inner *= block.count[a];
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = grid.domain().axes[axis].point(block.start[axis] +
                                                 static_cast<std::int64_t>(i / inner % block.count[axis]));
  }
}

std::unique_ptr<Operand> FourierOperators::operand(std::span<const double> field, Parity) {
  Buffer<Complex> modes(grid_.modes());
  grid_.forward(field, modes);
  return std::make_unique<FourierField>(*this, std::move(modes), field);
}

std::unique_ptr<Operand> FourierOperators::operand_of_modes(std::span<const Complex> modes) {
  return std::make_unique<FourierField>(*this, modes);
}

std::span<const double> FourierOperators::factors(int axis, int order) {
  auto& found = factors_[{axis, order}];
  if (found.empty()) {
    found = grid_.wave_power(axis, order);
    for (std::size_t m = 0; m < found.size(); ++m) found[m] *= alias_free_[m] * grid_.scale();
  }
  return found;
}

void FourierOperators::derivative(const Operand& field, int axis, int order, std::span<double> out) {
  turn(factors(axis, order), order, modes_of(field), grid_.work());
  grid_.inverse(out);
}

void FourierOperators::add_derivative(const Operand& field, int axis, int order, double factor,
                                      std::span<double> out) {
  Buffer<double> values(size());
  derivative(field, axis, order, values);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += factor * values[i];
}

double FourierOperators::mean(std::span<const double> field) {
  return mean_of(comm_, field, domain().points());
}

std::unique_ptr<Operand> FourierOperators::inverse_laplacian(const Operand& field) {
  if (inverse_laplacian_.empty()) {
    inverse_laplacian_.assign(grid_.modes(), 0.0);
    for (int axis = 0; axis < domain().dims(); ++axis) {
      const auto square = grid_.wave_power(axis, 2);
      for (std::size_t m = 0; m < square.size(); ++m) inverse_laplacian_[m] -= square[m];
    }
    for (double& value : inverse_laplacian_) value = value == 0 ? 0 : 1 / value;
  }
  const auto modes = modes_of(field);
  Buffer<Complex> result(modes.size());
  for (std::size_t m = 0; m < modes.size(); ++m) result[m] = inverse_laplacian_[m] * modes[m];
  return std::make_unique<FourierField>(*this, std::move(result), std::span<const double>());
}

void FourierOperators::product(std::span<const double> a, std::span<const double> b, std::span<double> out) {
  Buffer<double> values(size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = a[i] * b[i];
  Buffer<Complex> modes(grid_.modes());
  grid_.forward(values, modes);
  to_values(modes, values);
  std::copy(values.begin(), values.end(), out.begin());
}

void FourierOperators::to_modes(std::span<const double> field, std::span<Complex> modes) const {
  grid_.forward(field, modes);
  for (std::size_t m = 0; m < modes.size(); ++m) modes[m] *= alias_free_[m];
}

void FourierOperators::to_values(std::span<const Complex> modes, std::span<double> field) const {
  const auto work = grid_.work();
  for (std::size_t m = 0; m < modes.size(); ++m) work[m] = alias_free_[m] * grid_.scale() * modes[m];
  grid_.inverse(field);
}

}  // namespace hypercast::pde
