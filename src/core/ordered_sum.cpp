#include "core/ordered_sum.hpp"

#include <algorithm>
#include <utility>

namespace hypercast {

namespace {

constexpr std::size_t small = 1u << 12;  // numbers of all ranks that are quickest gathered by everyone

// Whether two stretches are the halves of one of the tree: begin and length of the first, begin of the
// second.
bool are_halves(std::int64_t first, std::int64_t length, std::int64_t second) {
  return first + length == second && first % (2 * length) == 0;
}

}  // namespace

template <class T>
OrderedSum<T>::OrderedSum(std::int64_t count, std::size_t size) : count_(count), size_(size) {}

// Two halves of one stretch of 2^(level + 1) become one. (Parts without numbers stand for parts elsewhere.)
template <class T>
void OrderedSum<T>::push(std::vector<Part>& parts, Part part) {
  while (!parts.empty() && parts.back().level == part.level &&
         are_halves(parts.back().begin, std::int64_t{1} << part.level, part.begin)) {
    auto& last = parts.back();
    for (std::size_t i = 0; i < part.sum.size(); ++i) last.sum[i] += part.sum[i];
    if (!part.sum.empty()) spare_.push_back(std::move(part.sum));
    part = {last.begin, last.level + 1, std::move(last.sum)};
    parts.pop_back();
  }
  parts.push_back(std::move(part));
}

template <class T>
void OrderedSum<T>::take(std::vector<Part>& parts, std::int64_t begin, int level, std::span<const T> sum) {
  Buffer<T> memory;
  if (!spare_.empty()) {
    memory = std::move(spare_.back());
    spare_.pop_back();
  }
  memory.assign(sum.begin(), sum.end());
  push(parts, {begin, level, std::move(memory)});
}

template <class T>
void OrderedSum<T>::add(std::int64_t number, std::span<const T> term) {
  check(term.size() == size_ && number < count_, "a term that does not belong to its sum");
  if (stretch_[1]++ == 0) stretch_[0] = number;
  take(parts_, number, 0, term);
}

// The parts of all ranks in one message.
template <class T>
void OrderedSum<T>::add_gathered(const Comm& comm, std::span<T> total) {
  std::vector<int> counts;
  for (const auto& parts : expected_) counts.push_back(to_count(parts.size() * size_));
  mine_.clear();
  for (const auto& part : parts_) mine_.insert(mine_.end(), part.sum.begin(), part.sum.end());
  everything_.resize(count_of_parts() * size_);
  comm.all_gather<T>(mine_, everything_, counts);
  add_up(everything_, total);
}

template <class T>
std::size_t OrderedSum<T>::count_of_parts() const {
  std::size_t count = 0;
  for (const auto& parts : expected_) count += parts.size();
  return count;
}

// Parts of all ranks, rank after rank, as long as their sum.
template <class T>
void OrderedSum<T>::add_up(std::span<const T> parts, std::span<T> total) {
  const std::size_t size = total.size();
  std::vector<Part> all;
  std::size_t at = 0;
  for (const auto& of_rank : expected_)
    for (const auto& part : of_rank) {
      take(all, part.begin, part.level, parts.subspan(at, size));
      at += size;
    }
  close(all, total);
  for (auto& part : all) spare_.push_back(std::move(part.sum));
}

// What is left is not a power of two long: from the last, which is the shortest, to the first.
template <class T>
void OrderedSum<T>::close(const std::vector<Part>& parts, std::span<T> total) {
  std::fill(total.begin(), total.end(), T{});
  for (auto part = parts.rbegin(); part != parts.rend(); ++part)
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += part->sum[i];
}

// Every rank gets a slice of everybody's parts, and everybody the sums of all slices: twice the length of the
// sum travels to each rank, whatever their number.
template <class T>
void OrderedSum<T>::add_slices(const Comm& comm, std::span<T> total) {
  const int ranks = comm.size();
  const auto slice = [&](int rank) { return share_of(static_cast<std::int64_t>(size_), rank, ranks); };
  const auto own = static_cast<std::size_t>(slice(comm.rank()).size());
  std::vector<int> sent, received, slices;
  mine_.clear();
  for (int rank = 0; rank < ranks; ++rank) {
    for (const auto& part : parts_)
      mine_.insert(mine_.end(), part.sum.begin() + slice(rank).begin, part.sum.begin() + slice(rank).end);
    slices.push_back(to_count(static_cast<std::size_t>(slice(rank).size())));
    sent.push_back(to_count(parts_.size() * static_cast<std::size_t>(slice(rank).size())));
    received.push_back(to_count(expected_[rank].size() * own));
  }
  everything_.resize(count_of_parts() * own);
  comm.all_to_all<T>(mine_, sent, everything_, received);
  mine_.resize(own);
  add_up(everything_, mine_);
  comm.all_gather<T>(mine_, total, slices);
}

// What every rank has to tell.
template <class T>
void OrderedSum<T>::expect(const Comm& comm) {
  auto stretches = comm.all_gather<std::int64_t>(stretch_);
  stretch_[1] = 0;
  if (stretches == stretches_) return;
  stretches_ = std::move(stretches);
  expected_.assign(static_cast<std::size_t>(comm.size()), {});
  std::int64_t terms = 0;
  for (int rank = 0; rank < comm.size(); ++rank)
    for (std::int64_t k = 0; k < stretches_[2 * rank + 1]; ++k, ++terms)
      push(expected_[rank], {stretches_[2 * rank] + k, 0, {}});
  if (terms != count_) throw Error("a sum of other terms than it was made for");
}

template <class T>
void OrderedSum<T>::total(const Comm& comm, std::span<T> total) {
  expect(comm);
  if (comm.size() == 1)
    close(parts_, total);
  else if (count_of_parts() * size_ <= small)
    add_gathered(comm, total);
  else
    add_slices(comm, total);
  for (auto& part : parts_)
    if (!part.sum.empty()) spare_.push_back(std::move(part.sum));
  parts_.clear();
}

template class OrderedSum<float>;
template class OrderedSum<double>;

}  // namespace hypercast
