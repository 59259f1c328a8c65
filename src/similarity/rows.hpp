#pragma once
// Rows of numbers of many models, and how all ranks see them. A model belongs to one rank, which can read any
// of its rows; stream() shows every rank the rows of all models, block by block, in one order. What a rank
// computes from a stream does not depend on who owns what, so results are the same on any number of ranks as
// long as the blocks are.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "core/comm.hpp"
#include "core/context.hpp"

namespace hypercast::similarity {

// Which models each rank owns: stretches of the list, about equal in numbers of columns.
class Ownership {
 public:
  Ownership(std::span<const std::size_t> widths, const Comm& comm);  // not collective
  Range of(int rank) const { return {begins_[rank], begins_[rank + 1]}; }
  int ranks() const { return static_cast<int>(begins_.size()) - 1; }
  Range mine() const { return of(rank_); }
  bool has(std::size_t model) const;  // whether this rank owns it
  int owner(std::size_t model) const;
  Ownership twice() const;  // of twice as many models, 2 j and 2 j + 1 where j was

 private:
  std::vector<std::int64_t> begins_;  // [ranks + 1]
  int rank_;
};

class Rows {
 public:
  virtual ~Rows() = default;
  virtual std::int64_t count() const = 0;                      // n, of every model
  virtual const std::vector<std::size_t>& widths() const = 0;  // columns, [models]
  virtual const Ownership& ownership() const = 0;
  // WRITES out[rows.size()][width] of a model that this rank owns. Not collective.
  virtual void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const = 0;
  // By what part of itself a number of this model may be wrong because its file held floats: 6e-8, 5e-4 of
  // float16, else 0. Known on all ranks.
  virtual double rounding(std::size_t) const { return 0; }
  std::size_t models() const { return widths().size(); }
};

// The rows order[begin .. begin + count) of all models.
template <class Real>
struct RowBlock {
  std::size_t number = 0;  // of the block
  std::int64_t begin = 0, count = 0;
  std::vector<std::span<const Real>> panels;  // of each model, [count][width]; valid until the next block
};

// --- rows made of rows (borrowed) ---

// Rows of others in another order, or some of them: row i is order[i].
class Selected final : public Rows {
 public:
  Selected(const Rows& base, std::vector<std::int64_t> order) : base_(base), order_(std::move(order)) {}
  std::int64_t count() const override { return static_cast<std::int64_t>(order_.size()); }
  const std::vector<std::size_t>& widths() const override { return base_.widths(); }
  const Ownership& ownership() const override { return base_.ownership(); }
  double rounding(std::size_t model) const override { return base_.rounding(model); }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override;

 private:
  const Rows& base_;
  std::vector<std::int64_t> order_;
};

// Columns without their means over all rows.
class Centred final : public Rows {
 public:
  explicit Centred(const Rows& base);
  std::int64_t count() const override { return base_.count(); }
  const std::vector<std::size_t>& widths() const override { return base_.widths(); }
  const Ownership& ownership() const override { return base_.ownership(); }
  double rounding(std::size_t model) const override { return base_.rounding(model); }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override;

 private:
  const Rows& base_;
  std::vector<std::vector<double>> means_;  // of own models, [model - first own][width]
};

// Two lists of models that belong to the same ranks, in turn: model 2 j is left j, model 2 j + 1 right j.
class Both final : public Rows {
 public:
  Both(const Rows& left, const Rows& right);
  std::int64_t count() const override { return left_.count(); }
  const std::vector<std::size_t>& widths() const override { return widths_; }
  const Ownership& ownership() const override { return ownership_; }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override;

 private:
  const Rows &left_, &right_;
  std::vector<std::size_t> widths_;
  Ownership ownership_;
};

// Means of the columns of an own model, to rounding even where they are far from zero; of a column of one
// value exactly that.
std::vector<double> column_means(const Rows& rows, std::size_t model);

// All rows of an own model, [n][width].
Buffer<double> whole(const Rows& rows, std::size_t model);

// --- all ranks together ---

// Thrown on all ranks alike when a signal asked to stop.
struct Stopped {};
// COLLECTIVE. Throws it.
void heed(const Context& context);

// COLLECTIVE. work(model) for every own model, in step with the other ranks, so that all heed signals.
void each_own_model(const Context& context, const Rows& rows, const std::function<void(std::size_t)>& work);

// Numbers of rows 0 .. n - 1.
std::vector<std::int64_t> all_rows(std::int64_t n);
// Ranges of at most `block` rows that tile [0, n).
std::vector<Range> blocks_of(std::int64_t n, std::int64_t block);

// COLLECTIVE. Calls see(block) for every range of `order`, on every rank, in turn; heeds signals at each.
// `order` may be any rows, also some twice; order, blocks and the models' widths are the same on all ranks.
// A block of all models has less than 2^31 numbers. Real: float or double.
template <class Real>
void stream(const Context& context, const Rows& rows, std::span<const std::int64_t> order,
            std::span<const Range> blocks, const std::function<void(const RowBlock<Real>&)>& see);

// COLLECTIVE. The sum over blocks of what term(block, out) adds to `size` zeros, which every rank does for
// some of the blocks; in one order, so with the same bits on any number of ranks.
template <class Real>
std::vector<double> sum_over_blocks(
    const Context& context, const Rows& rows, std::span<const std::int64_t> order,
    std::span<const Range> blocks, std::size_t size,
    const std::function<void(const RowBlock<Real>&, std::span<double> out)>& term);

}  // namespace hypercast::similarity
