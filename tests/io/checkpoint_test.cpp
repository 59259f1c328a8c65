#include "io/checkpoint.hpp"

#include <cstring>

#include "core/random.hpp"
#include "helpers.hpp"
#include "io/checkpoint_folder.hpp"
#include "io/seal.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

Archive sample(double loss = 0.5) {
  Archive archive;
  std::vector<float> weights(600);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = float(i) - 0.1f;
  archive.put<float>("model/head/weights", {20, 30}, weights);
  archive.put<double>("optimizer/moments", {2, 1, 3}, std::vector<double>{1e-300, -0.0, 3, 4, 5, 6.1});
  archive.put("sampler/position", std::vector<std::int64_t>{-1, std::int64_t{1} << 60});
  archive.put("model/empty", std::vector<float>{});
  archive.put_text("deck", "name = \"ä\"\n");
  archive.put_text("note", "");
  archive.put_number("train/loss", loss);
  return archive;
}

// Of the file of an archive. One rank.
std::string bytes_of(const TestFolder& folder, const Archive& archive, const Provenance& provenance = {},
                     const Streams& streams = {}) {
  write_checkpoint(folder / "bytes.h5", archive, provenance, streams);
  return file_bytes(folder / "bytes.h5");
}

// 0.5, 1.5, .. in pieces of 7 and fewer.
Stream stream_of(std::int64_t size) {
  return {size, [size](const Stream::Sink& sink) {
            for (std::int64_t at = 0; at < size; at += 7) {
              std::vector<float> piece;
              for (auto i = at; i < std::min(size, at + 7); ++i) piece.push_back(float(i) + 0.5f);
              sink(piece);
            }
          }};
}

}  // namespace

TEST(Checkpoint, RoundTripIsExact) {
  const TestFolder folder;
  const auto path = folder / "ckpt" / "a.h5";
  if (test_world().is_root()) write_checkpoint(path, sample(), {{"software", "test"}});
  const Archive read = read_checkpoint(test_world(), path);
  EXPECT_EQ(read, sample());
  EXPECT_EQ(payload_hash(read), payload_hash(sample()));
  EXPECT_EQ(read.array("optimizer/moments").shape, (std::vector<std::int64_t>{2, 1, 3}));
  EXPECT_EQ(read.values<std::int64_t>("sampler/position")[1], std::int64_t{1} << 60);
  EXPECT_EQ(read.text("deck"), "name = \"ä\"\n");
  EXPECT_EQ(read.number("train/loss"), 0.5);
  expect_user_error(Exit::refused, {"no 'model/tail'"}, [&] { read.array("model/tail"); });
  expect_user_error(Exit::refused, {"'deck'", "not an array"}, [&] { read.array("deck"); });
  expect_user_error(Exit::refused, {"another type"}, [&] { read.values<double>("model/head/weights"); });
}

TEST(Checkpoint, TheSameContentGivesTheSameBytes) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const Provenance one = {{"date", "today"}}, other = {{"date", "tomorrow"}};
  const std::string first = bytes_of(folder, sample(), one);
  EXPECT_EQ(first, bytes_of(folder, sample(), one));
  EXPECT_NE(first, bytes_of(folder, sample(), other));
  EXPECT_NE(payload_hash(sample(1)), payload_hash(sample(2)));
  Archive flat, square;  // the same bytes in another shape are not the same
  const std::vector<float> four(4, 1.0f);
  flat.put("a", four);
  square.put<float>("a", {2, 2}, four);
  EXPECT_NE(payload_hash(flat), payload_hash(square));
}

