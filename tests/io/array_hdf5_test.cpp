// Arrays in HDF5 files of others: ranges of rows from one child, what is refused, damaged files.

#include <numeric>
#include <random>

#include "helpers.hpp"
#include "io/array.hpp"
#include "io/checkpoint.hpp"
#include "io/durable.hpp"
#include "io/hdf5.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

constexpr int rows = 3000, columns = 50;

double value(std::int64_t row, int column) { return double(row) + column / 64.0; }

std::vector<float> all_values() {
  std::vector<float> values;
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) values.push_back(float(value(row, column)));
  return values;
}

// Chunks that fit neither rows nor columns, packed.
void put_packed(hid_t file, const std::string& name) {
  const h5::Properties made(H5Pcreate(H5P_DATASET_CREATE));
  const h5::Shape chunk{700, 17};
  H5Pset_chunk(made, 2, chunk.data());
  H5Pset_shuffle(made);
  H5Pset_deflate(made, 1);
  const h5::Space space = h5::space({rows, columns});
  const h5::Dataset data(h5::call(
      H5Dcreate2(file, name.c_str(), H5T_IEEE_F32LE, space, H5P_DEFAULT, made, H5P_DEFAULT), "create"));
  h5::write_values<float>(data, all_values());
}

template <class Fill>
std::string bytes_of(Fill fill) {
  const h5::File file = h5::create_in_memory();
  fill(file);
  const auto bytes = h5::image(file);
  return {bytes.begin(), bytes.end()};
}

std::string packed_file() {
  return bytes_of([](hid_t file) { put_packed(file, "x"); });
}

void expect_rows(ArrayReader& reader, Range range) {
  std::vector<double> out(range.size() * columns, -1);
  reader.read(range, out);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < out.size(); ++i)
    wrong += out[i] != value(range.begin + std::int64_t(i) / columns, int(i) % columns);
  EXPECT_EQ(wrong, 0u) << "rows " << range.begin << " to " << range.end;
}

void read_all(const std::filesystem::path& path, const std::string& dataset) {
  ArrayReader reader({path, dataset});
  std::vector<double> out(reader.info().rows() * reader.info().row_size());
  reader.read({0, std::int64_t(reader.info().rows())}, out);
}

void put_compound(hid_t file, const std::string& name) {
  const h5::Type pair(H5Tcreate(H5T_COMPOUND, 16));
  H5Tinsert(pair, "r", 0, H5T_IEEE_F64LE);
  H5Tinsert(pair, "i", 8, H5T_IEEE_F64LE);
  h5::create_dataset(file, name, pair, {3});
}

// Two groups of layers and things that are no arrays of numbers.
void fill_many(hid_t file) {
  const std::vector<double> numbers{1, 2, 3};
  for (const char* name : {"enc/layer10/features", "enc/layer2/features", "enc/layer2/labels",
                           "head/features", "layer7", "enc/layer2/deep/features"})
    h5::write_dataset<double>(file, name, {3}, numbers);
  h5::create_group(file, "enc/layer3");
  H5Lcreate_hard(file, "/", file, "enc/layer3/root", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/nowhere", file, "enc/layer3/features", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/enc/layer2/features", file, "enc/layer2/same", H5P_DEFAULT, H5P_DEFAULT);
}

std::vector<std::string> texts(const std::vector<Match>& matches) {
  std::vector<std::string> result;
  for (const auto& match : matches) result.push_back(match.text);
  return result;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST(ArrayHdf5, RangesOfRowsInAnyOrder) {
  const TestFolder folder;
  put_file(folder / "a.h5", packed_file());
  ArrayReader reader(array_place((folder / "a.h5").string() + ":x"));
  EXPECT_EQ(reader.info().shape, (std::vector<std::size_t>{rows, columns}));
  EXPECT_EQ(reader.info().type.name(), "float32");
  const int shift = 10 * test_world().rank();  // every rank has a child of its own
  for (int begin = 0; begin < rows; begin += 410 + shift)
    expect_rows(reader, {begin, std::min(rows, begin + 410 + shift)});
  for (const Range range :
       {Range{2900, 3000}, Range{0, 1}, Range{1, 2}, Range{2, 2}, Range{5, 6}, Range{5, 6}})
    expect_rows(reader, range);
}

TEST(ArrayHdf5, RowsThatFollowComeFromOneChild) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto path = folder / "a.h5";
  write_file(path, packed_file());
  ArrayReader reader({path, "x"});
  expect_rows(reader, {0, 100});
  std::filesystem::remove(path);  // the child has it open; a new one would not find it
  for (int begin = 100; begin < rows; begin += 100) expect_rows(reader, {begin, begin + 100});
  expect_user_error(Exit::no_input, {"a.h5"}, [&] { expect_rows(reader, {0, 1}); });
}

