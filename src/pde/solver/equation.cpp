#include "pde/solver/equation.hpp"

#include <algorithm>

namespace hypercast::pde {

Equation::Equation(const FdGrid& grid, const System& system)
    : grid_(grid), system_(system), operators_(grid) {
  refresh();
}

void Equation::refresh() { terms_ = system_.linear(grid_.dims()); }

void Equation::evaluate(Part part, double t, Vec u, Vec dudt) {
  const std::size_t size = operators_.size() * grid_.channels();
  const double* in = nullptr;
  double* out = nullptr;
  petsc_call(VecGetArrayRead(u, &in));
  petsc_call(VecGetArrayWrite(dudt, &out));
  evaluate(part, t, std::span(in, size), std::span(out, size));
  petsc_call(VecRestoreArrayRead(u, &in));
  petsc_call(VecRestoreArrayWrite(dudt, &out));
}

// A state is stored point by point; the System works channel by channel. One channel needs no sorting.
void Equation::evaluate(Part part, double t, std::span<const double> u, std::span<double> dudt) {
  std::fill(dudt.begin(), dudt.end(), 0.0);
  if (part == Part::remainder && system_.is_linear()) return;
  const int channels = grid_.channels();
  const std::size_t points = operators_.size();
  in_.resize(channels);
  out_.resize(channels);
  std::vector<std::unique_ptr<Operand>> operands;
  std::vector<Field> fields;
  std::vector<std::span<double>> rates;
  for (int c = 0; c < channels; ++c) {
    std::span<const double> field = u;
    if (channels > 1) {
      in_[c].resize(points);
      out_[c].assign(points, 0.0);
      for (std::size_t i = 0; i < points; ++i) in_[c][i] = u[i * channels + c];
      field = in_[c];
    }
    operands.push_back(operators_.operand(field));
    fields.push_back({field, *operands.back()});
    rates.push_back(channels > 1 ? std::span<double>(out_[c]) : dudt);
  }
  if (part == Part::all) add_linear(terms_, operators_, fields, rates);
  if (!system_.is_linear()) system_.rhs(t, operators_, fields, rates);
  for (int c = 0; c < channels && channels > 1; ++c)
    for (std::size_t i = 0; i < points; ++i) dudt[i * channels + c] = out_[c][i];
  for (const std::size_t point : grid_.wall_points())
    for (int c = 0; c < channels; ++c) dudt[point * channels + c] = 0;
}

}  // namespace hypercast::pde
