// A matrix filled by parts, on nodes of every size.

#include "core/node_matrix.hpp"

#include <gtest/gtest.h>

#include "test_world.hpp"

using namespace hypercast;

namespace {

float value(std::int64_t i, std::int64_t j) { return static_cast<float>(1000 * i + j + 1); }

std::vector<Range> shares(std::int64_t total, int ranks) {
  std::vector<Range> all;
  for (int rank = 0; rank < ranks; ++rank) all.push_back(share_of(total, rank, ranks));
  return all;
}

// Calls `look` with a matrix, my rows and my columns, for nodes of one rank, two ranks and all there are, and
// for more ranks than rows or columns, too.
template <class Look>
void for_all(const Look& look) {
  const Comm& world = test_world();
  for (const int most : {0, 1, 2})
    for (const auto& [rows, columns] : {std::pair(7, 37), std::pair(2, 5), std::pair(16, 2)}) {
      const Comm node = world.node(most);
      const auto of_rows = shares(rows, world.size()), of_columns = shares(columns, world.size());
      NodeMatrix<float> matrix(world, node, of_rows, of_columns);
      EXPECT_EQ(matrix.stride() % 16, 0u);
      for (int round = 0; round < 2; ++round)
        look(matrix, of_rows[world.rank()], of_columns[world.rank()], Range{0, rows}, Range{0, columns});
    }
}

void fill(NodeMatrix<float>& matrix, Range rows, Range columns, float sign) {
  for (auto i = rows.begin; i < rows.end; ++i)
    for (auto j = columns.begin; j < columns.end; ++j) matrix.row(i)[j] = sign * value(i, j);
}

void expect(NodeMatrix<float>& matrix, Range rows, Range columns, float sign) {
  for (auto i = rows.begin; i < rows.end; ++i)
    for (auto j = columns.begin; j < columns.end; ++j) ASSERT_EQ(matrix.row(i)[j], sign * value(i, j));
}

}  // namespace

TEST(NodeMatrix, ColumnsBecomeRowsAndRowsBecomeColumns) {
  for_all([](NodeMatrix<float>& matrix, Range rows, Range columns, Range all_rows, Range all_columns) {
    fill(matrix, all_rows, columns, 1);
    matrix.gather_rows();
    expect(matrix, rows, all_columns, 1);
    test_world().barrier();  // others read what the next lines overwrite
    fill(matrix, rows, all_columns, -1);
    matrix.gather_columns();
    expect(matrix, all_rows, columns, -1);
    test_world().barrier();
  });
}

TEST(NodeMatrix, RowsAreEverywhereWhenSpread) {
  for_all([](NodeMatrix<float>& matrix, Range rows, Range, Range all_rows, Range all_columns) {
    fill(matrix, rows, all_columns, 2);
    matrix.spread_rows();
    expect(matrix, all_rows, all_columns, 2);
    test_world().barrier();
  });
}
