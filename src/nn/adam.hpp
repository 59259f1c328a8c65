#pragma once
// Adam and AdamW. D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015;
// I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019.

#include <cstdint>
#include <span>

#include "nn/kernels/kernels.hpp"

namespace hypercast::nn {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;  // decoupled; multiplied by the learning rate
};

struct AdamStep {
  AdamOptions options;
  double rate = 1e-3;
  std::int64_t number = 1;  // of the step, from 1
};

// One step of w against `factor` times a gradient; m and v are the moments, zero at first.
template <class Real>
void adam(const AdamStep& step, Real factor, std::span<const Real> gradient, std::span<Real> w,
          std::span<Real> m, std::span<Real> v);

// The same for a matrix w[rows][columns] in main memory against factor A' B, which is never stored;
// A [depth][rows], B [depth][columns]. `ahead`: rows of w from here that are needed next (see kernels.hpp).
template <class Real>
void adam_of_product(const AdamStep& step, Real factor, std::size_t depth, ConstRows<Real> a,
                     ConstRows<Real> b, std::size_t columns, std::span<Real> w, std::span<Real> m,
                     std::span<Real> v, std::size_t ahead);

// Euclidean norm in double, summed in index order.
template <class Real>
double norm(std::span<const Real> values);

// Linear warm-up over `warmup` steps, then a cosine from `peak` to `peak * last` at step `total`.
// `step` counts from 0.
double cosine_rate(std::int64_t step, std::int64_t warmup, std::int64_t total, double peak, double last);

}  // namespace hypercast::nn
