#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <ctime>
#include <thread>

#include "core/buffer.hpp"
#include "core/json_text.hpp"
#include "core/memory.hpp"
#include "core/messages.hpp"
#include "core/nearest.hpp"
#include "core/random.hpp"
#include "core/registry.hpp"
#include "core/shared_array.hpp"
#include "core/signals.hpp"
#include "core/ticket_counter.hpp"
#include "core/timers.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace std::chrono_literals;

TEST(Random, PhiloxMatchesThePublishedVectors) {
  // Random123 1.09, kat_vectors: philox4x32 10.
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, NormalsHaveUnitVarianceAndStreamsDiffer) {
  const Random a(7, Random::Purpose::test, 0), b(7, Random::Purpose::test, 1);
  double sum = 0, squares = 0, cross = 0;
  const int n = 20000;
  for (int i = 0; i < n; ++i) {
    sum += a.normal(i);
    squares += a.normal(i) * a.normal(i);
    cross += a.normal(i) * b.normal(i);
  }
  EXPECT_NEAR(sum / n, 0, 0.03);
  EXPECT_NEAR(squares / n, 1, 0.04);
  EXPECT_NEAR(cross / n, 0, 0.03);
  for (int i = 0; i < 1000; ++i) EXPECT_LT(a.below(10, i), 10u);
}

TEST(Nearest, NamesTheLikelyWordOrListsAll) {
  EXPECT_EQ(edit_distance("steps", "step"), 1);
  EXPECT_EQ(edit_distance("wdith", "width"), 1);
  EXPECT_EQ(did_you_mean("wdith", {"depth", "width"}), "; did you mean 'width'?");
  EXPECT_EQ(did_you_mean("qqqqqq", {"depth", "width"}), "; known: depth, width");
}

TEST(Registry, FindsByNameAndRefusesTheUnknown) {
  Registry<int (*)()> registry("thing");
  registry.add("seven", "gives seven", [] { return 7; });
  EXPECT_EQ(registry.find("seven").make(), 7);
  try {
    registry.find("sevem");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::data);
    EXPECT_STREQ(error.what(), "unknown thing 'sevem'; did you mean 'seven'?");
  }
}

TEST(Comm, GathersInRankOrderAndAgrees) {
  const Comm& world = test_world();
  const std::vector<int> mine(world.rank() + 1, world.rank());
  const auto all = world.all_gather(std::span<const int>(mine));
  std::vector<int> expected;
  for (int r = 0; r < world.size(); ++r) expected.insert(expected.end(), r + 1, r);
  EXPECT_EQ(all, expected);
  EXPECT_EQ(world.all(world.rank() != world.size() - 1), false);
  EXPECT_EQ(world.any(world.rank() == 0), true);
  EXPECT_EQ(world.sum(std::int64_t{1}), world.size());
  std::vector<double> several{1, static_cast<double>(world.rank())};
  world.sum(std::span(several));
  EXPECT_EQ(several, (std::vector<double>{1.0 * world.size(), 0.5 * world.size() * (world.size() - 1)}));
  EXPECT_EQ(world.broadcast(world.is_root() ? std::string("text") : std::string()), "text");
}

TEST(Messages, ComeInTheOrderInWhichTheyWereSent) {
  const Comm& world = test_world();
  const int next = (world.rank() + 1) % world.size(), last = (world.rank() + world.size() - 1) % world.size();
  std::string first(3, ' '), second(70000, ' ');
  const auto give = [&] {
    send(world, std::span<const char>(std::string(3, static_cast<char>('a' + world.rank()))), next);
    send(world, std::span<const char>(std::string(70000, static_cast<char>('A' + world.rank()))), next);
  };
  const auto take = [&] {
    receive(world, std::span(first.data(), first.size()), last);
    receive(world, std::span(second.data(), second.size()), last);
  };
  if (world.size() == 1) return;
  if (world.is_root()) {
    give();
    take();
  } else {
    take();
    give();
  }
  EXPECT_EQ(first, std::string(3, static_cast<char>('a' + last)));
  EXPECT_EQ(second, std::string(70000, static_cast<char>('A' + last)));
}

