#pragma once
// What the tests of io share.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "io/trajectory.hpp"
#include "test_world.hpp"

// A fresh folder that all ranks see, removed at the end. COLLECTIVE.
class TestFolder {
 public:
  TestFolder() {
    const auto& world = test_world();
    std::string name = (std::filesystem::temp_directory_path() / "hypercast io XXXXXX").string();
    if (world.is_root() && !mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = world.broadcast(name);
  }
  ~TestFolder() {
    test_world().barrier();
    std::error_code ignored;
    if (test_world().is_root()) std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Runs `work` on every rank; every rank must get a UserError of that code whose text holds all `words`.
template <class Work>
void expect_user_error(hypercast::Exit code, const std::vector<std::string>& words, Work work) {
  try {
    work();
    ADD_FAILURE() << "nothing was thrown; expected: " << words.at(0);
  } catch (const hypercast::UserError& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    for (const auto& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos)
          << "'" << error.what() << "' lacks " << word;
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "more than one line";
  }
}

inline std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// While it lives, this rank cannot write files beyond `most` bytes: a disk that is full. 0: no limit.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::size_t most) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    if (most > 0) limit.rlim_cur = most;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &old_); }

 private:
  rlimit old_{};
};

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Rank 0 writes once all have come, and all wait for it.
inline void put_file(const std::filesystem::path& path, const std::string& bytes) {
  test_world().barrier();
  if (test_world().is_root()) write_file(path, bytes);
  test_world().barrier();
}

inline hypercast::io::Axis axis(const std::string& name, int n, double lower, double h,
                                hypercast::io::Boundary boundary) {
  hypercast::io::Axis result{name, {}, boundary};
  for (int i = 0; i < n; ++i) result.points.push_back(lower + i * h);
  return result;
}

// No two values of a small file are alike, and no symmetry hides a transposition.
inline float sample_value(int trajectory, int frame, int channel, std::size_t point) {
  return 100000.0f * float(trajectory) + 1000.0f * float(frame) + 500.0f * float(channel) + float(point) +
         0.25f;
}

// This rank's block when the first axis is cut over ranks, the last rank first.
inline hypercast::io::Block block_of(const hypercast::Comm& comm,
                                     const hypercast::io::TrajectoryLayout& layout) {
  hypercast::io::Block block;
  for (const auto& one : layout.axes) {
    block.start.push_back(0);
    block.count.push_back(int(one.points.size()));
  }
  const auto range = hypercast::share_of(block.count[0], comm.size() - 1 - comm.rank(), comm.size());
  block.start[0] = int(range.begin);
  block.count[0] = int(range.size());
  return block;
}

// This rank's block of a frame, full of sample_value: [channel][local point].
inline std::vector<float> sample_block(const hypercast::io::TrajectoryLayout& layout,
                                       const hypercast::io::Block& block, int trajectory, int frame) {
  const std::size_t row = layout.points() / layout.axes[0].points.size();
  std::vector<float> values;
  for (int c = 0; c < int(layout.channels.size()); ++c)
    for (std::size_t i = 0; i < block.points(); ++i)
      values.push_back(sample_value(trajectory, frame, c, block.start[0] * row + i));
  return values;
}

// Writes frames [begin, end), counted through the trajectories, with sample_value. COLLECTIVE over `comm`.
inline void write_frames(const hypercast::Comm& comm, hypercast::io::TrajectoryWriter& writer,
                         const hypercast::io::TrajectoryLayout& layout, int begin, int end) {
  const auto block = block_of(comm, layout);
  const int frames = int(layout.times.size());
  for (int k = begin; k < end; ++k)
    writer.write(k / frames, k % frames, block, sample_block(layout, block, k / frames, k % frames));
}

// Writes every frame with sample_value. COLLECTIVE over `comm`.
inline void write_sample(const hypercast::Comm& comm, const std::filesystem::path& path,
                         const hypercast::io::TrajectoryLayout& layout,
                         const hypercast::io::Provenance& provenance = {{"software", "test"}},
                         const hypercast::io::Measurements& measured = {}) {
  hypercast::io::TrajectoryWriter writer(comm, path, layout, provenance);
  write_frames(comm, writer, layout, 0, layout.trajectories * int(layout.times.size()));
  writer.finish(measured);
}

inline hypercast::io::TrajectoryLayout layout_2d() {
  using hypercast::io::Boundary;
  return {.dataset_name = "sample",
          .channels = {"u", "v"},
          .axes = {axis("x", 7, 0.0, 1.0 / 7, Boundary::periodic), axis("y", 5, 0.1, 0.2, Boundary::neumann)},
          .times = {0.0, 0.1, 0.2},
          .trajectories = 2,
          .parameters = {{"nu", 0.1}, {"beta", 3.0}}};
}
