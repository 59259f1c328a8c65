#include "nn/function.hpp"

#include <algorithm>

#include "nn/packed.hpp"

namespace hypercast::nn {

template <class Real>
void Function<Real>::backward_rows(std::span<const Real> w, std::span<const Real> x, std::span<Real>,
                                   std::span<const Real> dy, std::span<Real> dw_rows) const {
  Buffer<Real> y(outputs()), tape(tape_size(1));
  Packed<Real> packed(*this);
  packed.pack(w);
  std::fill(dw_rows.begin(), dw_rows.end(), Real(0));
  for (std::size_t n = 0; n * inputs() < x.size(); ++n) {
    const auto row = x.subspan(n * inputs(), inputs());
    const auto dw = dw_rows.subspan(n * params(), params());
    forward(packed.weights(), row, y, tape);
    backward(packed.weights(), row, tape, dy.subspan(n * outputs(), outputs()), packed.begin_gradient(dw),
             {});
    packed.end_gradient(dw);
  }
}

template <class Real>
void Function<Real>::tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
                             std::span<Real>, std::span<Real> dy) const {
  Buffer<Real> y(outputs()), tape(tape_size(1)), unit(outputs()), dw(params());
  Packed<Real> packed(*this);
  packed.pack(w);
  for (std::size_t n = 0; n * inputs() < x.size(); ++n) {
    const auto row = x.subspan(n * inputs(), inputs());
    for (std::size_t i = 0; i < outputs(); ++i) {
      unit[i] = 1;
      std::fill(dw.begin(), dw.end(), Real(0));
      forward(packed.weights(), row, y, tape);
      backward(packed.weights(), row, tape, unit, packed.begin_gradient(dw), {});
      packed.end_gradient(dw);
      unit[i] = 0;
      Real sum = 0;
      for (std::size_t k = 0; k < dw.size(); ++k) sum += dw[k] * v[k];
      dy[n * outputs() + i] = sum;
    }
  }
}

template class Function<float>;
template class Function<double>;

}  // namespace hypercast::nn
