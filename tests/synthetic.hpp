#pragma once
// Trajectory files for tests: a damped travelling wave in one dimension, any number of channels.

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "io/trajectory.hpp"

namespace synthetic {

inline double wave(double t, double x, int channel, int trajectory = 0) {
  return std::exp(-0.2 * t) * std::sin(x - t + trajectory) + 0.3 * std::cos(2 * x + channel) + channel;
}

inline hypercast::io::TrajectoryLayout layout(int points, int frames, int channels, int trajectories = 1) {
  hypercast::io::TrajectoryLayout layout;
  layout.dataset_name = "wave";
  for (int c = 0; c < channels; ++c) layout.channels.push_back("u" + std::to_string(c));
  hypercast::io::Axis axis{"x", {}, hypercast::io::Boundary::periodic};
  for (int i = 0; i < points; ++i) axis.points.push_back(2 * M_PI * i / points);
  layout.axes = {axis};
  for (int k = 0; k < frames; ++k) layout.times.push_back(0.1 * k);
  layout.trajectories = trajectories;
  return layout;
}

// COLLECTIVE. Writes FOLDER/wave_000000.hdf5; `spoil` replaces the value of one frame's first point.
inline void write(const hypercast::Comm& comm, const std::filesystem::path& folder,
                  const hypercast::io::TrajectoryLayout& layout, int spoiled_frame = -1, float spoil = 0) {
  using namespace hypercast;
  io::TrajectoryWriter writer(comm, folder / "wave_000000.hdf5", layout, {});
  const auto& x = layout.axes[0].points;
  const Range mine = share_of(static_cast<std::int64_t>(x.size()), comm.rank(), comm.size());
  const io::Block block{{static_cast<int>(mine.begin)}, {static_cast<int>(mine.size())}};
  for (int b = 0; b < layout.trajectories; ++b) {
    for (std::size_t k = 0; k < layout.times.size(); ++k) {
      std::vector<float> values;
      for (std::size_t c = 0; c < layout.channels.size(); ++c)
        for (auto i = mine.begin; i < mine.end; ++i)
          values.push_back(static_cast<float>(wave(layout.times[k], x[i], static_cast<int>(c), b)));
      if (static_cast<int>(k) == spoiled_frame && mine.begin == 0 && mine.size() > 0) values[0] = spoil;
      writer.write(b, static_cast<int>(k), block, values);
    }
  }
  writer.finish();
}

// A folder of the test's own, the same on all ranks, made empty.
inline std::filesystem::path folder(const hypercast::Comm& comm, const std::string& name) {
  const auto path =
      std::filesystem::temp_directory_path() / ("hypercast_" + name + "_np" + std::to_string(comm.size()) +
                                                "_" + comm.broadcast(std::to_string(::getpid())));
  if (comm.is_root()) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  comm.barrier();
  return path;
}

}  // namespace synthetic
