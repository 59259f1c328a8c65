#include "similarity/plan.hpp"

#include <algorithm>

namespace hypercast::similarity {

std::shared_ptr<io::Scratch> room_for(double bytes, const Resources& resources) {
  if (bytes <= resources.memory / 4 || resources.scratch.empty()) return nullptr;
  return std::make_shared<io::Scratch>(resources.scratch);
}

std::int64_t rows_of_block(const Resources& resources, double bytes_of_row, std::int64_t most) {
  // One message of MPI holds less than 2^31 numbers.
  const double rows = std::min(resources.memory / 16, 8e9) / std::max(1.0, bytes_of_row);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::min(rows, 1e9)), 1, most);
}

std::vector<Range> groups_of(std::int64_t n, int parts, std::int64_t each) {
  std::vector<Range> groups;
  for (int part = 0; part < parts; ++part) {
    const Range inputs = share_of(n / each, part, parts);
    groups.push_back({inputs.begin * each, inputs.end * each});
  }
  std::erase_if(groups, [](const Range& group) { return group.size() == 0; });
  return groups;
}

std::vector<Range> blocks_within(std::int64_t n, const std::vector<Range>& groups, std::int64_t most) {
  const std::int64_t rows = std::min(most, std::max<std::int64_t>(32, (n + 15) / 16));
  std::vector<Range> blocks;
  for (const auto& group : groups.empty() ? std::vector<Range>{{0, n}} : groups) {
    const auto parts = static_cast<int>((group.size() + rows - 1) / rows);
    for (int part = 0; part < parts; ++part) {
      const Range share = share_of(group.size(), part, parts);
      blocks.push_back({group.begin + share.begin, group.begin + share.end});
    }
  }
  return blocks;
}

int group_of(const std::vector<Range>& groups, std::int64_t row) {
  const auto after = std::upper_bound(groups.begin(), groups.end(), row,
                                      [](std::int64_t r, const Range& group) { return r < group.begin; });
  return static_cast<int>(after - groups.begin()) - 1;
}

}  // namespace hypercast::similarity
