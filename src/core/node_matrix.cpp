#include "core/node_matrix.hpp"

#include <algorithm>
#include <map>

namespace hypercast {

namespace {

std::int64_t end_of(const std::vector<Range>& ranges) {
  std::int64_t end = 0;
  for (const Range& range : ranges) end = std::max(end, range.end);
  return end;
}

template <class T>
std::size_t whole_lines(std::int64_t count) {
  constexpr std::size_t line = 64 / sizeof(T);
  return (static_cast<std::size_t>(count) + line - 1) / line * line;
}

// Ranks of each node, in the order of their first ranks.
std::vector<std::vector<int>> nodes_of(const Comm& comm, const Comm& node) {
  int first = comm.rank();
  node.broadcast(std::span(&first, 1));
  std::map<int, std::vector<int>> nodes;
  const auto firsts = comm.all_gather<int>(std::span<const int>(&first, 1));
  for (int rank = 0; rank < comm.size(); ++rank) nodes[firsts[rank]].push_back(rank);
  std::vector<std::vector<int>> list;
  for (auto& [leader, ranks] : nodes) list.push_back(std::move(ranks));
  return list;
}

}  // namespace

template <class T>
NodeMatrix<T>::NodeMatrix(const Comm& comm, const Comm& node, std::vector<Range> rows,
                          std::vector<Range> columns)
    : comm_(static_cast<MPI_Comm>(comm)),
      rows_(std::move(rows)),
      columns_(std::move(columns)),
      nodes_(nodes_of(comm, node)),
      stride_(whole_lines<T>(end_of(columns_))),
      values_(node, static_cast<std::size_t>(end_of(rows_)) * stride_) {
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const auto at = std::find(nodes_[n].begin(), nodes_[n].end(), comm.rank());
    if (at == nodes_[n].end()) continue;
    my_node_ = n;
    my_place_ = static_cast<std::size_t>(at - nodes_[n].begin());
  }
}

template <class T>
std::size_t NodeMatrix<T>::Block::size() const {
  std::int64_t height = 0, width = 0;
  for (const Range& range : rows) height += range.size();
  for (const Range& range : columns) width += range.size();
  return static_cast<std::size_t>(height * width);
}

template <class T>
std::vector<Range> NodeMatrix<T>::ranges(const std::vector<Range>& of_rank, std::size_t node) const {
  std::vector<Range> list;
  for (const int rank : nodes_[node]) list.push_back(of_rank[rank]);
  return list;
}

template <class T>
auto NodeMatrix<T>::rows_for(int rank, std::size_t node) const -> Block {
  return {ranges(rows_, node), {columns_[rank]}};
}

template <class T>
auto NodeMatrix<T>::columns_for(int rank, std::size_t node) const -> Block {
  return {{rows_[rank]}, ranges(columns_, node)};
}

template <class T>
auto NodeMatrix<T>::all_for(int rank, std::size_t) const -> Block {
  return {{rows_[rank]}, {{0, end_of(columns_)}}};
}

template <class T>
void NodeMatrix<T>::pack(const Block& block, Buffer<T>& message) {
  message.clear();
  for (const Range& rows : block.rows)
    for (auto i = rows.begin; i < rows.end; ++i)
      for (const Range& columns : block.columns)
        message.insert(message.end(), row(i) + columns.begin, row(i) + columns.end);
}

template <class T>
void NodeMatrix<T>::unpack(const Block& block, const Buffer<T>& message) {
  auto from = message.begin();
  for (const Range& rows : block.rows)
    for (auto i = rows.begin; i < rows.end; ++i)
      for (const Range& columns : block.columns) {
        std::copy(from, from + columns.size(), row(i) + columns.begin);
        from += columns.size();
      }
}

// A rank's message goes to the rank of the other node at the same place, modulo the ranks there.
template <class T>
void NodeMatrix<T>::exchange(Block (NodeMatrix::*block)(int, std::size_t) const) {
  std::vector<MPI_Request> requests;
  std::vector<Block> expected;
  received_.resize(static_cast<std::size_t>(comm_.size()));
  sent_.resize(nodes_.size());
  for (std::size_t n = 0; n < nodes_.size(); ++n)
    for (std::size_t place = my_place_; n != my_node_ && place < nodes_[n].size();
         place += nodes_[my_node_].size()) {
      const int from = nodes_[n][place];
      expected.push_back((this->*block)(from, my_node_));
      auto& message = received_[expected.size() - 1];
      message.resize(expected.back().size());
      mpi_call(MPI_Irecv(message.data(), to_count(message.size()), mpi_type<T>(), from, 0, comm_,
                         &requests.emplace_back()));
    }
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (n == my_node_) continue;
    pack((this->*block)(comm_.rank(), n), sent_[n]);
    const int to = nodes_[n][my_place_ % nodes_[n].size()];
    mpi_call(MPI_Isend(sent_[n].data(), to_count(sent_[n].size()), mpi_type<T>(), to, 0, comm_,
                       &requests.emplace_back()));
  }
  mpi_call(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE));
  for (std::size_t m = 0; m < expected.size(); ++m) unpack(expected[m], received_[m]);
  values_.sync();
}

template <class T>
void NodeMatrix<T>::gather_rows() {
  exchange(&NodeMatrix::rows_for);
}
template <class T>
void NodeMatrix<T>::gather_columns() {
  exchange(&NodeMatrix::columns_for);
}
template <class T>
void NodeMatrix<T>::spread_rows() {
  exchange(&NodeMatrix::all_for);
}

template class NodeMatrix<float>;

}  // namespace hypercast
