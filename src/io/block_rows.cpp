#include "io/block_rows.hpp"

#include <bit>

namespace hypercast::io {

static_assert(std::endian::native == std::endian::little, "the fields are in the file as they are in memory");

namespace {

// Calls `move(first value, values, place in the field)` for each run of values that follow each other in the
// file.
template <class Move>
void for_each_run(const std::vector<Axis>& axes, const Block& block, std::size_t values, Move move) {
  std::size_t run = 1, d = axes.size();  // the axes that a run spans: d, d+1, ...
  for (bool whole = true; d > 0 && whole;) {
    --d;
    run *= block.count[d];
    whole = std::size_t(block.count[d]) == axes[d].points.size();
  }
  for (std::size_t at = 0; at < values; at += run) {
    // The point of the grid at which this run starts.
    std::size_t rest = at, place = 0, stride = 1;
    for (std::size_t k = axes.size(); k-- > 0;) {
      place += (block.start[k] + rest % block.count[k]) * stride;
      rest /= block.count[k];
      stride *= axes[k].points.size();
    }
    move(at, run, place);
  }
}

}  // namespace

void write_block(Descriptor& file, std::uint64_t offset, const std::vector<Axis>& axes, const Block& block,
                 std::span<const float> values) {
  for_each_run(axes, block, values.size(), [&](std::size_t at, std::size_t run, std::size_t place) {
    file.write_at(std::span(reinterpret_cast<const char*>(values.data() + at), run * sizeof(float)),
                  offset + place * sizeof(float));
  });
}

void read_block(const Descriptor& file, std::uint64_t offset, const std::vector<Axis>& axes,
                const Block& block, std::span<float> values) {
  for_each_run(axes, block, values.size(), [&](std::size_t at, std::size_t run, std::size_t place) {
    file.read_at(std::span(reinterpret_cast<char*>(values.data() + at), run * sizeof(float)),
                 offset + place * sizeof(float));
  });
}

}  // namespace hypercast::io
