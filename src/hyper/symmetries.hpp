#pragma once
// Symmetries of an equation as they act on codes: where codes are linear coordinates of the field, a shift or
// a reflection of the field is an affine map of its code, y -> M y + c, exact up to what the code leaves out.
// One sequence of codes then stands for as many as there are symmetries.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hyper/code_field.hpp"
#include "hyper/codes.hpp"

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

// A symmetry on the grid: new[point][channel] = signs[channel] old[from[point]][channel], of fields in
// physical units.
struct FieldMap {
  std::vector<std::uint32_t> from;
  std::vector<double> signs;
};

// What maps of the field do to its scaled code. `grid`: the field of the code at all points of the training
// grid, linear, whose codes are orthonormal coordinates in the mean over the grid (hyper/code_basis.hpp).
CodeSymmetries symmetries_of_codes(CodeField& grid, const ModelFacts& facts, const CodeScaling& scaling,
                                   const std::vector<FieldMap>& maps);

}  // namespace hypercast::hyper
