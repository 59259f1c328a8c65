// Metrics, points, forecast tables, provenance.

#include <cmath>

#include "helpers.hpp"
#include "io/durable.hpp"
#include "io/forecast.hpp"
#include "io/hdf5.hpp"
#include "io/metrics.hpp"
#include "io/points.hpp"
#include "npy_bytes.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

template <class T>
std::string npy(const std::vector<T>& values, const std::string& shape, int version = 1) {
  return npy_header(sizeof(T) == 4 ? "<f4" : "<f8", shape, version) + npy_values(values);
}

void put_points(const std::filesystem::path& path, const h5::Shape& shape,
                const std::vector<double>& values) {
  test_world().barrier();
  if (test_world().is_root()) {
    const h5::File file = h5::create_in_memory();
    h5::write_dataset<double>(file, "points", shape, std::span(values));
    write_durably(path, std::span<const char>(h5::image(file)));
  }
  test_world().barrier();
}

const std::vector<double> rows = {0.5, 1, 2, 1.5, -3, 4e-3};

}  // namespace

TEST(Metrics, AppendsAndResumes) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto csv = folder / "metrics.csv";
  {
    Metrics metrics(folder.path(), {"loss", "lr"});
    for (int step = 0; step < 5; ++step) {
      metrics.add(step, std::vector<double>{1.0 / (step + 3), 0.1});
      EXPECT_NE(file_bytes(csv).find("\n" + std::to_string(step) + ","), std::string::npos) << "not flushed";
    }
  }
  EXPECT_TRUE(file_bytes(csv).starts_with("step,loss,lr\n0,0.3333333333333333,0.1\n"));
  write_file(csv, file_bytes(csv) + "5,0.1");  // cut short by a kill
  {
    Metrics metrics(folder.path(), {"loss", "valid"}, 3);
    metrics.add(3, std::vector<double>{7, 8});
    metrics.save();
  }
  EXPECT_EQ(file_bytes(csv),
            "step,loss,lr,valid\n0,0.3333333333333333,0.1,nan\n1,0.25,0.1,nan\n2,0.2,0.1,nan\n3,7,nan,8\n");
  const std::string image = file_bytes(folder / "metrics.h5");
  const h5::File file = h5::open_image(image);
  EXPECT_EQ(h5::read_dataset<std::int64_t>(file, "step"), (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(h5::read_dataset<double>(file, "loss"), (std::vector<double>{1.0 / 3, 0.25, 0.2, 7}));
  Metrics fresh(folder.path(), {"loss"});
  EXPECT_EQ(file_bytes(csv), "step,loss\n");
}

TEST(Points, ComeFromThreeFormats) {
  const TestFolder folder;
  const auto read = [&](const std::string& name) { return read_points(test_world(), folder / name, 2); };
  put_file(folder / "a.csv", "# where\nt, x ,y\r\n0.5,1,2\n\n 1.5, -3,4e-3 # the last\n");
  EXPECT_EQ(read("a.csv"), rows);
  put_file(folder / "b.csv", "0.5,1,2\n+1.5,-3,0.004");
  EXPECT_EQ(read("b.csv"), rows);
  put_file(folder / "mark.csv", "\xEF\xBB\xBFt,x,y\r\n0.5,1,2\r\n1.5,-3,0.004\r\n");
  EXPECT_EQ(read("mark.csv"), rows) << "with a byte order mark";
  for (int version : {1, 2, 3}) {
    put_file(folder / "a.npy", npy(rows, "(2, 3)", version));
    EXPECT_EQ(read("a.npy"), rows) << "version " << version;
  }
  put_file(folder / "f.npy", npy(std::vector<float>{0.5, 1, 2}, "(1, 3)"));
  EXPECT_EQ(read("f.npy"), (std::vector<double>{0.5, 1, 2}));
  // As numpy.array([t, x, y]).T is saved, and whole numbers.
  put_file(folder / "t.npy",
           npy_header("<f8", "(2, 3)", 1, true) + npy_values(std::vector{0.5, 1.5, 1.0, -3.0, 2.0, 4e-3}));
  EXPECT_EQ(read("t.npy"), rows);
  put_file(folder / "i.npy", npy_header("<i4", "(1, 3)") + npy_values(std::vector<std::int32_t>{0, -1, 7}));
  EXPECT_EQ(read("i.npy"), (std::vector<double>{0, -1, 7}));
  put_points(folder / "a.h5", {2, 3}, rows);
  EXPECT_EQ(read("a.h5"), rows);
}

TEST(Points, BadOnesAreNamed) {
  const TestFolder folder;
  const auto path = folder / "p";
  const auto read = [&] { read_points(test_world(), path, 2); };
  const auto refused = [&](const std::string& bytes, const std::vector<std::string>& words) {
    put_file(path, bytes);
    expect_user_error(Exit::data, words, read);
  };
  expect_user_error(Exit::no_input, {"cannot open"}, read);
  refused("t,x,y\n1,2,3\n1,2\n", {"p:3: 2 values; expected t,x,y"});
  refused("1,2,3,4\n", {"p:1: 4 values"});
  refused("1,2,3,\n", {"p:1:"});
  refused("1,2 0,3\n", {"p:1: '2 0' is not a number"});
  refused("t,y,x\n1,2,3\n", {"p:1: 't' is not a number; expected t,x,y"});
  refused("1,2,3\n1,,3\n", {"p:2: ''"});
  refused("1,2,3\n1,nan,3\n", {"p:2:", "not finite"});
  refused("1,2,1e999\n", {"p:1:"});
  refused("t,x,y\n", {"no points"});
  refused("", {"no points"});
  refused(npy(rows, "(3, 2)"), {"shape [n][3]"});
  refused(npy(rows, "(6,)"), {"shape [n][3]"});
  refused(npy(rows, "(2, 3)", 4), {"version 4"});
  refused(npy_header("<c16", "(1, 3)") + npy_values(rows), {"complex numbers"});
  refused(npy(rows, "(3, 3)"), {"truncated"});
  refused(npy(rows, "(1099511627776, 1099511627776)"), {"truncated"});
  refused(npy(rows, "(2, 3)").substr(0, 40), {"truncated"});
  refused(npy(std::vector<double>{0, NAN, 0}, "(1, 3)"), {"row 0", "not finite"});
  put_points(path, {3, 2}, rows);
  expect_user_error(Exit::data, {"shape [n][3]"}, read);
  put_points(path, {1, 3}, {0, 1, INFINITY});
  expect_user_error(Exit::data, {"not finite"}, read);
}

TEST(Forecast, TablesHoldWhatTheyWereGiven) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const std::vector<double> times = {0, 0.5};
  write_errors(folder / "f.hdf5", times, {{"direct", {0.1, 0.2}}, {"persistence", {1, 2}}},
               {{"software", "test"}});
  EXPECT_EQ(file_bytes(folder / "f_errors.csv"), "t,direct,persistence\n0,0.1,1\n0.5,0.2,2\n");
  const h5::File errors = h5::open_image(file_bytes(folder / "f_errors.hdf5"));
  EXPECT_EQ(h5::read_dataset<double>(errors, "persistence"), (std::vector<double>{1, 2}));
  EXPECT_TRUE(h5::exists(errors, "provenance"));

  const std::vector<double> values = {10, 11, 20, 21};
  write_point_forecast(folder / "p.hdf5",
                       {.axes = {"x", "y"}, .channels = {"u", "v"}, .points = rows, .values = values}, {});
  const h5::File points = h5::open_image(file_bytes(folder / "p.hdf5"));
  EXPECT_EQ(h5::read_dataset<double>(points, "t"), (std::vector<double>{0.5, 1.5}));
  EXPECT_EQ(h5::read_dataset<double>(points, "y"), (std::vector<double>{2, 4e-3}));
  EXPECT_EQ(h5::read_dataset<double>(points, "v"), (std::vector<double>{11, 21}));
  EXPECT_THROW(write_errors(folder / "f.hdf5", times, {{"short", {0.1}}}, {}), Error);
}

