#include "io/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "io/on_root.hpp"
#include "io/trajectory.hpp"

namespace hypercast::io {

// Chan, Golub and LeVeque 1983.
void Moments::add(const Moments& other) {
  if (other.count == 0) return;
  const double total = count + other.count, step = other.mean - mean;
  spread += other.spread + step * step * (count * other.count / total);
  mean += step * (other.count / total);
  count = total;
}

double Moments::deviation() const { return count > 0 ? std::sqrt(spread / count) : 0; }

double Moments::root_mean_square() const { return count > 0 ? std::sqrt(mean * mean + spread / count) : 0; }

namespace {

// Of value(0), .., value(count - 1): a mean first, then distances from it, whose own mean makes up for the
// rounding of the first.
template <class Value>
Moments moments(std::size_t count, Value value) {
  const auto n = static_cast<double>(count);
  double sum = 0, distances = 0, squares = 0;
  for (std::size_t i = 0; i < count; ++i) sum += value(i);
  const double mean = sum / n;
  for (std::size_t i = 0; i < count; ++i) {
    const double distance = value(i) - mean;
    distances += distance;
    squares += distance * distance;
  }
  return {n, mean + distances / n, std::max(0.0, squares - distances * distances / n)};
}

// `frame`: [point][channel]; null `before` for the first frame.
void add_frame(const float* before, std::span<const float> frame, std::span<FieldStatistics> channels) {
  const std::size_t stride = channels.size(), points = frame.size() / stride;
  for (std::size_t c = 0; c < stride; ++c) {
    const float *now = frame.data() + c, *then = before ? before + c : nullptr;
    channels[c].values.add(
        moments(points, [&](std::size_t i) { return static_cast<double>(now[i * stride]); }));
    if (before)
      channels[c].differences.add(moments(points, [&](std::size_t i) {
        return static_cast<double>(now[i * stride]) - static_cast<double>(then[i * stride]);
      }));
  }
}

std::vector<FieldStatistics> of_trajectory(const TrajectoryReader& reader, int trajectory) {
  constexpr std::size_t most = std::size_t{1} << 22;  // floats in memory, or two frames
  const auto& layout = reader.layout();
  const std::size_t size = layout.frame_size();
  const auto frames = static_cast<std::int64_t>(layout.times.size());
  const auto piece = std::min(frames, static_cast<std::int64_t>(std::max<std::size_t>(1, most / size)));
  std::vector<FieldStatistics> result(layout.channels.size());
  std::vector<float> memory((1 + piece) * size);  // the frame before the piece, then the piece
  for (std::int64_t begin = 0; begin < frames; begin += piece) {
    const Range range{begin, std::min(frames, begin + piece)};
    reader.read(trajectory, range, std::span(memory).subspan(size, range.size() * size));
    for (std::int64_t k = 0; k < range.size(); ++k)
      add_frame(begin + k > 0 ? memory.data() + k * size : nullptr,
                std::span<const float>(memory).subspan((1 + k) * size, size), result);
    std::copy_n(memory.begin() + range.size() * size, size, memory.begin());
  }
  return result;
}

constexpr std::size_t width = 6;  // doubles of a FieldStatistics

void append(std::vector<double>& list, const FieldStatistics& one) {
  for (const Moments& m : {one.values, one.differences}) list.insert(list.end(), {m.count, m.mean, m.spread});
}

// This rank's share of the trajectories, counted through all files, in order.
std::vector<double> of_share(Range mine, const std::vector<std::filesystem::path>& files,
                             std::span<const int> trajectories, std::size_t channels) {
  std::vector<double> result;
  std::int64_t first = 0;  // trajectory of a file, among all
  for (std::size_t f = 0; f < files.size(); first += trajectories[f++]) {
    const auto begin = std::max(mine.begin, first), end = std::min(mine.end, first + trajectories[f]);
    if (begin >= end) continue;
    const TrajectoryReader reader(Comm::self(), files[f]);
    check(reader.layout().channels.size() == channels && reader.layout().trajectories == trajectories[f],
          "a trajectory file changed while it was read");
    for (auto k = begin; k < end; ++k)
      for (const auto& channel : of_trajectory(reader, static_cast<int>(k - first))) append(result, channel);
  }
  return result;
}

}  // namespace

std::vector<FieldStatistics> field_statistics(const Comm& comm,
                                              const std::vector<std::filesystem::path>& files,
                                              std::span<const int> trajectories, std::size_t channels) {
  check(files.size() == trajectories.size(), "statistics of files without their numbers of trajectories");
  std::int64_t total = 0;
  for (int count : trajectories) total += count;
  std::vector<double> mine;
  on_all(comm,
         [&] { mine = of_share(share_of(total, comm.rank(), comm.size()), files, trajectories, channels); });
  const std::vector<double> all = comm.all_gather(std::span<const double>(mine));
  std::vector<FieldStatistics> result(channels);
  for (std::size_t at = 0; at < all.size(); at += width) {
    auto& channel = result[at / width % channels];
    channel.values.add({all[at], all[at + 1], all[at + 2]});
    channel.differences.add({all[at + 3], all[at + 4], all[at + 5]});
  }
  return result;
}

}  // namespace hypercast::io
