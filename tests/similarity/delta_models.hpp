#pragma once
// Encoders of one set of labelled inputs, for tests of Delta.

#include <cmath>
#include <numeric>
#include <vector>

#include "../room.hpp"
#include "core/random.hpp"
#include "rows_of.hpp"
#include "similarity/delta/delta.hpp"
#include "test_world.hpp"

namespace hypercast::similarity {

struct Model {
  std::size_t width = 0;
  std::vector<double> values;  // [n][width]
};

inline double drawn(std::uint32_t stream, std::size_t index) {
  return Random(7, Random::Purpose::test, stream).normal(index);
}

struct Inputs {
  std::size_t n, classes, size = 6;
  std::vector<int> labels;
  std::vector<double> values;  // [n][size]: a class's mean and noise

  Inputs(std::size_t rows, std::size_t k) : n(rows), classes(k) {
    for (std::size_t i = 0; i < n; ++i) labels.push_back(static_cast<int>((i * i + 3 * i) % 11 % k));
    for (std::size_t i = 0; i < n * size; ++i) {
      const auto label = static_cast<std::size_t>(labels[i / size]);
      values.push_back(1.2 * drawn(100, label * size + i % size) + drawn(101, i));
    }
  }
};

// tanh of a random linear map.
inline Model encoder(const Inputs& inputs, std::size_t width, std::uint32_t seed) {
  Model model{width, {}};
  for (std::size_t i = 0; i < inputs.n; ++i)
    for (std::size_t j = 0; j < width; ++j) {
      double z = 0;
      for (std::size_t a = 0; a < inputs.size; ++a)
        z += inputs.values[i * inputs.size + a] * drawn(seed, a * width + j) / 2;
      model.values.push_back(std::tanh(z));
    }
  return model;
}

// Columns in another order.
inline Model permuted(const Model& model) {
  Model copy = model;
  for (std::size_t i = 0; i < model.values.size(); ++i)
    copy.values[i - i % model.width + (i % model.width * 7 + 3) % model.width] = model.values[i];
  return copy;
}

// Columns through as many reflections I - 2 v v' / v'v as there are columns, one after the other.
inline Model rotated(const Model& model) {
  Model copy = model;
  const std::size_t width = model.width;
  for (std::uint32_t k = 0; k < width; ++k) {
    std::vector<double> v;
    for (std::size_t j = 0; j < width; ++j) v.push_back(drawn(200 + k, j));
    const double square = std::inner_product(v.begin(), v.end(), v.begin(), 0.0);
    for (auto row = copy.values.begin(); row != copy.values.end();
         row += static_cast<std::ptrdiff_t>(width)) {
      const double part = 2 * std::inner_product(v.begin(), v.end(), row, 0.0) / square;
      for (std::size_t j = 0; j < width; ++j) row[static_cast<std::ptrdiff_t>(j)] -= part * v[j];
    }
  }
  return copy;
}

inline Model affine(const Model& model, double scale, double shift) {
  Model copy = model;
  for (std::size_t i = 0; i < copy.values.size(); ++i)
    copy.values[i] = scale * copy.values[i] + shift * static_cast<double>(1 + i % model.width);
  return copy;
}

// Numbers that have nothing to do with the inputs.
inline Model noise(const Inputs& inputs, std::size_t width, std::uint32_t seed) {
  Model model{width, {}};
  for (std::size_t i = 0; i < inputs.n * width; ++i) model.values.push_back(drawn(seed, i));
  return model;
}

inline Targets targets_of(const Inputs& inputs) {
  return {{inputs.labels}, static_cast<int>(inputs.classes), {}, 0};
}

// Delta on some ranks, of all rows or of `left` against `right`.
struct Bench {
  Room room;
  Stored rows;
  Resources resources{};
  Bench(MPI_Comm comm, const std::vector<Model>& models)
      : room(comm),
        rows(rows_of(room.comm, static_cast<std::int64_t>(models[0].values.size() / models[0].width),
                     models)) {}
  template <class Scheme>  // or options
  DeltaResult operator()(const Targets& targets, const Scheme& scheme, const std::vector<std::int64_t>& left,
                         const std::vector<std::int64_t>& right = {}) const {
    return delta(room.context, rows, left, right, targets, scheme, resources);
  }
  template <class Scheme>
  DeltaResult operator()(const Targets& targets, const Scheme& scheme) const {
    return (*this)(targets, scheme, all_rows(rows.count()));
  }
};

inline DeltaResult delta_of(const std::vector<Model>& models, const Inputs& inputs,
                            const DeltaScheme& scheme) {
  return Bench(test_world(), models)(targets_of(inputs), scheme);
}

// One set of inputs for most tests.
inline const Inputs& inputs() {
  static const Inputs all(160, 4);
  return all;
}

// A model, three that compute the same, and another one.
constexpr std::size_t copies = 5;
inline std::vector<Model> same_and_other() {
  const Model model = encoder(inputs(), 24, 1);
  return {model, permuted(model), rotated(model), affine(model, 3, 1), encoder(inputs(), 20, 2)};
}

inline DeltaScheme once() {
  DeltaScheme scheme;
  scheme.repeats = 1;
  return scheme;
}

}  // namespace hypercast::similarity
