// The kernels of one instruction set; compiled once for each, with HC_ISA its name.

#include "nn/kernels/adam.hpp"
#include "nn/kernels/elementary.hpp"
#include "nn/kernels/peak.hpp"
#include "nn/kernels/product.hpp"
//
#include "nn/kernels/activation_files.inc"

namespace hypercast::nn::HC_ISA {

namespace {

template <class Activation, class Real>
void activate(size_t count, const Real* x, Real* values, Real* slopes) {
  Vector<Real> value, slope;
  size_t i = 0;
  for (; i + lanes<Real> <= count; i += lanes<Real>) {
    Activation::template apply<Real>(load(x + i), value, slope);
    store(values + i, value);
    store(slopes + i, slope);
  }
  if (i == count) return;
  Activation::template apply<Real>(load_first(x + i, count - i), value, slope);
  store_first(values + i, value, count - i);
  store_first(slopes + i, slope, count - i);
}

template <class Activation, class Real>
HC_INLINE Vector<Real> value_of(Vector<Real> x) {
  if constexpr (requires { Activation::template value<Real>(x); }) {
    return Activation::template value<Real>(x);
  } else {
    Vector<Real> value, slope;
    Activation::template apply<Real>(x, value, slope);
    return value;
  }
}

template <class Activation, class Real>
void evaluate(size_t count, const Real* x, Real* values) {
  size_t i = 0;
  for (; i + lanes<Real> <= count; i += lanes<Real>)
    store(values + i, value_of<Activation, Real>(load(x + i)));
  if (i < count) store_first(values + i, value_of<Activation, Real>(load_first(x + i, count - i)), count - i);
}

template <class Real>
constexpr Kernels<Real> table{
    multiply<Real>,
    multiply_stream<Real>,
    multiply_transposed<Real>,
    multiply_and_scale<Real>,
    project<Real>,
    {
#define HC_ACTIVATION(name) activate<name, Real>,
#include "nn/activation_names.inc"
#undef HC_ACTIVATION
    },
    {
#define HC_ACTIVATION(name) evaluate<name, Real>,
#include "nn/activation_names.inc"
#undef HC_ACTIVATION
    },
    adam<Real>,
    adam_of_product<Real>,
    fma_rounds<Real>,
    flops_of_round<Real>,
};

}  // namespace

extern const Kernels<float> single_precision;
extern const Kernels<double> double_precision;
const Kernels<float> single_precision = table<float>;
const Kernels<double> double_precision = table<double>;

}  // namespace hypercast::nn::HC_ISA
