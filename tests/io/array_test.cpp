// Arrays of others: every type, order and version of NPY; ranges of rows; what is refused, and in which
// words.

#include "io/array.hpp"

#include <fcntl.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "helpers.hpp"
#include "io/npy.hpp"
#include "npy_bytes.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Twelve numbers of a type.
struct Sample {
  std::string type;                 // NumPy's kind and width: "f4"
  std::string name;                 // "float32"
  std::vector<std::string> little;  // their bytes, little-endian
  std::vector<double> values;
};

template <class T>
Sample sample(const std::string& type, const std::string& name, const std::vector<T>& numbers,
              const std::vector<double>& values) {
  Sample one{type, name, {}, values};
  for (const T number : numbers)
    one.little.emplace_back(reinterpret_cast<const char*>(&number), sizeof number);
  return one;
}

template <class T>
Sample whole_numbers(const std::string& type, const std::string& name) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> numbers{Limits::min(), Limits::max(), 0, 1};
  for (int i = 2; i < 10; ++i) numbers.push_back(T(Limits::is_signed ? (i % 2 ? i : -i) : 11 * i));
  return sample(type, name, numbers, std::vector<double>(numbers.begin(), numbers.end()));
}

template <class T>
Sample real_numbers(const std::string& type, const std::string& name) {
  using Limits = std::numeric_limits<T>;
  const std::vector<T> numbers{Limits::max(),
                               Limits::denorm_min(),
                               Limits::infinity(),
                               -Limits::infinity(),
                               Limits::quiet_NaN(),
                               T(0.1),
                               T(-1) / 3,
                               0,
                               1,
                               -2,
                               1e-5,
                               12345};
  return sample(type, name, numbers, std::vector<double>(numbers.begin(), numbers.end()));
}

std::vector<Sample> samples() {
  const std::vector<std::uint16_t> halves{0x7bff, 0x0001, 0x7c00, 0xfc00, 0x7e00, 0x2e66,
                                          0xb555, 0x0000, 0x3c00, 0xc000, 0x03ff, 0x0400};
  const std::vector<double> values{65504,           0x1p-24,         infinity, -infinity, NAN,
                                   0.0999755859375, -0.333251953125, 0,        1,         -2,
                                   1023 * 0x1p-24,  0x1p-14};
  return {
      sample("f2", "float16", halves, values),
      real_numbers<float>("f4", "float32"),
      real_numbers<double>("f8", "float64"),
      whole_numbers<std::int8_t>("i1", "int8"),
      whole_numbers<std::int16_t>("i2", "int16"),
      whole_numbers<std::int32_t>("i4", "int32"),
      whole_numbers<std::int64_t>("i8", "int64"),
      whole_numbers<std::uint8_t>("u1", "uint8"),
      whole_numbers<std::uint16_t>("u2", "uint16"),
      whole_numbers<std::uint32_t>("u4", "uint32"),
      whole_numbers<std::uint64_t>("u8", "uint64"),
      sample<char>("b1", "bool", {0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1}, {0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1})};
}

// The bytes of an array (3, 2, 2).
std::string bytes_of(const Sample& one, bool big, bool fortran) {
  std::string bytes;
  for (std::size_t at = 0; at < 12; ++at) {
    const std::size_t index = fortran ? at % 3 * 4 + at / 3 % 2 * 2 + at / 6 : at;
    const std::string& number = one.little[index];
    bytes += big ? std::string(number.rbegin(), number.rend()) : number;
  }
  return bytes;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// Rows of four numbers.
void expect_rows(ArrayReader& reader, Range rows, const std::vector<double>& values,
                 const std::string& what) {
  std::vector<double> out(rows.size() * 4, -77);
  reader.read(rows, out);
  for (std::size_t i = 0; i < out.size(); ++i)
    EXPECT_TRUE(same(out[i], values[rows.begin * 4 + i]))
        << what << ": number " << rows.begin * 4 + i << " is " << out[i] << ", not "
        << values[rows.begin * 4 + i];
}

// Opens it and reads all.
void read_all(const std::string& place) {
  ArrayReader reader(array_place(place));
  std::vector<double> out(reader.info().rows() * reader.info().row_size());
  reader.read({0, std::int64_t(reader.info().rows())}, out);
}

// What this process has read through system calls, in bytes.
double bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string word;
  double count = -1;
  while (file >> word)
    if (word == "rchar:") file >> count;
  return count;
}

}  // namespace

