#include "pde/operators.hpp"

#include <algorithm>

namespace hypercast::pde {

void Operators::derivative(const Operand& field, int axis, int order, std::span<double> out) {
  std::fill(out.begin(), out.end(), 0.0);
  add_derivative(field, axis, order, 1.0, out);
}

std::span<double> Operators::scratch(std::size_t slot) {
  if (slot >= scratch_.size()) scratch_.resize(slot + 1);
  scratch_[slot].resize(size());
  return scratch_[slot];
}

}  // namespace hypercast::pde