TEST(ArrayHdf5, ReadersMoveAndEndEarly) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  write_file(folder / "a.h5", packed_file());
  std::vector<ArrayReader> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(ArrayPlace{folder / "a.h5", "x"});
  for (auto& reader : readers) expect_rows(reader, {0, 7});
  std::swap(readers[0], readers[2]);
  readers.pop_back();
  for (auto& reader : readers) expect_rows(reader, {7, 9});
}

TEST(ArrayHdf5, AFileThatChangesInBetweenIsNotRead) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto put = [&](const h5::Shape& shape) {
    write_file(folder / "a.h5", bytes_of([&](hid_t file) {
                 h5::write_dataset<double>(file, "x", shape, std::vector<double>(6, 1.0));
               }));
  };
  put({2, 3});
  ArrayReader reader({folder / "a.h5", "x"});
  put({3, 2});
  std::vector<double> out(3);
  expect_user_error(Exit::data, {"a.h5:x: it changed"}, [&] { reader.read({0, 1}, out); });
  put({2, 3});
  reader.read({0, 1}, out);
  EXPECT_EQ(out, std::vector<double>(3, 1.0));
}

TEST(ArrayHdf5, FilesOfHypercastAreRead) {
  const TestFolder folder;
  const auto layout = layout_2d();
  write_sample(test_world(), folder / "t.hdf5", layout);
  ArrayReader trajectory({folder / "t.hdf5", "t0_fields/v"});
  EXPECT_EQ(trajectory.info().shape, (std::vector<std::size_t>{2, 3, 7, 5}));
  std::vector<double> out(3 * 35);
  trajectory.read({1, 2}, out);
  for (int i = 0; i < 3 * 35; ++i) EXPECT_EQ(out[i], sample_value(1, i / 35, 1, i % 35));

  Archive archive;
  archive.put<double>("model/codes", {2, 2}, std::vector<double>{1, 2, 3, 4});
  if (test_world().is_root()) write_checkpoint(folder / "c.h5", archive, {});
  test_world().barrier();
  ArrayReader codes({folder / "c.h5", "model/codes"});
  out.resize(2);
  codes.read({1, 2}, out);
  EXPECT_EQ(out, (std::vector<double>{3, 4}));
}

