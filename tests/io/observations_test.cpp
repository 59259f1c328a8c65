// Measurements that users bring.

#include "io/observations.hpp"

#include <cmath>

#include "helpers.hpp"
#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "npy_bytes.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

std::vector<Axis> axes() {
  return {axis("x", 8, 0.0, 0.25, Boundary::periodic), axis("y", 5, 0.1, 0.2, Boundary::neumann)};
}

std::string npy(const std::vector<double>& values, const std::string& shape) {
  return npy_header("<f8", shape) + npy_values(values);
}

template <class Fill>
void put_hdf5(const std::filesystem::path& path, Fill fill) {
  test_world().barrier();
  if (test_world().is_root()) {
    const h5::File file = h5::create_in_memory();
    fill(file);
    write_durably(path, std::span<const char>(h5::image(file)));
  }
  test_world().barrier();
}

void put_table(const h5::File& file, const std::vector<std::string>& columns, const std::vector<double>& rows,
               const std::string& name = "observations") {
  h5::write_dataset<double>(file, name, {rows.size() / columns.size(), columns.size()}, std::span(rows));
  h5::write(h5::open_dataset(file, name), "columns", columns);
}

void put_column(const h5::File& file, const std::string& name, const std::vector<double>& values) {
  h5::write_dataset<double>(file, name, {values.size()}, std::span(values));
}

// Two rows at t = 0.5 and, before them in time and between them in the file, one at t = 0; x goes round.
const std::vector<double> rows = {0.5, 0.1, 0.2, 1, 2, 0, 7.5, 0.9, 3, 4, 0.5, -0.3, 0.4, 5, 6};

}  // namespace

class ObservationsTest : public testing::Test {
 protected:
  std::vector<Observed> read(const std::string& name) const {
    return read_observations(test_world(), folder_ / name, axes(), {"u", "v"});
  }
  void expect_rows(const std::string& name) const {
    const auto found = read(name);
    ASSERT_EQ(found.size(), 2u) << name;
    EXPECT_EQ(found[0].time, 0);
    EXPECT_EQ(found[0].points, (std::vector<double>{7.5, 0.9}));
    EXPECT_EQ(found[0].values, (std::vector<double>{3, 4}));
    EXPECT_EQ(found[1].time, 0.5);
    EXPECT_EQ(found[1].points, (std::vector<double>{0.1, 0.2, -0.3, 0.4}));
    EXPECT_EQ(found[1].values, (std::vector<double>{1, 2, 5, 6}));
  }
  void expect_refused(const std::vector<std::string>& words) const {
    expect_user_error(Exit::data, words, [&] { read("o"); });
  }
  void refused(const std::string& bytes, const std::vector<std::string>& words) const {
    put_file(folder_ / "o", bytes);
    expect_refused(words);
  }

  const TestFolder folder_;
};

TEST_F(ObservationsTest, ComeFromThreeFormats) {
  put_file(folder_ / "a.csv", "# by hand\nt,x,y,u,v\n0.5,0.1,0.2,1,2\n0,7.5,0.9,3,4\n0.5,-0.3,0.4,5,6\n");
  expect_rows("a.csv");
  put_file(folder_ / "b.csv", "v, u ,\"t\",x,y\r\n2,1,0.5,0.1,0.2\r\n4,3,0,7.5,0.9\r\n6,5,0.5,-0.3,0.4\r\n");
  expect_rows("b.csv");
  put_file(folder_ / "c.csv", "# t,x,y,u,v\n0.5,0.1,0.2,1,2\n0,7.5,0.9,3,4\n0.5,-0.3,0.4,5,6\n");
  expect_rows("c.csv");
  put_file(folder_ / "a.npy", npy(rows, "(3, 5)"));
  expect_rows("a.npy");
  put_hdf5(folder_ / "a.h5", [](const h5::File& file) { put_table(file, {"t", "x", "y", "u", "v"}, rows); });
  expect_rows("a.h5");
  put_hdf5(folder_ / "b.h5", [](const h5::File& file) {
    put_table(file, {"u", "t", "v", "y", "x"},
              {1, 0.5, 2, 0.2, 0.1, 3, 0, 4, 0.9, 7.5, 5, 0.5, 6, 0.4, -0.3});
  });
  expect_rows("b.h5");
  put_hdf5(folder_ / "c.h5", [](const h5::File& file) {
    const std::vector<std::string> names = {"t", "x", "y", "u", "v"};
    for (std::size_t c = 0; c < names.size(); ++c)
      put_column(file, names[c], {rows[c], rows[5 + c], rows[10 + c]});
    put_column(file, "w", {1});  // of no interest
  });
  expect_rows("c.h5");
}

