#pragma once
// Dense layers at the speed of the machine: the inner loops of training, compiled once for each instruction
// set (core/isa.hpp) and chosen when the program starts.
//
// The fused pass. Points go through a network in blocks of about a hundred: all layers forward, the loss, all
// layers backward (nn/mlp.cpp, hyper/frame_pass.cpp), so that a block's activations, slopes and errors stay
// in the first two caches, and the weights in the second. Three products make up the work; with a block's
// activations A_l [b][w], errors D_l [b][w] and weights W_l they are
//
//   forward    Z_l     = b_l + A_{l-1} W_l'          multiply, weights transposed beforehand
//   errors     D_{l-1} = (D_l W_l) * slopes          multiply_and_scale
//   weights    dW_l'  += A_{l-1}' D_l                multiply_transposed, over all blocks of a frame
//
// and all are one micro-kernel (product.hpp): a tile of C is kept in registers while a row of B, a few
// vectors, is multiplied with broadcast elements of A. Activations leave their slopes behind, so that the
// backward pass evaluates no function. Frequency factors and the like are multiplied into the weights when
// they are brought into this form, once a frame.
//
// Every element of a product is one chain c = a_k b_k + c with rising k, whatever the tile, the place or the
// shape. Hence results do not depend on how many rows are computed together or where in memory they stand,
// and v3 and v4 give the same bits.
//
// An activation is one file of activations/: a struct of that name whose apply() gives value and slope of a
// vector's elements, and value(), if it is there, the value alone. Anything else is found by its header:
// lanes.hpp (vectors), elementary.hpp (functions).
//
// Matrices are row-major with a stride between rows, in elements. Rows may be READ up to 64 bytes beyond
// their last element, as a Buffer allows; nothing is written there, and what is read there has no influence.

#include <cstddef>

#include "core/isa.hpp"
#include "nn/activation.hpp"

namespace hypercast::nn {

// A number of elements, rounded up so that the next row begins on a 64-byte boundary, too.
template <class Real>
constexpr std::size_t padded(std::size_t count) {
  constexpr std::size_t line = 64 / sizeof(Real);
  return (count + line - 1) / line * line;
}

template <class Real>
struct ConstRows {
  const Real* values;
  std::size_t stride;
};
template <class Real>
struct Rows {
  Real* values;
  std::size_t stride;
};

// See nn/adam.hpp. mean = beta1 mean + rest1 g, square = beta2 square + rest2 g^2 with g = factor gradient,
// w -= stride mean / (root sqrt(square) + epsilon) + decay w.
template <class Real>
struct AdamFactors {
  Real factor, beta1, rest1, beta2, rest2, stride, root, epsilon, decay;
};

template <class Real>
struct Kernels {
  // C[rows][columns] = start + A[rows][depth] B[depth][columns]; `start` may be C, or one row for all
  // (stride 0), or null for zero.
  void (*multiply)(std::size_t rows, std::size_t depth, std::size_t columns, ConstRows<Real> a,
                   ConstRows<Real> b, ConstRows<Real> start, Rows<Real> c);
  // C = A B for an A[rows][depth] without gaps that comes from main memory: what follows it is on its way
  // into the cache when the call ends.
  void (*multiply_stream)(std::size_t rows, std::size_t depth, std::size_t columns, const Real* a,
                          ConstRows<Real> b, Rows<Real> c);
  // The same as the first with A given as [depth][rows].
  void (*multiply_transposed)(std::size_t rows, std::size_t depth, std::size_t columns, ConstRows<Real> a,
                              ConstRows<Real> b, ConstRows<Real> start, Rows<Real> c);
  // C = (A B) * slopes, element by element, and sums[columns] += the rows of C, from the first to the last.
  void (*multiply_and_scale)(std::size_t rows, std::size_t depth, std::size_t columns, ConstRows<Real> a,
                             ConstRows<Real> b, ConstRows<Real> slopes, Rows<Real> c, Real* sums);
  // C[rows][columns] = start[columns] + A[rows][depth] B[columns][depth]' for few columns. Sums over depth
  // are cut into 16 (float) or 8 (double) interleaved ones.
  void (*project)(std::size_t rows, std::size_t depth, std::size_t columns, ConstRows<Real> a,
                  ConstRows<Real> b, const Real* start, Rows<Real> c);
  // values[i] = act(x[i]), slopes[i] = act'(x[i]); `values` may be x.
  void (*activate[activation_count])(std::size_t count, const Real* x, Real* values, Real* slopes);
  // The values alone, which are cheaper for some functions and may differ in the last place.
  void (*values[activation_count])(std::size_t count, const Real* x, Real* values);
  void (*adam)(std::size_t count, const AdamFactors<Real>& factors, const Real* gradient, Real* w, Real* mean,
               Real* square);
  // The same for matrices [rows][columns] without gaps that come from main memory, against A' B, whose
  // elements are formed in registers and used up there; A [depth][rows], B [depth][columns]. The next `rows`
  // rows of the moments, and those of w from row `ahead` on, are on their way into the cache when the call
  // ends.
  void (*adam_of_product)(std::size_t rows, std::size_t depth, std::size_t columns, ConstRows<Real> a,
                          ConstRows<Real> b, const AdamFactors<Real>& factors, Real* w, Real* mean,
                          Real* square, std::size_t ahead);
  // What the processor can do at most: x = factor x + term on registers alone, so many floating-point
  // operations a round. The result means nothing.
  Real (*fma_rounds)(std::size_t rounds, Real factor, Real term);
  std::size_t flops_of_round;
};

// Those of the instruction set in use (isa(), which may throw), or of another that is there.
template <class Real>
const Kernels<Real>& kernels();
template <class Real>
const Kernels<Real>& kernels(Isa isa);

}  // namespace hypercast::nn