TEST(ArrayHdf5, WhatIsNoArrayIsNamed) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto path = folder / "a.h5";
  write_file(path, bytes_of([](hid_t file) {
               fill_many(file);
               h5::write_text_dataset(file, "text", "abc");
               put_compound(file, "complex");
               h5::create_dataset(file, "longdouble", H5T_NATIVE_LDOUBLE, {3});
               const h5::Type choice(H5Tenum_create(H5T_STD_I8LE));
               const std::int8_t red = 3;
               H5Tenum_insert(choice, "red", &red);
               h5::create_dataset(file, "choice", choice, {3});
               const h5::Space none(H5Screate(H5S_NULL));
               const h5::Dataset null(
                   H5Dcreate2(file, "null", H5T_IEEE_F64LE, none, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
               const h5::Properties chunked(H5Pcreate(H5P_DATASET_CREATE));
               const h5::Shape huge{1ull << 40, 1ull << 40}, chunk{10, 10};
               H5Pset_chunk(chunked, 2, chunk.data());
               const h5::Dataset hole(H5Dcreate2(file, "huge", H5T_IEEE_F64LE, h5::space(huge), H5P_DEFAULT,
                                                 chunked, H5P_DEFAULT));
               const h5::Type type(H5Tcopy(H5T_IEEE_F64LE));
               H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
             }));
  const auto refused = [&](const std::string& dataset, const Texts& words, Exit code = Exit::data) {
    auto all = words;
    all.push_back("a.h5");
    expect_user_error(code, all, [&] { read_all(path, dataset); });
  };
  refused("", {"an HDF5 file; name a dataset as FILE:DATASET (it has 7, such as 'choice', 'complex', "});
  refused("enc/layer4/features", {"there is no dataset 'enc/layer4/features'; it has"}, Exit::no_input);
  refused("layer7/features", {"there is no dataset"}, Exit::no_input);
  refused("enc/layer3/features", {"there is no dataset"}, Exit::no_input);
  refused("enc", {"'enc' is a group, not a dataset"});
  refused("type", {"'type' is not a dataset"});
  for (const char* name : {"text", "complex", "longdouble", "choice"})
    refused(name, {std::string("a.h5:") + name + ": does not hold floating-point numbers"});
  refused("null", {"a.h5:null: holds nothing"});
  refused("huge", {"a.h5:huge: has the impossible shape (1099511627776, 1099511627776)"});
  write_file(path, bytes_of([](hid_t) {}));
  refused("x", {"there is no dataset 'x'; it has none"}, Exit::no_input);
}

TEST(ArrayHdf5, DatasetsThatFitAPattern) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto path = folder / "a.h5";
  write_file(path, bytes_of(fill_many));
  const auto fit = [&](const std::string& pattern) { return texts(matching_datasets(path, pattern)); };
  EXPECT_EQ(fit("enc/*/features"), (Texts{"enc/layer2/features", "enc/layer10/features"}));
  EXPECT_EQ(fit("*/features"), Texts{"head/features"});
  EXPECT_EQ(fit("layer7"), Texts{"layer7"});
  EXPECT_EQ(fit("*"), Texts{"layer7"});
  EXPECT_EQ(fit("enc/layer2/[fs]*"), Texts{});
  EXPECT_EQ(fit("enc/layer?/?a*e*"), (Texts{"enc/layer2/labels", "enc/layer2/same"}));
  EXPECT_EQ(fit("enc/layer3/root/enc/layer2/*"),
            (Texts{"enc/layer3/root/enc/layer2/features", "enc/layer3/root/enc/layer2/labels",
                   "enc/layer3/root/enc/layer2/same"}));
  EXPECT_EQ(fit("layer7/*"), Texts{});
  const auto matches = matching_datasets(path, "e*/layer*/features");
  ASSERT_EQ(matches.size(), 2u);
  EXPECT_EQ(matches[1].parts, (Texts{"nc", "10"}));
  expect_user_error(Exit::no_input, {"cannot open ", "absent.h5"},
                    [&] { matching_datasets(folder / "absent.h5", "*"); });
  expect_user_error(Exit::data, {"a folder, not an HDF5 file"},
                    [&] { matching_datasets(folder.path(), "*"); });
  write_file(path, "no HDF5");
  expect_user_error(Exit::data, {"a.h5: not an HDF5 file"}, [&] { matching_datasets(path, "*"); });
}

TEST(ArrayHdf5, TruncatedFilesAreRefused) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const std::string bytes = packed_file();
  for (int part = 1; part < 10; ++part) {
    write_file(folder / "cut.h5", bytes.substr(0, bytes.size() * part / 10));
    expect_user_error(Exit::data, {"cut.h5: damaged or truncated HDF5 file: "},
                      [&] { read_all(folder / "cut.h5", "x"); });
  }
}

// What is still an array may be read; nothing may crash, hang, or go unnamed.
TEST(ArrayHdf5, DamagedFilesAreRefusedOrRead) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const std::string bytes = bytes_of([](hid_t file) {
    fill_many(file);
    put_packed(file, "x");
  });
  std::mt19937 random(11);
  int refused = 0;
  for (int round = 0; round < 15; ++round) {
    std::string damaged = bytes;
    for (int flips = 0; flips < 30; ++flips) damaged[random() % 20000] ^= 1 << random() % 8;
    write_file(folder / "damaged.h5", damaged);
    try {
      matching_datasets(folder / "damaged.h5", "*");
      ArrayReader reader({folder / "damaged.h5", "x"});  // of any shape now
      const std::size_t row = reader.info().row_size();
      for (std::int64_t at = 0; row < 100000 && at < std::min<std::int64_t>(reader.info().rows(), 5000);
           ++at) {
        std::vector<double> out(row);
        reader.read({at, at + 1}, out);
      }
    } catch (const UserError& error) {
      ++refused;
      EXPECT_NE(std::string(error.what()).find("damaged.h5:"), std::string::npos) << error.what();
    }
  }
  EXPECT_GT(refused, 5);
}
