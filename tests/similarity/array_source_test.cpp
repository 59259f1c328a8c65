// Arrays of every layout as rows of features, whatever blocks they are read in.

#include "../io/helpers.hpp"
#include "../io/npy_bytes.hpp"
#include "similarity/source.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

constexpr std::size_t inputs = 7;

// Numbers that tell where they are from. Exact in float, and so are means over 4 or 8 places.
double entry(std::size_t input, std::size_t place, std::size_t feature) {
  return static_cast<double>(1000 * input + 100 * feature + 16 * place);
}

// [places][features] of each input as an array lies in a file; `features_first`: [features][places].
std::vector<double> array_of(std::size_t places, std::size_t features, bool features_first) {
  std::vector<double> values;
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t k = 0; k < places * features; ++k)
      values.push_back(features_first ? entry(i, k % places, k / places)
                                      : entry(i, k / features, k % features));
  return values;
}

struct Kind {
  std::string layout, shape;
  std::size_t places, features;
  bool features_first;
};

const std::vector<Kind> kinds{{"nchw", "(7, 3, 2, 4)", 8, 3, true},
                              {"nhwc", "(7, 2, 4, 3)", 8, 3, false},
                              {"ntd", "(7, 4, 5)", 4, 5, false}};

// Of all kinds, and an array of two axes.
struct Files {
  TestFolder folder;
  Files() {
    for (const auto& kind : kinds)
      put_file(place(kind.layout), npy_header("<f8", kind.shape) +
                                       npy_values(array_of(kind.places, kind.features, kind.features_first)));
    put_file(place("flat"), npy_header("<f4", "(7, 3)") + npy_values(flat()));
  }
  std::string place(const std::string& name) const { return (folder / (name + ".npy")).string(); }
  static std::vector<float> flat() {
    std::vector<float> values;
    for (const double v : array_of(1, 3, false)) values.push_back(static_cast<float>(v));
    return values;
  }
};

