// Rows in memory and in a file, as doubles and as floats.

#include "similarity/store.hpp"

#include "../io/helpers.hpp"
#include "golden.hpp"
#include "similarity/plan.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

std::vector<double> read(const Store& store, std::size_t width, const std::vector<std::int64_t>& rows) {
  std::vector<double> values(rows.size() * width);
  store.read(rows, values);
  return values;
}

std::vector<double> rows_of(const golden::Features& x, const std::vector<std::int64_t>& rows) {
  std::vector<double> values;
  for (const auto row : rows)
    for (std::size_t c = 0; c < x.width; ++c) values.push_back(x(static_cast<std::size_t>(row), c));
  return values;
}

// Rows of every kind of order.
void expect_holds(const Store& store, const golden::Features& x) {
  for (const auto& rows : std::vector<std::vector<std::int64_t>>{
           all_rows(static_cast<std::int64_t>(x.n)), {}, {3, 4, 5, 0, 9, 8, 7, 7}, {9}, {0, 9}})
    EXPECT_EQ(read(store, x.width, rows), rows_of(x, rows));
}

golden::Features floats(std::size_t width, std::uint32_t stream) {
  auto x = golden::normals(10, width, stream);
  for (auto& v : x.values) v = static_cast<float>(v);
  return x;
}

// Rows by a few at a time.
void fill(Store& store, const golden::Features& x) {
  for (const auto& [begin, end] : {std::pair(0, 4), std::pair(4, 5), std::pair(5, 10)})
    store.append(std::span(x.values).subspan(begin * x.width, (end - begin) * x.width));
}

}  // namespace

TEST(Store, HoldsRowsInMemory) {
  const auto x = golden::normals(10, 3, 1), single = floats(3, 2);
  Store doubles(10, 3, false, nullptr), of_floats(10, 3, true, nullptr);
  fill(doubles, x);
  fill(of_floats, single);
  expect_holds(doubles, x);
  expect_holds(of_floats, single);
  expect_holds(stored(x.values, 10, 3), x);
}

TEST(Store, SharesAFileWithOthers) {
  const TestFolder folder;
  const auto scratch = std::make_shared<io::Scratch>(folder.path());
  const auto first = golden::normals(10, 3, 1), second = floats(5, 2), third = golden::normals(10, 1, 3);
  Store a(10, 3, false, scratch), b(10, 5, true, scratch);
  fill(a, first);
  fill(b, second);
  const auto c = stored(third.values, 10, 1, scratch);
  expect_holds(a, first);
  expect_holds(b, second);
  expect_holds(c, third);
}

// As of a model whose columns span no space.
TEST(Store, HoldsRowsOfNothing) {
  const TestFolder folder;
  const golden::Features nothing{10, 0};
  expect_holds(stored(nothing.values, 10, 0), nothing);
  expect_holds(stored(nothing.values, 10, 0, std::make_shared<io::Scratch>(folder.path())), nothing);
}

TEST(Store, GoesToAFileWhereMemoryIsShort) {
  const TestFolder folder;
  const Resources resources{.memory = 4000, .scratch = folder.path()};
  EXPECT_EQ(room_for(1000, resources), nullptr);
  EXPECT_NE(room_for(1001, resources), nullptr);
  EXPECT_EQ(room_for(1001, {.memory = 4000}), nullptr) << "no folder";
}
