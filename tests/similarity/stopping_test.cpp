// A comparison that is asked to stop does, on all ranks, in whatever family it is.

#include <csignal>

#include "../io/helpers.hpp"
#include "comparing.hpp"

using namespace golden;

namespace {

const std::vector<Case> one_of_each_family{
    {"cka", {}},        {"cka_rbf", {}}, {"cka_minibatch", {{"batch", std::int64_t{8}}}},
    {"procrustes", {}}, {"rsa", {}},     {"mutual_knn", {}},
    {"logme", {}},      {"delta", {}}};
const Resampling resampling{.groups = 4, .permutations = 3};

// Rows that bring a signal to the rank that reads them for the n-th time.
class Ringing final : public Rows {
 public:
  Ringing(const Rows& base, int at) : base_(base), left_(at) {}
  std::int64_t count() const override { return base_.count(); }
  const std::vector<std::size_t>& widths() const override { return base_.widths(); }
  const Ownership& ownership() const override { return base_.ownership(); }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override {
    if (--left_ == 0) std::raise(SIGUSR1);
    base_.read(model, rows, out);
  }
  bool rang() const { return left_ <= 0; }

 private:
  const Rows& base_;
  mutable int left_;
};

}  // namespace

TEST(Stopping, FollowsAFileInTheRunFolder) {
  const TestFolder folder;
  const auto world = world_of(40, {6, 9, 4});
  const Meeting meeting(test_world(), world);
  const auto stopped = [&](const Case& one) {
    const Room room(test_world(), 0, folder.path());
    return !compared({room.context, meeting.rows, meeting.labels, resampling, {}}, made({one})).has_value();
  };
  for (const auto& one : one_of_each_family) EXPECT_FALSE(stopped(one)) << one;
  put_file(folder / "STOP", "");
  for (const auto& one : one_of_each_family) EXPECT_TRUE(stopped(one)) << one;
}

// In the middle of a family; one rank alone is told.
TEST(Stopping, FollowsASignalToOneRank) {
  const auto world = world_of(40, {6, 9, 4});
  for (const auto& one : one_of_each_family) {
    const Room quiet(test_world());
    const auto rows = rows_of(quiet.comm, world.n(), world.models);
    const auto reads_of = [&](int at) {  // whether it was stopped, whether this rank was told
      const Room room(test_world());
      const Ringing ringing(rows, room.comm.rank() == rows.ownership().owner(2) ? at : 1 << 30);
      const bool stopped =
          !compared({room.context, ringing, world.labels, resampling, {}}, made({one})).has_value();
      EXPECT_EQ(room.comm.all(stopped), room.comm.any(stopped)) << one;
      return std::pair(stopped, room.comm.any(ringing.rang()));
    };
    EXPECT_EQ(reads_of(1), std::pair(true, true)) << one;
    EXPECT_EQ(reads_of(1 << 30), std::pair(false, false)) << one;
    int stops = 0;
    for (const int at : {2, 3, 5, 8, 13}) {
      const auto [stopped, told] = reads_of(at);
      EXPECT_FALSE(stopped && !told) << one;
      stops += stopped;
    }
    EXPECT_GE(stops, 2) << one << " hears a signal only at its beginning";
  }
}