// All rows, `block` at a time from `first` on.
std::vector<double> read(Source& source, std::int64_t block, std::int64_t first = 0) {
  std::vector<double> all;
  for (std::int64_t at = first; at < source.rows(); at += block) {
    const Range rows{at, std::min(source.rows(), at + block)};
    std::vector<double> some(static_cast<std::size_t>(rows.size()) * source.width());
    source.read(rows, some);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::vector<double> from(const std::vector<double>& values, std::int64_t row, std::size_t width) {
  return {values.begin() + row * static_cast<std::int64_t>(width), values.end()};
}

}  // namespace

TEST(ArraySource, MakesARowOfEveryPlace) {
  const Files files;
  for (const auto& kind : kinds) {
    std::vector<double> wanted;
    for (std::size_t i = 0; i < inputs; ++i)
      for (std::size_t place = 0; place < kind.places; ++place)
        for (std::size_t f = 0; f < kind.features; ++f) wanted.push_back(entry(i, place, f));
    const auto rows = static_cast<std::int64_t>(inputs * kind.places);
    // Blocks that begin and end anywhere in an input, also within one.
    for (std::int64_t block = 1; block <= rows; ++block) {
      const auto source = array_source(files.place(kind.layout), {kind.layout, "places"});
      ASSERT_EQ(source->rows(), rows);
      EXPECT_EQ(source->samples(), 7);
      EXPECT_EQ(source->places(), kind.places);
      EXPECT_EQ(source->width(), kind.features);
      ASSERT_EQ(read(*source, block), wanted) << kind.layout << " in blocks of " << block;
      EXPECT_EQ(read(*source, block, 3), from(wanted, 3, kind.features))
          << "again, from the middle of an input";
    }
  }
}

// What a block leaves of its last input must not pass for that of another.
TEST(ArraySource, TakesBlocksInAnyOrder) {
  const Files files;
  const auto source = array_source(files.place("ntd"), {"ntd", "places"});
  for (const auto& rows : {Range{5, 9}, Range{20, 27}, Range{0, 3}, Range{2, 3}, Range{8, 12}, Range{11, 12},
                           Range{10, 28}, Range{26, 27}, Range{4, 8}}) {
    std::vector<double> found(static_cast<std::size_t>(rows.size()) * 5), wanted;
    source->read(rows, found);
    for (auto row = static_cast<std::size_t>(rows.begin); row < static_cast<std::size_t>(rows.end); ++row)
      for (std::size_t f = 0; f < 5; ++f) wanted.push_back(entry(row / 4, row % 4, f));
    EXPECT_EQ(found, wanted) << "from " << rows.begin;
  }
}

TEST(ArraySource, AveragesOverPlaces) {
  const Files files;
  for (const auto& kind : kinds) {
    std::vector<double> wanted;
    for (std::size_t i = 0; i < inputs; ++i)
      for (std::size_t f = 0; f < kind.features; ++f)
        wanted.push_back(entry(i, 0, f) + 8 * static_cast<double>(kind.places - 1));
    for (const std::int64_t block : {1, 2, 3, 7}) {
      const auto source = array_source(files.place(kind.layout), {kind.layout, "average"});
      ASSERT_EQ(source->rows(), 7);
      EXPECT_EQ(source->samples(), 7);
      EXPECT_EQ(source->places(), kind.places);
      EXPECT_EQ(source->width(), kind.features);
      EXPECT_EQ(read(*source, block), wanted) << kind.layout << " in blocks of " << block;
    }
  }
}

TEST(ArraySource, FlattensInTheOrderOfTheFile) {
  const Files files;
  for (const auto& kind : kinds) {
    const auto source = array_source(files.place(kind.layout), {kind.layout, "flatten"});
    ASSERT_EQ(source->rows(), 7);
    EXPECT_EQ(source->places(), kind.places);
    EXPECT_EQ(source->width(), kind.places * kind.features);
    EXPECT_EQ(read(*source, 3), array_of(kind.places, kind.features, kind.features_first)) << kind.layout;
  }
}

TEST(ArraySource, OfTwoAxesIsTheSameUnderEveryLayout) {
  const Files files;
  const auto wanted = array_of(1, 3, false);
  for (const auto* layout : {"rows", "nchw", "nhwc", "ntd"})
    for (const auto* pool : {"flatten", "average", "places"}) {
      const auto source = array_source(files.place("flat"), {layout, pool});
      ASSERT_EQ(source->rows(), 7);
      EXPECT_EQ(source->samples(), 7);
      EXPECT_EQ(source->places(), 1u);
      EXPECT_EQ(source->width(), 3u);
      EXPECT_TRUE(source->fits_float());
      EXPECT_EQ(source->rounding(), array_source(files.place("flat"), {})->rounding());
      EXPECT_EQ(read(*source, 2), wanted) << layout << ", " << pool;
    }
}

TEST(ArraySource, TellsWhatItsNumbersAre) {
  const TestFolder folder;
  const auto floats = (folder / "floats.npy").string(), doubles = (folder / "doubles.npy").string();
  put_file(floats, npy_header("<f4", "(2, 2, 1)") + npy_values<float>({1, 2, 3, 5}));
  put_file(doubles, npy_header("<f8", "(2, 2, 1)") + npy_values<double>({1, 2, 3, 5}));
  EXPECT_TRUE(array_source(floats, {"ntd", "places"})->fits_float());
  EXPECT_TRUE(array_source(floats, {"ntd", "flatten"})->fits_float());
  EXPECT_FALSE(array_source(floats, {"ntd", "average"})->fits_float()) << "means of floats are none";
  EXPECT_FALSE(array_source(doubles, {"ntd", "places"})->fits_float());
  EXPECT_GT(array_source(floats, {"ntd", "places"})->rounding(), 0);
  EXPECT_EQ(array_source(doubles, {"ntd", "places"})->rounding(), 0);
}

TEST(ArraySource, RefusesOtherAxes) {
  const Files files;
  const TestFolder folder;
  const auto list = (folder / "list.npy").string(), empty = (folder / "empty.npy").string();
  put_file(list, npy_header("<f8", "(3,)") + npy_values<double>({1, 2, 3}));
  put_file(empty, npy_header("<f8", "(3, 0)"));
  expect_user_error(Exit::data, {"ntd.npy", "3 axes", "\"rows\"", "wants 2"}, [&] {
    array_source(files.place("ntd"), {"rows", "flatten"});
  });
  expect_user_error(Exit::data, {"nchw.npy", "4 axes", "\"ntd\"", "wants 3"}, [&] {
    array_source(files.place("nchw"), {"ntd", "flatten"});
  });
  expect_user_error(Exit::data, {"ntd.npy", "3 axes", "\"nhwc\"", "wants 4"}, [&] {
    array_source(files.place("ntd"), {"nhwc", "flatten"});
  });
  expect_user_error(Exit::data, {"list.npy", "1 axes"}, [&] { array_source(list, {"rows", "flatten"}); });
  expect_user_error(Exit::data, {"empty.npy", "empty"}, [&] { array_source(empty, {"rows", "flatten"}); });
}
