// What the same bits on any number of ranks cost: sums along a fixed tree beside MPI's own, and the exchange
// of a matrix that some ranks write by columns and others read by rows.

#include <fmt/core.h>

#include <algorithm>

#include "bench/known_rates.hpp"
#include "core/node_matrix.hpp"
#include "core/ordered_sum.hpp"
#include "train/shards.hpp"

namespace hypercast::bench {

namespace {

std::vector<Range> parts_of(std::int64_t total, int parts) {
  std::vector<Range> ranges;
  for (int part = 0; part < parts; ++part) ranges.push_back(share_of(total, part, parts));
  return ranges;
}

class Sums final : public Group {
 public:
  void describe(Section& s) override {
    s.about(
        "Sums over ranks along a fixed tree, beside sums in any order and MPI's all-reduce; and the exchange "
        "of "
        "theta and its gradient.");
    s.key("frames", frames_, "T, of a step").at_least(1);
    s.key("width", width_, "h, of the trunk: dh has T h numbers, a term for each block of rows").at_least(1);
    s.key("rows", rows_, "P, of the head").at_least(1);
    s.key("leaf", leaf_, "numbers of the gradient of a leaf").at_least(1);
    s.key("leaves", leaves_, "of a step").at_least(1);
  }
  std::vector<std::string> after() const override { return {"clock", "fma", "sincos", "memory"}; }

  void run(const Bench& bench) const override {
    Table table{"sums",
                "seconds of a sum over all ranks",
                {"terms", "numbers", "ordered_s", "allreduce_s", "difference_s"},
                {},
                {"terms", "numbers", "ordered_s", "allreduce_s", "difference_s"}};
    const std::int64_t blocks = (rows_ + train::shard_block - 1) / train::shard_block;
    const auto hidden = static_cast<std::size_t>(frames_) * static_cast<std::size_t>(width_);
    measure_sum(bench, table, "dh", blocks, hidden);
    measure_sum(bench, table, "leaf", leaves_, static_cast<std::size_t>(leaf_));
    bench.results.tables.push_back(std::move(table));
    if (bench.context.comm.size() < 2) {
      bench.results.notes.push_back("sums: one rank has nothing to exchange");
      return;
    }
    measure_exchange(bench);
  }

 private:
  using Calls = std::function<void()>;
  static machine::Summary seconds_of(const Bench& bench, const Calls& call) {
    return machine::summarise(machine::seconds_a_call(bench.context.comm, bench.rounds, [&](std::int64_t n) {
      for (; n > 0; --n) call();
    }));
  }

  // All of it, from this rank's terms on.
  static void measure_sum(const Bench& bench, Table& table, const std::string& name, std::int64_t terms,
                          std::size_t size) {
    const Comm& comm = bench.context.comm;
    const Range mine = share_of(terms, comm.rank(), comm.size());
    const Buffer<float> term(size, 1.0f);
    Buffer<float> sum(size);
    OrderedSum<float> ordered(terms, size);
    const auto along_tree = seconds_of(bench, [&] {
      for (auto i = mine.begin; i < mine.end; ++i) ordered.add(i, term);
      ordered.total(comm, sum);
    });
    const auto in_any_order = seconds_of(bench, [&] {
      std::fill(sum.begin(), sum.end(), 0.0f);
      for (auto i = mine.begin; i < mine.end; ++i)
        for (std::size_t k = 0; k < size; ++k) sum[k] += term[k];
      comm.sum(std::span(sum));
    });
    const std::string who = fmt::format("{} terms of {} numbers", terms, size);
    bench.add(
        {"sums." + name + ".allreduce", "s", who + " in any order, then MPI's all-reduce", in_any_order});
    bench.add({"sums." + name + ".ordered", "s", who + " along one tree", along_tree,
               bench.results.bound("sums." + name + ".allreduce")});
    table.rows.push_back({static_cast<double>(terms), static_cast<double>(size), along_tree.median,
                          in_any_order.median, along_tree.median - in_any_order.median});
  }

  // Ranks write their part, exchange, and read what others have written.
  void measure_exchange(const Bench& bench) const {
    const auto& context = bench.context;
    const int ranks = context.comm.size();
    const auto rows = parts_of(frames_, ranks), columns = parts_of(rows_, ranks);
    NodeMatrix<float> matrix(context.comm, context.node, rows, columns);
    const Range r = rows[context.comm.rank()], c = columns[context.comm.rank()];
    const auto write = [&](Range i, Range j) {
      for (auto row = i.begin; row < i.end; ++row)
        std::fill(matrix.row(row) + j.begin, matrix.row(row) + j.end, 1.0f);
    };
    Buffer<float> read(std::max(r.size() * rows_, c.size() * frames_));
    const auto look = [&](Range i, Range j) {
      for (auto row = i.begin; row < i.end; ++row)
        std::copy(matrix.row(row) + j.begin, matrix.row(row) + j.end,
                  read.data() + (row - i.begin) * j.size());
    };
    const Range all_rows{0, frames_}, all_columns{0, rows_};
    add_exchange(bench, "sums.gather_rows", seconds_of(bench, [&] {
                   write(all_rows, c);
                   matrix.gather_rows();
                   look(r, all_columns);
                 }));
    add_exchange(bench, "sums.gather_columns", seconds_of(bench, [&] {
                   write(r, all_columns);
                   matrix.gather_columns();
                   look(all_rows, c);
                 }));
  }
  // The floor is half of what the cost model has for both ways.
  void add_exchange(const Bench& bench, const std::string& name, const machine::Summary& seconds) const {
    train::ModelShape shape{.trunk_width = width_,
                            .inr_width = 1,
                            .layers = 1,
                            .inputs = 1,
                            .outputs = 1,
                            .points = 1,
                            .frames = frames_,
                            .trunk_parameters = 1,
                            .rows = rows_};
    const auto cost =
        train::step_cost(known_rates(bench), shape, {bench.context.comm.size(), 1, train::Trunk::replicated});
    bench.add({name, "s", fmt::format("a matrix of {} x {} written, exchanged and read", frames_, rows_),
               seconds, Bound{"bytes / bandwidth", cost.exchange / 2}});
  }

  int frames_ = 16, width_ = 128, rows_ = 8577, leaf_ = 18816, leaves_ = 4;
};

}  // namespace

void register_sums(GroupRegistry& registry) {
  registry.add("sums", "ordered sums and exchanges between ranks", [] { return std::make_unique<Sums>(); });
}

}  // namespace hypercast::bench