// Names in front of, between and behind those of the archive.
TEST(Checkpoint, StreamsAreArraysLikeAnyOther) {
  const TestFolder folder;
  const Streams streams = {
      {"a", stream_of(1)}, {"model/phi", stream_of(100)}, {"model/none", stream_of(0)}, {"z", stream_of(23)}};
  Archive whole = sample();
  for (const auto& [name, stream] : streams) {
    std::vector<float> values;
    stream.hand_over(
        [&](std::span<const float> piece) { values.insert(values.end(), piece.begin(), piece.end()); });
    whole.put(name, values);
  }
  if (test_world().is_root()) {
    EXPECT_EQ(bytes_of(folder, sample(), {}, streams), bytes_of(folder, whole));
  }
  test_world().barrier();
  EXPECT_EQ(read_checkpoint(test_world(), folder / "bytes.h5"), whole);

  const std::set<std::string> left = {"model/phi", "model/none", "nowhere", "sampler/position",
                                      "model/head/weights"};
  const Checkpoint opened = open_checkpoint(test_world(), folder / "bytes.h5", left);
  EXPECT_EQ(opened.arrays.size(), 2u);
  EXPECT_EQ(opened.array("model/none").size, 0);
  ASSERT_EQ(opened.array("model/phi").size, 100);
  std::vector<float> some(4);
  opened.array("model/phi").read(13, some);
  EXPECT_EQ(some, (std::vector<float>{13.5f, 14.5f, 15.5f, 16.5f}));
  EXPECT_THROW(opened.array("model/phi").read(97, some), Error);
  EXPECT_FALSE(opened.archive.entries().contains("model/phi"));
  EXPECT_EQ(opened.archive.values<float>("z")[22], 22.5f);
  expect_user_error(Exit::refused, {"no 'nowhere'"}, [&] { opened.array("nowhere"); });
  expect_user_error(Exit::refused, {"'sampler/position'", "not a float32 array of one axis"},
                    [&] { opened.array("sampler/position"); });
}

TEST(Checkpoint, AStreamThatIsNotAsLongAsItSaysIsAnError) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  for (const int wrong : {22, 24}) {
    Stream stream = stream_of(wrong);
    stream.size = 23;
    EXPECT_THROW(write_checkpoint(folder / "a.h5", sample(), {}, {{"z", stream}}), Error) << wrong;
  }
  EXPECT_THROW(write_checkpoint(folder / "a.h5", sample(), {}, {{"deck", stream_of(3)}}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Checkpoint, TheHashIsXxh3) {
  // xxhsum -H128 of the empty input and of "abc"; the published values of XXH3-128 with seed 0.
  EXPECT_EQ(hash({}), "99aa06d3014798d86001c324468d497f");
  const std::string abc = "abc";
  EXPECT_EQ(hash(std::span(abc.data(), 3)), "06b05ab6733a618578af5f94892f3950");
}

TEST(Checkpoint, EveryBitFlipIsFound) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const std::string image = bytes_of(folder, sample(), {{"software", "test"}});
  EXPECT_EQ(verify_seal(folder / "bytes.h5", checkpoint_kind), "");
  const Random random(1, Random::Purpose::test);
  for (int i = 0; i < 400; ++i) {
    auto damaged = image;
    // Half of the flips hit the header.
    const auto at = random.below(i % 2 ? 512 : std::uint32_t(image.size()), 2 * i);
    damaged[at] = char(damaged[at] ^ (1 << random.below(8, 2 * i + 1)));
    write_file(folder / "damaged.h5", damaged);
    EXPECT_NE(verify_seal(folder / "damaged.h5", checkpoint_kind), "") << "byte " << at;
  }
}

