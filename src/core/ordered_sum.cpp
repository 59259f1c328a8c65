#include "core/ordered_sum.hpp"

namespace hypercast {

OrderedSum::OrderedSum(std::int64_t count, std::size_t size) : count_(count), size_(size) {}

// Two halves of one stretch of 2^(level + 1) become one.
void OrderedSum::push(std::vector<Part>& parts, Part part) {
  while (!parts.empty()) {
    auto& last = parts.back();
    const std::int64_t length = std::int64_t{1} << part.level;
    const bool halves =
        last.level == part.level && last.begin + length == part.begin && last.begin % (2 * length) == 0;
    if (!halves) break;
    for (std::size_t i = 0; i < part.sum.size(); ++i) last.sum[i] += part.sum[i];
    part = {last.begin, last.level + 1, std::move(last.sum)};
    parts.pop_back();
  }
  parts.push_back(std::move(part));
}

void OrderedSum::add(std::int64_t number, std::span<const double> term) {
  check(term.size() == size_ && number < count_, "a term that does not belong to its sum");
  push(parts_, {number, 0, {term.begin(), term.end()}});
}

std::vector<double> OrderedSum::total(const Comm& comm) {
  // All parts of a rank, behind those of the ranks before it. Parts of one rank after the other are merged,
  // so no rank holds more than its own and one other rank's.
  std::vector<Part> all;
  for (int rank = 0; rank < comm.size(); ++rank) {
    std::vector<std::int64_t> heads;
    if (rank == comm.rank())
      for (const auto& part : parts_) heads.insert(heads.end(), {part.begin, part.level});
    heads = comm.all_gather<std::int64_t>(heads);
    for (std::size_t i = 0; i < heads.size(); i += 2) {
      std::vector<double> sum(size_);
      if (rank == comm.rank()) sum = std::move(parts_[i / 2].sum);
      comm.broadcast<double>(sum, rank);
      push(all, {heads[i], static_cast<int>(heads[i + 1]), std::move(sum)});
    }
  }
  parts_.clear();
  // What is left is not a power of two long: from the last, which is the shortest, to the first.
  std::vector<double> total(size_);
  for (auto part = all.rbegin(); part != all.rend(); ++part)
    for (std::size_t i = 0; i < size_; ++i) total[i] += part->sum[i];
  return total;
}

}  // namespace hypercast
