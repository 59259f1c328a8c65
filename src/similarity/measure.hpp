#pragma once
// Measures of similarity. A measure is one file, measures/<name>.cpp: a class that says what it promises
// (Card), describes its table [similarity.<name>], and turns what its family is given about a pair of models
// into a score. Families differ in what the schedule must make for them, once for all measures and all
// models:
//
//   KernelMeasure     inner products of centred kernel matrices          kernel_sums.hpp
//   BatchMeasure      the same, averaged over small batches of rows
//   SubspaceMeasure   orthonormal bases of centred features              subspaces.hpp
//   NeighbourMeasure  the nearest rows of every row                      neighbours.hpp
//   GeometryMeasure   ranks of all distances between rows                geometry.hpp
//   ModelMeasure      one model and its labels
//   DeltaMeasure      losses of a hypernetwork                           delta/
//
// Features X [n][d1], Y [n][d2] of a pair have their rows in the same order; Xc, Yc are their columns without
// means over the rows that are compared. Everything is in double precision unless a deck asks for float.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/buffer.hpp"
#include "core/registry.hpp"
#include "deck/section.hpp"
#include "similarity/score.hpp"

namespace hypercast::similarity {

// What a measure promises; conformance tests hold it to that, and files repeat it. Where the similar end of
// the range is finite, it is what a model has with itself: 1 of similarities, 0 of distances.
struct Card {
  std::string formula;          // one line of plain text
  std::string source;           // paper
  double lower = 0, upper = 1;  // range; infinite where there is no bound
  bool larger_is_more_similar = true;
  bool symmetric = true;  // exactly, to the last bit
  bool metric = false;    // a distance with the triangle inequality
  // All letters of what may be done to the columns of either model alone without a change: T translation,
  // O orthogonal map, S scale by a number above 0, P permutation, L invertible linear map. Letters that
  // another implies are there too (L means O, S, P).
  std::string invariant_to;
  bool of_pairs = true;  // of models; else of each
  bool needs_labels = false;
  bool biased = false;  // comes out too similar where rows are few for the columns
};

class Measure {
 public:
  virtual ~Measure() = default;
  virtual Card card() const = 0;
  virtual void describe(Section& section) = 0;  // its table [similarity.<name>]
  virtual std::string parameters();             // what that says, as it is in force: "kept = 0.99, .."
};

// --- kernels ---------------------------------------------------------------------------------------------

struct Kernel {
  enum class Kind { linear, gaussian } kind = Kind::linear;
  // Gaussian: K_ij = exp(-|x_i - x_j|^2 / (2 t^2 m)) with t this fraction and m the median of all n^2 squared
  // distances, the n zeros of the diagonal included; the mean of the middle two where n is even. Where m is
  // 0, all of K is 1.
  double bandwidth = 0.5;
  bool operator==(const Kernel&) const = default;
};

// Of Kc = H K H and Lc = H L H, H = I - 11'/n.
struct KernelPair {
  std::int64_t n = 0;
  double inner = 0, inner_x = 0, inner_y = 0;           // <Kc, Lc>, <Kc, Kc>, <Lc, Lc>
  double diagonal = 0, diagonal_x = 0, diagonal_y = 0;  // sum_i Kc_ii Lc_ii, and so on
  double trace_x = 0, trace_y = 0;
};

// The unbiased estimator HSIC_1 of two centred kernels (L. Song et al., JMLR 13 (2012)); n >= 4:
// n(n - 3) HSIC_1 = <Kc, Lc> - n/(n - 2) sum_i Kc_ii Lc_ii + tr Kc tr Lc / ((n - 1)(n - 2)).
double unbiased_hsic(std::int64_t n, double inner, double diagonal, double trace_x, double trace_y);

// Centred kernel alignment <Kc, Lc> / (|Kc| |Lc|), in [0, 1].
Score cka(const KernelPair& pair);
// The same of unbiased estimates, HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L)), in [-1, 1]; n >= 4. Its
// kernels lose their diagonal: `zero_variance` where all rows are equally far from each other, too.
Score debiased_cka(const KernelPair& pair);

class KernelMeasure : public Measure {
 public:
  virtual Kernel kernel() const { return {}; }
  virtual Score score(const KernelPair& pair) const = 0;
};

// hsic, hsic_x, hsic_y: means of HSIC_1 of (X, Y), (X, X), (Y, Y) over batches of `batch()` rows of a linear
// kernel; NaN of fewer than 4 rows.
class BatchMeasure : public Measure {
 public:
  virtual std::int64_t batch() const = 0;
  virtual Score score(double hsic, double hsic_x, double hsic_y) const = 0;
};

// --- subspaces -------------------------------------------------------------------------------------------

// Xc = scale U diag(s) V' with orthonormal U [n][rank] and V [width][rank]; scale is a power of two near the
// largest number of X, so that nothing overflows. s falls, and what may be rounding of the numbers of X or of
// the decomposition is left out: s > 1e-15 (|X| + max(n, width) s_1), |X| the Frobenius norm of X / scale
// with its means, and where numbers are rounded to a part r of themselves s > 2 r |X| (n^-1/2 + width^-1/2),
// three times what such noise has; rank <= min(n - 1, width).
struct Subspace {
  std::int64_t n = 0;
  std::size_t width = 0, rank = 0;
  double scale = 1;
  std::vector<double> s;  // [rank]
  Buffer<double> v;       // [width][rank]; empty unless a measure needs_axes()
};

struct SubspacePair {
  SubspacePair(const Subspace& of_x, const Subspace& of_y, std::span<const double> between)
      : x(of_x), y(of_y), overlap(between) {}
  const Subspace& x;
  const Subspace& y;
  // Ux' Uy [x.rank][y.rank]; its singular values are canonical correlations. That of (Y, X) is its transpose,
  // to the last bit.
  std::span<const double> overlap;
  // What several measures ask for, made by the first (subspaces.hpp).
  mutable std::optional<std::vector<double>> correlations;
  mutable std::optional<Score> alignment;
};

class SubspaceMeasure : public Measure {
 public:
  virtual bool needs_axes() const { return false; }
  virtual Score score(const SubspacePair& pair) const = 0;
};

// --- neighbours ------------------------------------------------------------------------------------------

// x, y [n][k]: of every row the k others with the largest cosine to it (rows as they are, not centred), as
// numbers of rows, rising. Of equal cosines the lower number is nearer. k = min(neighbours(), n - 1); all of
// a model are -1 where no row is nearer to another than the rest.
class NeighbourMeasure : public Measure {
 public:
  virtual int neighbours() const = 0;
  virtual Score score(std::int64_t n, int k, std::span<const std::int32_t> x,
                      std::span<const std::int32_t> y) const = 0;
};

// --- geometry --------------------------------------------------------------------------------------------

// Of the dissimilarities 1 - Pearson correlation of two rows, all pairs of rows above the diagonal.
class GeometryMeasure : public Measure {
 public:
  virtual std::int64_t most_rows() const = 0;  // of more, every (n / most)-th is taken
  // Spearman's rank correlation of the two lists; ties have the mean of their ranks. NaN where all entries of
  // a list are equal, or there are none.
  virtual Score score(double rank_correlation) const = 0;
};

// --- single models ---------------------------------------------------------------------------------------

// f[n][width] as they are, labels[n] in [0, classes).
class ModelMeasure : public Measure {
 public:
  virtual Score score(Buffer<double> f, std::size_t width, std::span<const int> labels,
                      int classes) const = 0;
};

using MeasureRegistry = Registry<std::function<std::unique_ptr<Measure>()>>;
void register_measures(MeasureRegistry& registry);  // all files of measures/
MeasureRegistry measure_registry();

}  // namespace hypercast::similarity