TEST(Array, EveryTypeOrderAndVersion) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  int version = 0;
  for (const auto& one : samples())
    for (const bool big : {false, true})
      for (const bool fortran : {false, true}) {
        version = version % 3 + 1;
        const bool single = one.type[1] == '1';
        const std::string code = (single ? "|" : big ? ">" : "<") + one.type;
        const std::string what = code + (fortran ? " Fortran" : " C") + " version " + std::to_string(version);
        write_file(folder / "a.npy",
                   npy_header(code, "(3, 2, 2)", version, fortran) + bytes_of(one, big, fortran));
        ArrayReader reader(array_place((folder / "a.npy").string()));
        EXPECT_EQ(reader.info().shape, (std::vector<std::size_t>{3, 2, 2})) << what;
        EXPECT_EQ(reader.info().type.name(), one.name) << what;
        EXPECT_EQ(reader.info().type.code(), code) << what;
        for (const Range rows : {Range{0, 3}, Range{2, 3}, Range{0, 1}, Range{1, 3}, Range{1, 1}})
          expect_rows(reader, rows, one.values, what);
      }
}

TEST(Array, WrittenOnesAreReadBack) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const std::vector<float> values{1, -2.5f, 3e-20f, 4, 5, 6};
  for (const auto& shape : {std::vector<std::size_t>{6}, {2, 3}, {3, 1, 2}}) {
    write_file(folder / "a.npy", npy_bytes(values, shape));
    ArrayReader reader({folder / "a.npy", ""});
    EXPECT_EQ(reader.info().shape, shape);
    EXPECT_EQ(reader.info().type.code(), "<f4");
    std::vector<double> read(values.size());
    reader.read({0, static_cast<std::int64_t>(shape[0])}, read);
    EXPECT_EQ(read, std::vector<double>(values.begin(), values.end()));
  }
  EXPECT_EQ(npy_bytes(values, {6}).size() % 64, values.size() * sizeof(float));
  EXPECT_THROW(npy_bytes(values, {5}), Error);
}

TEST(Array, TypesSayWhatTheyAre) {
  for (const char* code : {"<f2", "<f4", "|i1", "<i2", ">u2", "|b1", "|u1"})
    EXPECT_TRUE(number_type(code)->fits_float()) << code;
  for (const char* code : {"<f8", "<i4", ">u8"}) EXPECT_FALSE(number_type(code)->fits_float()) << code;
  EXPECT_TRUE(number_type("|b1")->is_integer() && number_type("<u8")->is_integer());
  EXPECT_FALSE(number_type("<f2")->is_integer());
  EXPECT_EQ(number_type("<i1")->code(), "|i1");
  EXPECT_EQ(number_type(">u1"), number_type("|u1"));
  for (const char* code :
       {"", "f4", "<f3", "<f1", "|f4", "<f16", "<c8", "|O", "<U5", "|S3", "|V2", "<i16", "=f4"})
    EXPECT_FALSE(number_type(code)) << code;
}

