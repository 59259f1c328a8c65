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

std::span<const double> Operators::constant(std::size_t slot,
                                            const std::function<void(std::span<double>)>& make) {
  if (slot >= constants_.size()) constants_.resize(slot + 1);
  if (constants_[slot].size() != size()) {
    constants_[slot].assign(size(), 0.0);
    make(constants_[slot]);
  }
  return constants_[slot];
}

}  // namespace hypercast::pde