TEST_F(ObservationsTest, BadTextIsNamed) {
  expect_user_error(Exit::no_input, {"cannot open"}, [&] { read("o"); });
  refused("t,x,y,u\n0,0,0.5,1\n", {"o:1: the columns t,x,y,u; expected t,x,y,u,v"});
  refused("t,x,y,u,w\n0,0,0.5,1,1\n", {"o:1: the columns t,x,y,u,w; expected t,x,y,u,v"});
  refused("t,x,y,u,v,w\n0,0,0.5,1,1,1\n", {"o:1: the columns t,x,y,u,v,w; expected"});
  refused("t,x,x,u,v\n0,0,0.5,1,1\n", {"o:1:"});
  refused("0,0,0.5,1,1\n", {"o:1: the columns 0,0,0.5,1,1; expected t,x,y,u,v"});
  refused("\n# nothing\nt,x,y,u,v\n", {"o: no observations"});
  refused("", {"o: no observations"});
  refused("t,x,y,u,v\n0,0,0.5,1,1\n0,0,0.5,1\n", {"o:3: 4 values; expected t,x,y,u,v"});
  refused("t,x,y,u,v\n0,0,0.5,one,1\n", {"o:2: 'one' is not a number"});
  refused("t,x,y,u,v\n0,0,0.5,,1\n", {"o:2: '' is not a number"});
  refused("t,x,y,u,v\n0,0,0.5,nan,1\n", {"o:2: a value is not finite"});
  refused("v,t,x,y,u\n\n1,0,0,1.01,1\n", {"o:3: y = 1.01 lies outside [0, 1]"});
  refused("t,x,y,u,v\n0,0,-1e-3,1,1\n", {"o:2: y = -0.001 lies outside [0, 1]"});
  refused(npy(rows, "(5, 3)"), {"shape [n][5]", "t,x,y,u,v"});
  refused(npy({}, "(0, 5)"), {"no observations"});
  refused(npy({0, 0, 0.5, 1, INFINITY}, "(1, 5)"), {"row 0", "not finite"});
  refused(npy({0, 0, 0.5, 1, 1, 0, 0, 2, 1, 1}, "(2, 5)"), {"o: row 1: y = 2 lies outside"});
  refused(npy(rows, "(3, 5)").substr(0, 150), {"truncated"});
}

TEST_F(ObservationsTest, BadHdf5IsNamed) {
  const auto refused_file = [&](auto fill, const std::vector<std::string>& words) {
    put_hdf5(folder_ / "o", fill);
    expect_refused(words);
  };
  const std::vector<std::string> columns = {"t", "x", "y", "u", "v"};
  refused_file([](const h5::File&) {}, {"neither a dataset 'observations' nor one named 't'"});
  refused_file([&](const h5::File& file) { put_table(file, columns, rows, "measured"); }, {"neither"});
  refused_file(
      [&](const h5::File& file) {
        put_table(file, {"t", "x", "y", "u"}, {0, 0, 0.5, 1});
      },
      {"shape [n][5]"});
  refused_file(
      [&](const h5::File& file) {
        put_table(file, {"t", "x", "y", "u", "w"}, rows);
      },
      {"the columns t,x,y,u,w; expected t,x,y,u,v"});
  refused_file([&](const h5::File& file) { put_table(file, columns, {0, 0, 0.5, 1, NAN}); }, {"row 0"});
  refused_file([&](const h5::File& file) { put_table(file, columns, {}); }, {"no observations"});
  refused_file([&](const h5::File& file) { put_table(file, columns, {0, 0, 7, 1, 1}); }, {"row 0: y = 7"});
  refused_file(
      [&](const h5::File& file) {
        h5::write_dataset<double>(file, "observations", {3, 5}, std::span(rows));
      },
      {"lacks the attribute 'columns'"});
  refused_file(
      [&](const h5::File& file) {
        h5::write_dataset<double>(file, "observations", {3, 5}, std::span(rows));
        h5::write(h5::open_dataset(file, "observations"), "columns", 5.0);
      },
      {"columns"});
  const auto with = [&](const std::string& name, auto put) {
    return [&columns, name, put](const h5::File& file) {
      for (const auto& column : columns)
        if (column != name) put_column(file, column, {0.5, 0.5});
      put(file);
    };
  };
  refused_file(with("v", [](const h5::File&) {}), {"nor one named 'v'"});
  refused_file(with("v", [](const h5::File& file) { put_column(file, "v", {1}); }), {"'v' has 1 values"});
  refused_file(with("u", [](const h5::File& file) { h5::create_group(file, "u"); }), {"nor one named 'u'"});
  refused_file(with("u", [](const h5::File& file) { h5::write_text_dataset(file, "u", "much"); }), {"'u'"});
  refused_file(with("u",
                    [](const h5::File& file) {
                      const std::vector<double> two = {1, 2};
                      h5::write_dataset<double>(file, "u", {1, 2}, std::span(two));
                    }),
               {"'u' is not a list"});
}

TEST_F(ObservationsTest, DamagedHdf5IsNoMoreThanRefused) {
  put_hdf5(folder_ / "whole", [](const h5::File& file) { put_table(file, {"t", "x", "y", "u", "v"}, rows); });
  const std::string whole = file_bytes(folder_ / "whole");
  for (const std::size_t length : {whole.size() / 4, whole.size() / 2, whole.size() - 8})
    refused(whole.substr(0, length), {"o"});
  int refusals = 0;
  for (std::size_t at = 8; at < whole.size(); at += whole.size() / 24) {
    std::string damaged = whole;
    for (std::size_t i = at; i < std::min(at + 8, whole.size()); ++i)
      damaged[i] = static_cast<char>(~damaged[i]);
    put_file(folder_ / "o", damaged);
    try {
      read("o");
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), Exit::data) << error.what();
      ++refusals;
    }
  }
  EXPECT_GT(refusals, 0);
}