TEST(Json, EscapesTextAndKeepsNumbers) {
  EXPECT_EQ(json_text("a \"b\" \\ \n\t µ"), R"("a \"b\" \\ \n\u0009 µ")");
  EXPECT_EQ(json_number(0.1), "0.1");
  EXPECT_EQ(json_number(1e300), "1e+300");
  EXPECT_EQ(json_number(std::numeric_limits<double>::infinity()), "null");
}

TEST(Comm, SharesCoverEverythingOnce) {
  for (std::int64_t total : {0, 1, 7, 64}) {
    std::int64_t next = 0;
    for (int part = 0; part < 5; ++part) {
      const Range range = share_of(total, part, 5);
      EXPECT_EQ(range.begin, next);
      next = range.end;
    }
    EXPECT_EQ(next, total);
  }
}

TEST(SharedArray, EveryRankOfANodeSeesEveryWrite) {
  const Comm node = test_world().node();
  SharedArray<float> array(node, 16);
  array.values()[node.rank()] = 1.0f + node.rank();
  array.sync();
  for (int r = 0; r < node.size(); ++r) EXPECT_EQ(array.values()[r], 1.0f + r);
  EXPECT_EQ(array.values()[15], 0.0f);
}

TEST(Comm, NodesCanBeMadeSmall) {
  const Comm& world = test_world();
  EXPECT_EQ(world.node().size(), world.size());
  const Comm small = world.node(2);
  EXPECT_LE(small.size(), 2);
  EXPECT_EQ(small.rank(), world.rank() % 2);
}

TEST(Buffer, OfManyMegabytesStartsOnAHugePage) {
  for (const std::size_t bytes : {std::size_t{4} << 20, (std::size_t{5} << 20) + 4}) {
    Buffer<float> buffer(bytes / sizeof(float), 1.0f);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % huge_page, 0u) << bytes;
    buffer.resize(7);
    buffer.shrink_to_fit();  // to a small one, and the large one goes
    EXPECT_EQ(buffer, Buffer<float>(7, 1.0f));
  }
}

TEST(Buffer, StartsOnACacheLine) {
  for (std::size_t size : {1, 3, 1000}) {
    Buffer<float> buffer(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0u);
  }
}

TEST(Signals, OneRankIsToldAndAllRanksKnow) {
  const Comm& world = test_world();
  Signals signals("/nonexistent", MPI_Wtime(), 0);
  EXPECT_FALSE(signals.poll(world).stop);
  if (world.rank() == world.size() - 1) std::raise(SIGUSR2);
  Wish wish = signals.poll(world);
  EXPECT_TRUE(wish.checkpoint);
  EXPECT_FALSE(wish.stop);
  EXPECT_FALSE(signals.poll(world).checkpoint);
  if (world.rank() == 0) std::raise(SIGTERM);
  wish = signals.poll(world);
  EXPECT_TRUE(wish.checkpoint && wish.stop);
  EXPECT_FALSE(wish.at_once);
}

TEST(Signals, OneUsr2ToEveryRankIsOneCheckpoint) {
  const Comm& world = test_world();
  Signals signals("/nonexistent", MPI_Wtime(), 0);
  const int last = world.size() - 1;
  if (world.rank() == 0) std::raise(SIGUSR2);
  EXPECT_TRUE(signals.poll(world).checkpoint);
  if (world.rank() == last) std::raise(SIGUSR2);
  std::this_thread::sleep_for(1100ms);  // as if the checkpoint had taken that long
  EXPECT_FALSE(signals.poll(world).checkpoint) << "the same wish, a step later";
  if (world.rank() == last) std::raise(SIGUSR2);
  EXPECT_TRUE(signals.poll(world).checkpoint) << "a new wish";
  if (world.rank() == last) std::raise(SIGUSR1);
  const Wish wish = signals.poll(world);
  EXPECT_TRUE(wish.checkpoint && wish.stop) << "a stop takes its checkpoint along, however soon";
}