TEST(Array, ShapesOfAllKinds) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  std::vector<double> numbers(24);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  const auto path = folder / "a.npy";
  const auto info = [&](const std::string& shape) {
    write_file(path, npy_header("<f8", shape) + npy_values(numbers));
    return ArrayReader({path, ""}).info();
  };
  EXPECT_EQ(info("(24,)").rows(), 24u);
  EXPECT_EQ(info("(24,)").row_size(), 1u);
  EXPECT_EQ(info("(2L, 3L, 4L)").row_size(), 12u);
  EXPECT_EQ(info("(0, 3)").rows(), 0u);
  EXPECT_EQ(info("(1099511627776, 0, 1099511627776)").row_size(), 0u);
  EXPECT_EQ(info("()").rows(), 0u);
  // More may follow the numbers; a list in Fortran order is a list.
  write_file(path, npy_header("<f8", "(5,)", 1, true) + npy_values(numbers));
  std::vector<double> out(3);
  ArrayReader reader({path, ""});
  reader.read({2, 5}, out);
  EXPECT_EQ(out, (std::vector<double>{2, 3, 4}));
  EXPECT_THROW(reader.read({3, 6}, out), Error);
  EXPECT_THROW(reader.read({3, 2}, {}), Error);
  EXPECT_THROW(reader.read({2, 4}, out), Error);
}

TEST(Array, FilesMayBeLargerThanMemory) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const std::string header = npy_header("<f8", "(2147483648, 8)");  // 128 GiB, nearly all of it a hole
  const auto path = folder / "a.npy";
  write_file(path, header);
  std::filesystem::resize_file(path, header.size() + (std::uintmax_t(1) << 37));
  const double number = 0.25;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(std::streamoff(header.size() + (std::uintmax_t(1) << 37) - sizeof number));
  file.write(reinterpret_cast<const char*>(&number), sizeof number);
  file.close();
  ArrayReader reader({path, ""});
  std::vector<double> out(16, -1);
  reader.read({2147483646, 2147483648}, out);
  EXPECT_EQ(out[15], number);
  EXPECT_EQ(out[14], 0);
}

TEST(Array, FortranOrderIsReadOnce) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  constexpr std::size_t rows = 3000, columns = 40, block = 100;
  std::vector<double> numbers(rows * columns);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  write_file(folder / "a.npy", npy_header("<f8", "(3000, 40)", 1, true) + npy_values(numbers));
  const double before = bytes_read();
  ASSERT_GE(before, 0) << "no /proc/self/io";
  ArrayReader reader({folder / "a.npy", ""});
  std::vector<double> out(block * columns);
  for (std::size_t begin = 0; begin < rows; begin += block) {
    reader.read({std::int64_t(begin), std::int64_t(begin + block)}, out);
    for (std::size_t i = 0; i < out.size(); ++i)
      ASSERT_EQ(out[i], double(begin + i / columns + rows * (i % columns)));
  }
  EXPECT_LT(bytes_read() - before, 1.5 * rows * columns * sizeof(double));
}

TEST(Array, PlacesNameFilesAndDatasets) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto split = [](const std::string& text) {
    const ArrayPlace place = array_place(text);
    return std::pair(place.file.string(), place.dataset);
  };
  using Two = std::pair<std::string, std::string>;
  EXPECT_EQ(split("a/b.npy"), Two("a/b.npy", ""));
  EXPECT_EQ(split("a/b.h5:layers/4"), Two("a/b.h5", "layers/4"));
  EXPECT_EQ(split("a/b.h5://layers//4/"), Two("a/b.h5", "layers/4"));
  EXPECT_EQ(split("run 12:30/b.h5:x"), Two("run 12:30/b.h5", "x"));
  EXPECT_EQ(array_place("a/b.h5:layers/4").text(), "a/b.h5:layers/4");
  EXPECT_EQ(array_place("a/b.npy").text(), "a/b.npy");
  const std::string file = (folder / "12:30.h5").string();
  write_file(file, "x");
  EXPECT_EQ(split(file), Two(file, ""));
  EXPECT_EQ(split(file + ":x:y"), Two(file, "x:y"));
}

