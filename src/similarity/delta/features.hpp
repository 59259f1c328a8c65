#pragma once
// What the classifiers of Delta see of a model: F [n][m], one of three maps of its rows x_i. With `centred`,
// x_i are rows without the means of columns, divided by the mean norm of rows; else they are as given.
//
//   raw       F = x, with zeros up to the widest model: m = widest
//   relative  F_ia = cos(x_i, x_a) with anchors a, the same rows for all models: m = anchors (L. Moschella et
//             al., "Relative representations enable zero-shot latent space communication", ICLR 2023)
//   gram      F_ia = <x_i, x_a> with all rows: m = n
//
// The last two do not change when the columns of x go through an orthogonal map. All three are products of a
// tall and a small matrix, F = X Z', and are kept as such: X [n][inner], Z [m][inner], inner = min(m, width);
// of the Gram map Z is X.
//
// Anchors are the rows whose numbers have the smallest random keys, so that leaving rows out changes few.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "similarity/delta/kept_rows.hpp"
#include "similarity/delta/options.hpp"
#include "similarity/rows.hpp"

namespace hypercast::similarity {

template <class Real>
struct ReadoutFeatures {
  std::size_t n = 0, m = 0, inner = 0;
  KeptRows<Real> x;  // [n][inner]
  Buffer<Real> z;    // [m][inner]; empty where Z is X or the unit matrix
  bool z_is_x = false;
  // Whether there is a Z; else F is X, with columns of zeros where m > inner.
  bool has_anchors() const { return z_is_x || !z.empty(); }
  // Rows of Z, as KeptRows::rows().
  std::span<const Real> anchors(const Range& range, Buffer<Real>& room) const;

  // About the model, of the rows at hand.
  bool varies = false;  // some row differs from the first
  bool finite = false;  // all numbers are
  // What distinguishes models, when conditioning asks for it; see signature.hpp.
  std::vector<double> signature;
};

// Rows of X and Z are read in blocks of so many.
constexpr std::int64_t readout_rows = 256;

// Anything to know about the features of all models at once.
struct FeatureShape {
  std::int64_t n = 0;
  std::size_t m = 0;
  std::size_t widest = 0;             // of the models
  std::vector<std::int64_t> anchors;  // positions in the order of rows; empty for the raw map
};

// `order`: the rows that are compared, at least 4.
FeatureShape feature_shape(const DeltaScheme& scheme, std::span<const std::int64_t> order,
                           std::span<const std::size_t> widths);

// Shows all n rows of one model in blocks, panel [rows][width] from row `begin` on.
using SeeRows = std::function<void(std::int64_t begin, std::span<const double> panel)>;
using Pass = std::function<void(const SeeRows& see)>;
constexpr int feature_passes = 3;

// Calls pass() feature_passes times, whatever it sees. `scratch`: where X goes, null for memory.
template <class Real>
ReadoutFeatures<Real> make_features(const DeltaScheme& scheme, const FeatureShape& shape, std::size_t width,
                                    const Pass& pass, std::shared_ptr<io::Scratch> scratch = nullptr);

}  // namespace hypercast::similarity
