#pragma once
// The parameters of a function in the form that its calls take, and a gradient in that form; see
// nn/function.hpp. Functions that take w as it is cost nothing here.

#include <algorithm>

#include "core/buffer.hpp"
#include "nn/function.hpp"

namespace hypercast::nn {

template <class Real>
class Packed {
 public:
  explicit Packed(const Function<Real>& function)
      : function_(&function), w_(function.packed_size()), dw_(function.packed_gradient_size()) {}

  // Packs w. What is returned is good until the next call and, unless it is a copy, as long as w is.
  std::span<const Real> pack(std::span<const Real> w) { return packed_ = function_->pack(w, w_); }
  std::span<const Real> weights() const { return packed_; }  // packed last

  // Where backward passes add their gradients: zeros, to be added to dw afterwards, or dw itself.
  std::span<Real> begin_gradient(std::span<Real> dw) {
    std::fill(dw_.begin(), dw_.end(), Real(0));
    return dw_.empty() ? dw : std::span<Real>(dw_);
  }
  void end_gradient(std::span<Real> dw) const {
    if (!dw_.empty()) function_->unpack_gradient(dw_, dw);
  }

 private:
  const Function<Real>* function_;
  Buffer<Real> w_, dw_;
  std::span<const Real> packed_;
};

}  // namespace hypercast::nn