TEST(Array, BadNpyFilesAreNamed) {
  const TestFolder folder;
  const auto path = folder / "bad.npy";
  const auto refused = [&](const std::string& bytes, const std::vector<std::string>& words) {
    put_file(path, bytes);
    auto all = words;
    all.push_back("bad.npy: ");
    expect_user_error(Exit::data, all, [&] { read_all(path.string()); });
  };
  const std::string numbers(96, '\0');
  const std::string good = npy_header("<f8", "(3, 4)") + numbers;
  for (std::size_t size = 1; size < good.size(); size += 7) {
    const bool magic = size >= 6;
    refused(good.substr(0, size), {magic ? "NPY file that is truncated" : "neither HDF5 nor NPY"});
  }
  refused("", {"neither HDF5 nor NPY"});
  refused("PK\x03\x04 features.npy", {"neither HDF5 nor NPY", ".npz"});
  refused("\x93NUMPX" + good.substr(6), {"neither HDF5 nor NPY"});
  refused(npy_header("<f8", "(3, 4)", 4) + numbers, {"unknown version 4"});
  refused(npy_header("<f8", "(3, 5)") + numbers, {"truncated"});
  refused(npy_header("<f8", "(4294967296, 4294967296, 4294967296)") + numbers, {"truncated"});
  refused(npy_header("<f8", "(99999999999999999999,)") + numbers, {"unreadable shape"});
  refused(npy_header("<f8", "(-3, 4)") + numbers, {"unreadable shape"});
  refused(npy_header("<f8", "3") + numbers, {"unreadable shape"});
  refused(npy_header("|O", "(3,)") + numbers, {"Python objects ('|O')", "expected"});
  refused(npy_header("<c16", "(3,)") + numbers, {"complex numbers ('<c16')"});
  refused(npy_header("<U4", "(3,)") + numbers, {"text ('<U4')"});
  refused(npy_header("<M8[s]", "(3,)") + numbers, {"unknown type ('<M8[s]')"});
  refused(npy_header("<f16", "(3,)") + numbers, {"unknown type ('<f16')"});
  refused(npy_header_with("[('x', '<f8'), ('y', '<i4')]", "(3,)") + numbers, {"structures"});
  refused(npy_header_with("7", "(3,)") + numbers, {"unreadable type"});
  std::string keyless = good;
  keyless.replace(keyless.find("shape"), 5, "sharp");
  refused(keyless, {"lacks 'shape'"});
  std::string orderless = good;
  orderless.replace(orderless.find("False"), 5, "Maybe");
  refused(orderless, {"unreadable order"});
  std::string long_header = npy_header("<f8", "(3, 4)", 2);
  long_header.replace(8, 4, "\xff\xff\xff\x7f");
  refused(long_header + numbers, {"truncated"});
  refused(long_header.substr(0, 8) + std::string("\0\0\x20\0", 4) + std::string(3 << 20, ' '),
          {"a header of"});
}

TEST(Array, FilesThatAreNoneAreNamed) {
  const TestFolder folder;
  put_file(folder / "a.npy", npy_header("<f8", "(1,)") + std::string(8, '\0'));
  expect_user_error(Exit::no_input, {"cannot open ", "absent.npy: No such file"},
                    [&] { read_all((folder / "absent.npy").string()); });
  expect_user_error(Exit::no_input, {"cannot open ", "absent.h5: No such file"},
                    [&] { read_all((folder / "absent.h5:x").string()); });
  expect_user_error(Exit::data, {": a folder, not an array"}, [&] { read_all(folder.path().string()); });
  expect_user_error(Exit::data, {"/dev/null: no ordinary file"}, [&] { read_all("/dev/null"); });
  expect_user_error(Exit::data, {"a.npy: an NPY file has no datasets, hence no 'x'"},
                    [&] { read_all((folder / "a.npy:x").string()); });
}

TEST(Array, FilesThatShrinkAreNotRead) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto path = folder / "a.npy";
  write_file(path, npy_header("<f8", "(4,)") + std::string(32, '\0'));
  ArrayReader reader({path, ""});
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 8);
  std::vector<double> out(1);
  expect_user_error(Exit::data, {"a.npy: it became shorter"}, [&] { reader.read({0, 1}, out); });
}
