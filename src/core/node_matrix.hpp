#pragma once
// A matrix of which every node keeps one copy, for all its ranks to see. Every rank owns some rows and some
// columns. A rank writes its part straight into the copy of its node and reads others' parts there; only what
// another node owns travels, in one message from each rank to each other node.

#include <vector>

#include "core/buffer.hpp"
#include "core/shared_array.hpp"

namespace hypercast {

template <class T>
class NodeMatrix {
 public:
  // COLLECTIVE over comm; `node` is the part of it that shares memory. Rows and columns of all ranks, each
  // tiling the matrix in the order of ranks; some may be empty. Filled with zeros.
  NodeMatrix(const Comm& comm, const Comm& node, std::vector<Range> rows, std::vector<Range> columns);

  std::size_t stride() const { return stride_; }  // between rows, a multiple of 64 bytes
  T* row(std::int64_t i) { return values_.values().data() + i * stride_; }

  // All COLLECTIVE over comm.
  // Every rank has written its columns of all rows; after it, its rows are whole.
  void gather_rows();
  // Every rank has written its rows; after it, its columns are whole.
  void gather_columns();
  // Every rank has written its rows; after it, all is everywhere.
  void spread_rows();

 private:
  struct Block {
    std::vector<Range> rows, columns;
    std::size_t size() const;
  };
  // What a rank has to tell a node.
  Block rows_for(int rank, std::size_t node) const;     // gather_rows
  Block columns_for(int rank, std::size_t node) const;  // gather_columns
  Block all_for(int rank, std::size_t node) const;      // spread_rows
  void exchange(Block (NodeMatrix::*block)(int, std::size_t) const);
  void pack(const Block& block, Buffer<T>& message);
  void unpack(const Block& block, const Buffer<T>& message);
  std::vector<Range> ranges(const std::vector<Range>& of_rank, std::size_t node) const;

  Comm comm_;
  std::vector<Range> rows_, columns_;
  std::vector<std::vector<int>> nodes_;  // ranks of each node
  std::size_t my_node_ = 0, my_place_ = 0;
  std::size_t stride_;
  SharedArray<T> values_;
  std::vector<Buffer<T>> sent_, received_;
};

}  // namespace hypercast