TEST(Provenance, SaysTheSameOnAllRanks) {
  const auto said = provenance(test_world(), {.command_line = "hypercast-solve a.toml",
                                              .deck = "[run]\n",
                                              .deck_resolved = "[run]\nseed = 7\n",
                                              .seed = 7,
                                              .libraries = io_libraries(),
                                              .more = {{"seed", "8"}, {"walltime_s", "1.5"}}});
  std::string all;
  for (const auto& [name, value] : said) all += name + "=" + value + "\n";
  EXPECT_EQ(test_world().broadcast(all), all);
  const auto has = [&](const std::string& line) {
    return ("\n" + all).find("\n" + line) != std::string::npos;
  };
  EXPECT_TRUE(has("software=hypercast\n"));
  EXPECT_TRUE(has("n_ranks=" + std::to_string(test_world().size()) + "\n"));
  EXPECT_TRUE(has("seed=8\n") && !has("seed=7\ndeck")) << "a name given twice";
  EXPECT_TRUE(has("walltime_s=1.5\n") && has("hdf5_version=1.") && has("cpu_model=") && has("hostname="));
  const auto date = all.substr(all.find("\ndate=") + 6, 25);  // 2025-01-31T12:00:00+01:00
  EXPECT_TRUE(date[10] == 'T' && (date[19] == '+' || date[19] == '-') && date[22] == ':') << date;
}
