#pragma once
// The micro-kernel: a tile C[M rows][N vectors] held in registers, C = start + A B. Its size is chosen so
// that the tile, a row of B and one broadcast element of A fill the registers; edges take smaller tiles.

#include "nn/kernels/kernels.hpp"
#include "nn/kernels/lanes.hpp"

namespace hypercast::nn::HC_ISA {

#if defined(__AVX512F__)
constexpr int most_vectors = 4;  // 32 registers
constexpr int tile_rows(int vectors) { return vectors == 4 ? 6 : vectors == 3 ? 8 : 12; }
#elif defined(__AVX2__)
constexpr int most_vectors = 2;  // 16 registers
constexpr int tile_rows(int vectors) { return vectors == 2 ? 6 : 8; }
#else
constexpr int most_vectors = 2;  // 16 registers, and products need one of their own
constexpr int tile_rows(int vectors) { return vectors == 2 ? 4 : 8; }
#endif

// What is multiplied. Columns of the tile's last vector beyond `tail` are not written; 0: all are.
template <class Real>
struct Factors {
  size_t depth;
  ConstRows<Real> a, b, start;
  size_t tail;
};

template <class Real, int N>
HC_INLINE void put(Real* row, int j, Vector<Real> value, size_t tail) {
  if (j == N - 1 && tail != 0)
    store_first(row + j * lanes<Real>, value, tail);
  else
    store(row + j * lanes<Real>, value);
}

template <bool transposed, int M, int N, class Real, class Finish>
HC_INLINE void tile(const Factors<Real>& f, size_t row, size_t column, const Finish& finish) {
  Vector<Real> sum[M][N];
  const Real* start = f.start.values;
  HC_UNROLL
  for (int i = 0; i < M; ++i) {
    HC_UNROLL
    for (int j = 0; j < N; ++j)
      sum[i][j] =
          start ? load(start + (row + i) * f.start.stride + column + j * lanes<Real>) : Vector<Real>{};
  }
  const Real* a = f.a.values + (transposed ? row : row * f.a.stride);
  const Real* b = f.b.values + column;
  const size_t next_row = transposed ? 1 : f.a.stride, next = transposed ? f.a.stride : 1;
  for (size_t k = 0; k < f.depth; ++k, a += next, b += f.b.stride) {
    if constexpr (requires { finish.template fetch<M>(row, k); }) finish.template fetch<M>(row, k);
    Vector<Real> right[N];
    HC_UNROLL
    for (int j = 0; j < N; ++j) right[j] = load(b + j * lanes<Real>);
    HC_UNROLL
    for (int i = 0; i < M; ++i) {
      const Vector<Real> left = splat(a[i * next_row]);
      HC_UNROLL
      for (int j = 0; j < N; ++j) sum[i][j] = fma(left, right[j], sum[i][j]);
    }
  }
  finish.template take<M, N>(sum, row, column, f.tail);
}

template <bool transposed, int N, class Real, class Finish>
HC_INLINE void strip(size_t rows, const Factors<Real>& f, size_t column, const Finish& finish) {
  constexpr int M = tile_rows(N);
  size_t row = 0;
  for (; row + M <= rows; row += M) tile<transposed, M, N>(f, row, column, finish);
  if constexpr (M > 8) {
    if (row + 8 <= rows) tile<transposed, 8, N>(f, row, column, finish), row += 8;
  }
  if constexpr (M > 4) {
    if (row + 4 <= rows) tile<transposed, 4, N>(f, row, column, finish), row += 4;
  }
  if (row + 2 <= rows) tile<transposed, 2, N>(f, row, column, finish), row += 2;
  if (row < rows) tile<transposed, 1, N>(f, row, column, finish);
}

template <bool transposed, class Real, class Finish>
HC_INLINE void sweep(size_t rows, size_t depth, size_t columns, ConstRows<Real> a, ConstRows<Real> b,
                     ConstRows<Real> start, const Finish& finish) {
  Factors<Real> f{depth, a, b, start, 0};
  for (size_t column = 0; column < columns;) {
    const size_t left = columns - column, vectors = (left + lanes<Real> - 1) / lanes<Real>;
    // Two equal strips rather than a wide one and a very narrow one.
    const size_t n = vectors <= most_vectors          ? vectors
                     : vectors < 2 * most_vectors - 1 ? (vectors + 1) / 2
                                                      : most_vectors;
    f.tail = n == vectors ? left % lanes<Real> : 0;
    if (n == 1) strip<transposed, 1>(rows, f, column, finish);
    if (n == 2) strip<transposed, 2>(rows, f, column, finish);
    if constexpr (most_vectors == 4) {
      if (n == 3) strip<transposed, 3>(rows, f, column, finish);
      if (n == 4) strip<transposed, 4>(rows, f, column, finish);
    }
    column += n * lanes<Real>;
  }
}

template <class Real>
struct Store {
  Rows<Real> c;
  template <int M, int N>
  HC_INLINE void take(Vector<Real> (&sum)[M][N], size_t row, size_t column, size_t tail) const {
    HC_UNROLL
    for (int i = 0; i < M; ++i) {
      HC_UNROLL
      for (int j = 0; j < N; ++j) put<Real, N>(c.values + (row + i) * c.stride + column, j, sum[i][j], tail);
    }
  }
};

// Meanwhile the rows of A that the next tile needs are brought into the second cache, an M of numbers at a
// time, as fast as those of this tile are used.
template <class Real>
struct StoreAndFetch : Store<Real> {
  ConstRows<Real> a;
  template <int M>
  HC_INLINE void fetch(size_t row, size_t k) const {
    fetch_line(a.values + (row + M) * a.stride + k * M);
  }
};

template <class Real>
struct ScaleAndSum {
  ConstRows<Real> slopes;
  Rows<Real> c;
  Real* sums;
  template <int M, int N>
  HC_INLINE void take(Vector<Real> (&sum)[M][N], size_t row, size_t column, size_t tail) const {
    Vector<Real> total[N];
    HC_UNROLL
    for (int j = 0; j < N; ++j) total[j] = load(sums + column + j * lanes<Real>);
    HC_UNROLL
    for (int i = 0; i < M; ++i) {
      HC_UNROLL
      for (int j = 0; j < N; ++j) {
        const Vector<Real> value =
            sum[i][j] * load(slopes.values + (row + i) * slopes.stride + column + j * lanes<Real>);
        total[j] += value;
        put<Real, N>(c.values + (row + i) * c.stride + column, j, value, tail);
      }
    }
    HC_UNROLL
    for (int j = 0; j < N; ++j) put<Real, N>(sums + column, j, total[j], tail);
  }
};

template <class Real>
void multiply(size_t rows, size_t depth, size_t columns, ConstRows<Real> a, ConstRows<Real> b,
              ConstRows<Real> start, Rows<Real> c) {
  sweep<false>(rows, depth, columns, a, b, start, Store<Real>{c});
}

template <class Real>
void multiply_stream(size_t rows, size_t depth, size_t columns, const Real* a, ConstRows<Real> b,
                     Rows<Real> c) {
  const ConstRows<Real> all{a, depth};
  sweep<false>(rows, depth, columns, all, b, ConstRows<Real>{nullptr, 0}, StoreAndFetch<Real>{{c}, all});
}

template <class Real>
void multiply_transposed(size_t rows, size_t depth, size_t columns, ConstRows<Real> a, ConstRows<Real> b,
                         ConstRows<Real> start, Rows<Real> c) {
  sweep<true>(rows, depth, columns, a, b, start, Store<Real>{c});
}

template <class Real>
void multiply_and_scale(size_t rows, size_t depth, size_t columns, ConstRows<Real> a, ConstRows<Real> b,
                        ConstRows<Real> slopes, Rows<Real> c, Real* sums) {
  sweep<false>(rows, depth, columns, a, b, ConstRows<Real>{nullptr, 0}, ScaleAndSum<Real>{slopes, c, sums});
}

// Sums of products of R rows of A with one of B, each in 64 bytes of interleaved ones, folded to 16 bytes.
template <class Real, int R>
HC_INLINE void dot(size_t depth, ConstRows<Real> a, const Real* b,
                   typename SizedVector<Real, 16>::type (&folded)[R]) {
  constexpr size_t parts = 64 / vector_bytes, step = parts * lanes<Real>;
  Vector<Real> sum[R][parts] = {};
  size_t k = 0;
  for (; k + step <= depth; k += step) {
    HC_UNROLL
    for (size_t p = 0; p < parts; ++p) {
      const size_t at = k + p * lanes<Real>;
      const Vector<Real> right = load(b + at);
      HC_UNROLL
      for (int r = 0; r < R; ++r) sum[r][p] = fma(load(a.values + r * a.stride + at), right, sum[r][p]);
    }
  }
  for (size_t p = 0; k < depth; ++p, k += lanes<Real>) {
    const size_t left = depth - k < lanes<Real> ? depth - k : lanes<Real>;
    const Vector<Real> right = load_first(b + k, left);
    for (int r = 0; r < R; ++r)
      sum[r][p] = fma(load_first(a.values + r * a.stride + k, left), right, sum[r][p]);
  }
  HC_UNROLL
  for (int r = 0; r < R; ++r) {
    HC_UNROLL
    for (size_t half = parts / 2; half > 0; half /= 2)
      for (size_t p = 0; p < half; ++p) sum[r][p] += sum[r][p + half];
    folded[r] = fold(sum[r][0]);
  }
}

template <class Real>
void project(size_t rows, size_t depth, size_t columns, ConstRows<Real> a, ConstRows<Real> b,
             const Real* start, Rows<Real> c) {
  size_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    for (size_t j = 0; j < columns; ++j) {
      typename SizedVector<Real, 16>::type folded[4];
      dot<Real, 4>(depth, {a.values + row * a.stride, a.stride}, b.values + j * b.stride, folded);
      Real sums[4];
      if constexpr (sizeof(Real) == 4) {
        const auto all = add_up(folded);
        __builtin_memcpy(sums, &all, sizeof sums);
      } else {
        for (int r = 0; r < 4; ++r) sums[r] = add_up(folded[r]);
      }
      for (int r = 0; r < 4; ++r) c.values[(row + r) * c.stride + j] = start[j] + sums[r];
    }
  }
  for (; row < rows; ++row)
    for (size_t j = 0; j < columns; ++j) {
      typename SizedVector<Real, 16>::type folded[1];
      dot<Real, 1>(depth, {a.values + row * a.stride, a.stride}, b.values + j * b.stride, folded);
      c.values[row * c.stride + j] = start[j] + add_up(folded[0]);
    }
}

}  // namespace hypercast::nn::HC_ISA
