#pragma once
// Rows of models in memory or, when that is not enough, in a file without a name.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "io/scratch.hpp"
#include "similarity/rows.hpp"

namespace hypercast::similarity {

// Of one model, n rows.
class Store {
 public:
  // `single`: every number is a float, and is kept as one. `scratch`: where rows go, shared by stores that
  // are filled one after the other; null: memory.
  Store(std::int64_t n, std::size_t width, bool single, std::shared_ptr<io::Scratch> scratch);
  void append(std::span<const double> rows);
  // WRITES out[rows.size()][width].
  void read(std::span<const std::int64_t> rows, std::span<double> out) const;

 private:
  template <class Real>
  void put(std::span<const double> rows, Buffer<Real>& memory);
  template <class Real>
  void get(std::span<const std::int64_t> rows, const Buffer<Real>& memory, std::span<double> out) const;

  std::size_t width_;
  bool single_;
  Buffer<float> floats_;
  Buffer<double> doubles_;
  std::shared_ptr<io::Scratch> scratch_;
  std::optional<std::uint64_t> begin_;  // in the file
};

// A store that holds these rows.
Store stored(std::span<const double> rows, std::int64_t n, std::size_t width,
             std::shared_ptr<io::Scratch> scratch = nullptr);

// Rows of own models in stores, nothing of others.
class Stored final : public Rows {
 public:
  Stored(std::int64_t n, std::vector<std::size_t> widths, Ownership ownership,
         std::vector<std::optional<Store>> stores);  // [models]
  std::int64_t count() const override { return n_; }
  const std::vector<std::size_t>& widths() const override { return widths_; }
  const Ownership& ownership() const override { return ownership_; }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override;

 private:
  std::int64_t n_;
  std::vector<std::size_t> widths_;
  Ownership ownership_;
  std::vector<std::optional<Store>> stores_;
};

}  // namespace hypercast::similarity
