#include "pde/solver/gather.hpp"

#include <algorithm>

namespace hypercast::pde {

namespace {

// Calls visit(place of the point in the whole grid) for each point of a block, in its order.
template <class Visit>
void for_each_point(std::span<const int> extents, const int* start, const int* count, Visit visit) {
  const std::size_t dims = extents.size();
  std::size_t points = 1;
  for (std::size_t a = 0; a < dims; ++a) points *= static_cast<std::size_t>(count[a]);
  for (std::size_t p = 0; p < points; ++p) {
    std::size_t place = 0, stride = 1, rest = p;
    for (std::size_t a = dims; a-- > 0;) {
      place += (start[a] + rest % count[a]) * stride;
      rest /= count[a];
      stride *= extents[a];
    }
    visit(place);
  }
}

}  // namespace

std::vector<double> gather(const Comm& comm, const io::Block& block, std::span<const double> values,
                           std::span<const int> extents) {
  std::vector<int> box = block.start;
  box.insert(box.end(), block.count.begin(), block.count.end());
  const auto boxes = comm.all_gather(std::span<const int>(box));
  const auto all = comm.all_gather(values);
  std::size_t points = 1;
  for (const int extent : extents) points *= static_cast<std::size_t>(extent);
  const std::size_t channels = all.size() / points, dims = extents.size();
  std::vector<double> frame(all.size());
  auto from = all.begin();
  for (std::size_t b = 0; b < boxes.size(); b += 2 * dims)
    for_each_point(extents, &boxes[b], &boxes[b + dims], [&](std::size_t place) {
      std::copy_n(from, channels, frame.begin() + static_cast<std::ptrdiff_t>(place * channels));
      from += static_cast<std::ptrdiff_t>(channels);
    });
  return frame;
}

void scatter(std::span<const double> frame, std::span<const int> extents, const io::Block& block,
             std::span<double> values) {
  std::size_t points = 1;
  for (const int extent : extents) points *= static_cast<std::size_t>(extent);
  const std::size_t channels = frame.size() / points;
  auto to = values.begin();
  for_each_point(extents, block.start.data(), block.count.data(), [&](std::size_t place) {
    to = std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(place * channels), channels, to);
  });
}

}  // namespace hypercast::pde