TEST(Signals, TheFirstTermTakesACheckpoint) {
  const Comm& world = test_world();
  Signals signals("/nonexistent", MPI_Wtime(), 0);
  const auto told = [&](std::initializer_list<int> numbers) {
    if (world.rank() == world.size() - 1)
      for (const int number : numbers) std::raise(number);
    return signals.poll(world);
  };
  Wish wish = told({SIGUSR1, SIGTERM});
  EXPECT_TRUE(wish.checkpoint && wish.stop && !wish.at_once) << "USR1 is not a first TERM";
  wish = told({SIGTERM, SIGINT});
  EXPECT_TRUE(wish.checkpoint && wish.stop && !wish.at_once) << "one that was passed on twice";
  std::this_thread::sleep_for(2100ms);
  EXPECT_FALSE(told({}).at_once) << "a wait is no second TERM";
  EXPECT_FALSE(told({SIGUSR1, SIGUSR2}).at_once);
  EXPECT_TRUE(told({SIGTERM}).at_once);
}

TEST(Signals, TheWallClockStopsTheRun) {
  Signals signals("/nonexistent", MPI_Wtime() - 10, 5);
  const Wish wish = signals.poll(test_world());
  EXPECT_TRUE(wish.stop && wish.checkpoint);
}

TEST(Timers, ReduceOverRanks) {
  Timers timers;
  {
    const auto scope = timers.scope("work");
    for (const auto start = std::clock(); std::clock() - start < CLOCKS_PER_SEC / 100;) continue;
  }
  const auto rows = timers.reduce(test_world());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].name, "work");
  EXPECT_EQ(rows[0].calls, 1);
  EXPECT_LE(rows[0].min, rows[0].max);
  EXPECT_GE(rows[0].min, 0.0099);
  EXPECT_GE(rows[0].cpu, 0.0099 * test_world().size());
}

TEST(Timers, TellWhatPassedWithinAnother) {
  Timers timers;
  const auto work = [&](int times) {
    for (; times > 0; --times) {
      const auto part = timers.scope("part");
      for (const double start = wall_seconds(); wall_seconds() - start < 1e-3;) continue;
    }
  };
  work(1);
  for (int k = 0; k < 2; ++k) {
    const auto step = timers.scope("step");
    const auto half = timers.scope("half");
    work(2);
  }
  {
    const auto other = timers.scope("other");
    work(3);
  }
  const double all = timers.seconds("part");
  const double inner = timers.seconds_within("step", "part"), other = timers.seconds_within("other", "part");
  EXPECT_GE(all, 8e-3);
  EXPECT_GE(inner, 4e-3);
  EXPECT_LE(inner, timers.seconds("step"));
  EXPECT_GE(other, 3e-3);
  EXPECT_GE(all - inner - other, 1e-3);
  EXPECT_EQ(timers.seconds_within("half", "part"), inner);
  EXPECT_EQ(timers.seconds_within("step", "half"), timers.seconds("half"));
  EXPECT_EQ(timers.seconds_within("part", "step"), 0);
  EXPECT_EQ(timers.seconds_within("step", "step"), 0);
  EXPECT_EQ(timers.seconds_within("nothing", "part"), 0);
  EXPECT_EQ(timers.seconds_within("step", "nothing"), 0);
}

TEST(TicketCounter, GivesEachNumberOnce) {
  TicketCounter tickets(test_world());
  std::vector<int> mine;
  for (int n = 0; n < 50; ++n) mine.push_back(static_cast<int>(tickets.next()));
  EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
  auto all = test_world().all_gather(std::span<const int>(mine));
  std::sort(all.begin(), all.end());
  for (int n = 0; n < 50 * test_world().size(); ++n) ASSERT_EQ(all[n], n);
}
