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
constexpr int never = 1 << 30;
class Ringing final : public Rows {
 public:
  Ringing(const Rows& base, int at) : base_(base), at_(at) {}
  std::int64_t count() const override { return base_.count(); }
  const std::vector<std::size_t>& widths() const override { return base_.widths(); }
  const Ownership& ownership() const override { return base_.ownership(); }
  void read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const override {
    if (++reads_ == at_) std::raise(SIGUSR1);
    base_.read(model, rows, out);
  }
  int reads() const { return reads_; }
  bool rang() const { return reads_ >= at_; }

 private:
  const Rows& base_;
  int at_;
  mutable int reads_ = 0;
};

}  // namespace

// Before anything is read.
TEST(Stopping, FollowsAFileInTheRunFolder) {
  const TestFolder folder;
  const auto world = world_of(40, {6, 9, 4});
  const Meeting meeting(test_world(), world);
  const auto stopped = [&](const Case& one) {
    const Room room(test_world(), 0, folder.path());
    const Ringing quiet(meeting.rows, never);
    const bool none =
        !compared({room.context, quiet, meeting.labels, resampling, {}}, made({one})).has_value();
    EXPECT_EQ(room.comm.any(quiet.reads() > 0), !none) << one;
    return none;
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
      const Ringing ringing(rows, room.comm.rank() == rows.ownership().owner(2) ? at : never);
      const bool stopped =
          !compared({room.context, ringing, world.labels, resampling, {}}, made({one})).has_value();
      EXPECT_EQ(room.comm.all(stopped), room.comm.any(stopped)) << one;
      return std::pair(stopped, room.comm.any(ringing.rang()));
    };
    EXPECT_EQ(reads_of(1), std::pair(true, true)) << one;
    EXPECT_EQ(reads_of(never), std::pair(false, false)) << one;
    int stops = 0;
    for (const int at : {2, 3, 5, 8, 13}) {
      const auto [stopped, told] = reads_of(at);
      EXPECT_FALSE(stopped && !told) << one;
      stops += stopped;
    }
    EXPECT_GE(stops, 2) << one << " hears a signal only at its beginning";
  }
}

namespace {

// Rings on the last rank, once that has been asked so often; all stop at the next turn.
struct Bell {
  int at = 0, turns = 0;
  void turn(const hypercast::Comm& comm) {
    if (++turns == at && comm.rank() == comm.size() - 1) std::raise(SIGUSR1);
  }
};

// Two models at least for every rank.
World eight() { return world_of(20, {3, 3, 3, 3, 3, 3, 3, 3}); }

// Scores nothing; another turn for every set of rows.
class Turning final : public Fit {
 public:
  Turning(const Match& match, Bell& bell) : match_(match), bell_(bell) { bell.turn(match.context.comm); }
  std::vector<Scores> scores(const std::vector<std::int64_t>& order) const override {
    if (!order.empty()) bell_.turn(match_.context.comm);
    return {};
  }

 private:
  const Match& match_;
  Bell& bell_;
};

}  // namespace

TEST(Stopping, GoesNoFurtherThanTheModelAtHand) {
  const Meeting meeting(test_world(), eight());
  Bell bell{1};
  EXPECT_THROW(
      each_own_model(meeting.room.context, meeting.rows, [&](std::size_t) { bell.turn(meeting.room.comm); }),
      Stopped);
  EXPECT_EQ(bell.turns, 1);
}

TEST(Stopping, GoesNoFurtherThanTheBlockAtHand) {
  const Meeting meeting(test_world(), eight());
  Bell bell{2};
  EXPECT_THROW(stream<double>(meeting.room.context, meeting.rows, all_rows(20), blocks_of(20, 5),
                              [&](const RowBlock<double>&) { bell.turn(meeting.room.comm); }),
               Stopped);
  EXPECT_EQ(bell.turns, 2);
}

// Sets of rows: all, in three orders, without four groups.
TEST(Stopping, GoesNoFurtherThanTheSetOfRowsAtHand) {
  for (const int at : {1, 3, 4, 5, 7}) {
    const Meeting meeting(test_world(), eight());
    const Resources resources;
    Bell bell{at};
    EXPECT_THROW(compare_by_fits({meeting.room.context, meeting.rows, meeting.labels, resampling, resources},
                                 [&](const Match& match) { return std::make_unique<Turning>(match, bell); },
                                 {[](std::size_t) { return Done{}; }, {}, {}, {}, {}}),
                 Stopped);
    EXPECT_EQ(bell.turns, at);
  }
}
