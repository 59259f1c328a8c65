#pragma once
// Symmetries of an equation as they act on codes: where codes are linear coordinates of the field, a shift or
// a reflection of the field is an affine map of its code, y -> M y + c, exact up to what the code leaves out.
// One sequence of codes then stands for as many as there are symmetries.

#include <cstddef>
#include <span>

#include "core/buffer.hpp"

namespace hypercast::hyper {

struct CodeSymmetries {
  std::size_t code = 0;   // d
  Buffer<float> maps;     // [count][d][d], on scaled codes
  Buffer<float> offsets;  // [count][d]

  // None: the identity alone.
  bool empty() const { return maps.empty(); }
  std::size_t count() const { return empty() ? 1 : offsets.size() / code; }
  // to[n][d] = map number `which` of from[n][d].
  void apply(std::size_t which, std::span<const float> from, std::span<float> to) const;
};

}  // namespace hypercast::hyper