TEST(Checkpoint, DamageIsToldToAllRanks) {
  const TestFolder folder;
  if (test_world().is_root()) bytes_of(folder, sample());
  test_world().barrier();
  const std::string bytes = file_bytes(folder / "bytes.h5");
  const auto read = [&](const std::string& name) { read_checkpoint(test_world(), folder / name); };
  for (int percent = 0; percent < 100; percent += 5) {
    put_file(folder / "cut.h5", bytes.substr(0, bytes.size() * percent / 100));
    expect_user_error(Exit::data, {"cut.h5", percent == 0 ? "not a hypercast checkpoint" : "truncated"},
                      [&] { read("cut.h5"); });
  }
  std::string damaged = bytes;
  damaged[2000] ^= 4;
  put_file(folder / "bad.h5", damaged);
  expect_user_error(Exit::data, {"bad.h5", "damaged", "checksum"}, [&] { read("bad.h5"); });
  put_file(folder / "long.h5", bytes + "x");
  expect_user_error(Exit::data, {"long.h5", "damaged"}, [&] { read("long.h5"); });
  std::string newer = bytes;
  newer[21] = '2';
  put_file(folder / "newer.h5", newer);
  expect_user_error(Exit::data, {"newer hypercast", "format 2"}, [&] { read("newer.h5"); });
  expect_user_error(Exit::no_input, {"absent.h5"}, [&] { read("absent.h5"); });
}

TEST(Checkpoint, AFailedWriteLeavesTheOldOne) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto path = folder / "a.h5";
  write_checkpoint(path, sample(1), {});
  for (const std::size_t most : {1000, 3000, 10000, 100000, 500000}) {
    const FileSizeLimit limit(most);
    EXPECT_THROW(write_checkpoint(path, sample(2), {}, {{"z", stream_of(125000)}}), Error) << most;
  }
  EXPECT_EQ(read_checkpoint(Comm::self(), path), sample(1));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1)
      << "nothing else is left";
  write_file(folder / "file", "x");
  try {
    write_checkpoint(folder / "file" / "b.h5", sample(), {});
    ADD_FAILURE() << "wrote below a file";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::io);
  }
}

TEST(CheckpointFolder, KeepsTheLastFew) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto steps = [&] {
    std::vector<std::int64_t> result;
    for (const auto& stored : list_checkpoints(folder.path())) result.push_back(stored.step);
    return result;
  };
  using Steps = std::vector<std::int64_t>;
  EXPECT_EQ(steps(), Steps{});
  EXPECT_EQ(checkpoint_path("ckpt", 1200), "ckpt/step-000001200.h5");
  for (std::int64_t step : {100, 200, 300}) save_checkpoint(folder.path(), step, sample(), {}, 2);
  EXPECT_EQ(steps(), (Steps{300, 200}));
  save_checkpoint(folder.path(), 250, sample(), {}, 1);  // resumed from 200 because 300 was damaged
  EXPECT_EQ(steps(), (Steps{300, 250}));
}

TEST(CheckpointFolder, FallsBackToTheNewestThatVerifies) {
  const TestFolder folder;
  EXPECT_FALSE(newest_valid(test_world(), folder / "none").found);
  if (test_world().is_root())
    for (std::int64_t step : {100, 200, 300})
      save_checkpoint(folder.path(), step, sample(double(step)), {}, 9);
  test_world().barrier();
  auto newest = newest_valid(test_world(), folder.path());
  ASSERT_TRUE(newest.found);
  EXPECT_EQ(newest.found->file, checkpoint_path(folder.path(), 300));
  EXPECT_EQ(newest.found->archive.number("train/loss"), 300);
  EXPECT_TRUE(newest.skipped.empty());
  put_file(checkpoint_path(folder.path(), 300), "garbage");
  std::string bytes = file_bytes(checkpoint_path(folder.path(), 200));
  put_file(checkpoint_path(folder.path(), 200), bytes.substr(0, 3000));
  newest = newest_valid(test_world(), folder.path());
  ASSERT_TRUE(newest.found);
  EXPECT_EQ(newest.found->archive.number("train/loss"), 100);
  ASSERT_EQ(newest.skipped.size(), 2u);
  EXPECT_NE(newest.skipped[0].find("step-000000300.h5: not a hypercast checkpoint"), std::string::npos);
  EXPECT_NE(newest.skipped[1].find("truncated"), std::string::npos);
  put_file(checkpoint_path(folder.path(), 100), "");
  newest = newest_valid(test_world(), folder.path());
  EXPECT_FALSE(newest.found);
  EXPECT_EQ(newest.skipped.size(), 3u);
}
