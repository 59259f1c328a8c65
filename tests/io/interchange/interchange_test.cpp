// Files that Python made, and files for Python: see make_arrays.py and check_similarity.py. A program of its
// own, called with the folder of the former.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../similarity_sample.hpp"
#include "core/error.hpp"
#include "io/array.hpp"
#include "io/child_jobs.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

std::filesystem::path folder;

// The words between bars of each line.
std::vector<std::vector<std::string>> lines_of(const std::string& name) {
  std::vector<std::vector<std::string>> lines;
  std::ifstream file(folder / name);
  for (std::string line; std::getline(file, line);) {
    lines.emplace_back();
    std::istringstream words(line);
    for (std::string word; std::getline(words, word, '|');) lines.back().push_back(word);
  }
  return lines;
}

std::vector<double> doubles_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// The same number or both none.
bool equal(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

std::string shape_of(const ArrayInfo& info) {
  std::string text;
  for (const std::size_t extent : info.shape) text += (text.empty() ? "" : " ") + std::to_string(extent);
  return text;
}

}  // namespace

TEST(Interchange, ArraysOfPythonAreRead) {
  const auto lines = lines_of("list.txt");
  EXPECT_GT(lines.size(), 250u);
  for (const auto& line : lines) {
    ASSERT_EQ(line.size(), 4u);
    ArrayReader reader(array_place(line[0]));
    EXPECT_EQ(reader.info().type.name(), line[1]) << line[0];
    EXPECT_EQ(shape_of(reader.info()), line[2]) << line[0];
    const std::vector<double> expected = doubles_of(line[3]);
    const std::size_t row = reader.info().row_size(), rows = reader.info().rows();
    ASSERT_EQ(expected.size(), rows * row) << line[0];
    std::vector<double> found;
    for (std::size_t begin = 0; begin < rows; begin += 3) {
      const std::size_t end = std::min(rows, begin + 3);
      std::vector<double> some((end - begin) * row);
      reader.read({std::int64_t(begin), std::int64_t(end)}, some);
      found.insert(found.end(), some.begin(), some.end());
    }
    EXPECT_TRUE(equal(found, expected)) << line[0];
  }
}

TEST(Interchange, WhatIsNoArrayIsRefused) {
  const auto lines = lines_of("refused.txt");
  EXPECT_GT(lines.size(), 10u);
  for (const auto& line : lines) {
    ASSERT_EQ(line.size(), 2u);
    try {
      ArrayReader reader(array_place(line[0]));
      std::vector<double> out(reader.info().row_size());
      reader.read({0, 1}, out);
      ADD_FAILURE() << line[0] << " was read";
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), Exit::data) << error.what();
      EXPECT_NE(std::string(error.what()).find(line[1]), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }
}

TEST(Interchange, DatasetsOfPythonAreFound) {
  const auto matches = matching_datasets(folder / "arrays.h5", "pl*/f?_*/0");
  ASSERT_EQ(matches.size(), 6u);
  EXPECT_EQ(matches[5].text, "plain/f8_little/0");
  EXPECT_EQ(matches[5].parts, (std::vector<std::string>{"ain", "8", "little"}));
}

TEST(Interchange, ResultsForPython) {
  write_similarity(folder / "similarity", similarity_sample(), {{"software", "test"}}, {{"seconds", {1, 2}}});
  write_similarity_csv(folder / "similarity", similarity_sample());
}

int main(int argc, char** argv) {
  if (const auto code = serve_child(argc, argv, child_jobs())) return *code;
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) return 64;
  folder = argv[1];
  return RUN_ALL_TESTS();
}
