// Observation masks in a file.

#include "io/masks.hpp"

#include "helpers.hpp"
#include "io/durable.hpp"
#include "io/hdf5.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

const std::vector<Mask> masks{{0.05, 1, {2, 3}, {0, 0, 0, 0, 1, 0}}, {0.5, 7, {2, 3}, {1, 0, 1, 1, 0, 0}}};

TEST(Masks, ComeBackOnAllRanks) {
  const TestFolder folder;
  const auto path = masks_path(folder.path());
  if (test_world().is_root()) write_masks(path, masks, {{"software", "test"}});
  test_world().barrier();
  for (const auto& mask : masks) {
    const auto read = read_mask(test_world(), path, mask.rate);
    EXPECT_EQ(read.rate, mask.rate);
    EXPECT_EQ(read.seed, mask.seed);
    EXPECT_EQ(read.shape, mask.shape);
    EXPECT_EQ(read.observed, mask.observed);
  }
  const h5::File file = h5::open(path);
  const auto dataset = h5::open_dataset(file, "rate_0.05");
  EXPECT_EQ(h5::type_class(dataset), H5T_ENUM);
  EXPECT_EQ(h5::type_size(dataset), 1u);
  EXPECT_EQ(h5::read_number(dataset, "rate"), 0.05);
  EXPECT_EQ(h5::read_number(dataset, "ones"), 1);
  EXPECT_TRUE(h5::exists(file, "provenance"));
}

TEST(Masks, OfOthersMayBeIntegers) {
  const TestFolder folder;
  const auto put = [&](const std::string& name, std::int64_t last) {
    test_world().barrier();
    if (test_world().is_root()) {
      const h5::File file = h5::create_in_memory();
      const std::vector<std::int64_t> values{0, 1, last};
      h5::write_dataset<std::int64_t>(file, "rate_0.25", {3}, std::span(values));
      write_durably(folder / name, std::span<const char>(h5::image(file)));
    }
    test_world().barrier();
  };
  put("good.h5", 1);
  EXPECT_EQ(read_mask(test_world(), folder / "good.h5", 0.25).observed, (std::vector<std::uint8_t>{0, 1, 1}));
  put("bad.h5", 2);
  expect_user_error(Exit::data, {"bad.h5", "neither 0 nor 1"},
                    [&] { read_mask(test_world(), folder / "bad.h5", 0.25); });
}

TEST(Masks, SayWhatIsMissing) {
  const TestFolder folder;
  expect_user_error(Exit::no_input, {"absent.hdf5"},
                    [&] { read_mask(test_world(), folder / "absent.hdf5", 0.5); });
  put_file(folder / "text.hdf5", "no masks");
  expect_user_error(Exit::data, {"text.hdf5", "not an HDF5 file"},
                    [&] { read_mask(test_world(), folder / "text.hdf5", 0.5); });
  const auto path = masks_path(folder.path());
  if (test_world().is_root()) {
    write_masks(path, masks, {});
    EXPECT_THROW(write_masks(path, std::vector<Mask>{masks[0], masks[0]}, {}), Error);
  }
  test_world().barrier();
  expect_user_error(Exit::data, {"no mask of rate 0.25", "0.05, 0.5"},
                    [&] { read_mask(test_world(), path, 0.25); });
}

}  // namespace
