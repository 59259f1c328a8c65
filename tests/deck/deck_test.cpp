#include "deck/deck.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "deck/app.hpp"
#include "deck/files.hpp"
#include "deck/run_record.hpp"
#include "deck/value_text.hpp"
#include "study.hpp"
#include "test_world.hpp"

using namespace hypercast;

TEST(Deck, FillsEveryTypeAndKeepsDefaults) {
  const Deck deck = deck_of(
      "[data]\npath = 'a b'\nshuffle = false\nseed = 9000000000\nsizes = []\ntimes = [1, 2.5]\n"
      "fields = ['v', 'u']\nboxes = [[0, 1], [], [0.5]]\n[time]\nend = 3\n");
  const auto data = deck.read<DataOptions>();
  EXPECT_EQ(data.path, "a b");
  EXPECT_FALSE(data.shuffle);
  EXPECT_EQ(data.seed, 9000000000);
  EXPECT_TRUE(data.sizes.empty());
  EXPECT_EQ(data.times, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(data.fields, (std::vector<std::string>{"v", "u"}));
  EXPECT_EQ(data.boxes, (std::vector<std::vector<double>>{{0, 1}, {}, {0.5}}));
  const auto time = deck.read<TimeOptions>();
  EXPECT_EQ(time.end, 3);
  EXPECT_EQ(time.integrator, "rk");
  EXPECT_EQ(time.order, 4);
}

TEST(Deck, PluginTablesStandBesideTheKeysOfTheirParent) {
  for (const char* text :
       {"[pde]\nname = 'heat'\n[pde.heat]\nkappa = 0.5", "[pde.heat]\nkappa = 0.5\n[pde]\nname = 'heat'",
        "[pde]\nname = 'heat'\nheat = {kappa = 0.5}", "pde.name = 'heat'\npde.heat.kappa = 0.5"}) {
    const Deck deck = deck_of(text);
    HeatOptions heat;
    BurgersOptions burgers;
    deck.read("pde.heat", heat);
    deck.read("pde.burgers", burgers);
    EXPECT_EQ(heat.kappa, 0.5) << text;
    EXPECT_EQ(burgers.nu, 0.01) << text;
    EXPECT_EQ(deck.read<PdeOptions>().name, "heat") << text;
  }
  HeatOptions deep;
  deck_of("[a.b.c.d]\nkappa = 0.25").read("a.b.c.d", deep);
  EXPECT_EQ(deep.kappa, 0.25);
}

TEST(Deck, OverridesWinInOrderAndFallBackToStrings) {
  const Deck deck =
      deck_of("[time]\nend = 1",
              {"time.end=5", "time.end=7", "data.path=runs/a", "data.fields=[\"v\"]", "pde.burgers.nu=1e-3",
               "petsc.ksp_type=gmres", "pde.name=a=b", "data.shuffle=false"});
  EXPECT_EQ(deck.read<TimeOptions>().end, 7);
  const auto data = deck.read<DataOptions>();
  EXPECT_EQ(data.path, "runs/a");
  EXPECT_EQ(data.fields, (std::vector<std::string>{"v"}));
  EXPECT_FALSE(data.shuffle);
  EXPECT_EQ(deck.read<PdeOptions>().name, "a=b");
  BurgersOptions burgers;
  deck.read("pde.burgers", burgers);
  EXPECT_EQ(burgers.nu, 1e-3);
  EXPECT_EQ(deck.read_free("petsc").front().second, "gmres");
  // A value cannot smuggle in a second key.
  EXPECT_EQ(deck_of("", {"pde.name=1\nx = 2"}).read<PdeOptions>().name, "1\nx = 2");
}

TEST(Deck, FreeSectionsGiveTextInTheDecksOrder) {
  const Deck deck =
      deck_of("[petsc]\nts_type = 'rk'\nksp_rtol = 1e-8\nksp_monitor = true\na = -3\nb = 2.0\n");
  const std::vector<std::pair<std::string, std::string>> expected{
      {"ts_type", "rk"}, {"ksp_rtol", "1e-8"}, {"ksp_monitor", "true"}, {"a", "-3"}, {"b", "2.0"}};
  EXPECT_EQ(deck.read_free("petsc"), expected);
  EXPECT_TRUE(deck_of("").read_free("petsc").empty());
}

TEST(Deck, ResolvedTextIsExact) {
  EXPECT_EQ(
      deck_of("[time]\nend = 3\n[petsc]\nksp_rtol = 1e-08\nksp_type = 'cg'", {"data.sizes=[8]"}).resolved(),
      "[time]\nend = 3.0\nintegrator = \"rk\"\norder = 4\n\n"
      "[pde]\nname = \"burgers\"\n\n[pde.burgers]\nnu = 0.01\n\n"
      "[data]\nshuffle = true\nseed = 1\nsizes = [8]\ntimes = []\nfields = [\"u\"]\nboxes = []\n\n"
      "[petsc]\nksp_rtol = 1e-8\nksp_type = \"cg\"\n");
}

TEST(Deck, ResolvedTextReadsBackToItself) {
  for (const char* text :
       {"", "[petsc]\n", "[pde]\nname = 'heat'", "[pde.heat]\nkappa = 1.25e-17\n[a.b.c.d]\n",
        "[data]\npath = \"q\\\"b\\\\ \\u00e9\\t\\u0001\\n\"\nboxes = [[], [1, 1e300, -0.0, 0.1]]\nseed = "
        "-9223372036854775808",
        "[petsc]\n\"a b\" = 1\nc = 1e22\nd = 12345678.0\ne = -5e-324\nf = 1_000\ng = 0xff"}) {
    const Deck deck = deck_of(text);
    const std::string once = deck.resolved();
    const Deck again = deck_of(once);
    EXPECT_EQ(again.resolved(), once) << text;
    EXPECT_EQ(again.hash({"time", "pde", "data", "petsc"}), deck.hash({"time", "pde", "data", "petsc"}))
        << text;
  }
}

TEST(Deck, HashFollowsTheValuesInForceAlone) {
  const auto hash = [](const char* text) { return deck_of(text).hash({"time", "petsc"}); };
  const std::string plain = hash("");
  EXPECT_EQ(plain.size(), 16u);
  EXPECT_EQ(hash("[time]\nend = 1 # the default\n[pde]\nname = 'heat'"), plain);
  EXPECT_EQ(hash("[petsc]\na = 1\nb = 2"), hash("[petsc]\nb = 2\na = 1"));
  EXPECT_NE(hash("[time]\nend = 2"), plain);
  EXPECT_NE(hash("[time]\norder = 2"), plain);
  EXPECT_NE(hash("[petsc]\na = 1"), plain);
  EXPECT_NE(hash("[petsc]\na = 1"), hash("[petsc]\na = '1'"));
  // Stored in checkpoints: must not change between builds.
  EXPECT_EQ(deck_of("").hash({"pde"}), "44144a1e0658e9c2");
}

TEST(Deck, MovesWithItsContents) {
  Deck first = deck_of("[time]\nend = 4");
  const Deck second = std::move(first);
  EXPECT_EQ(second.read<TimeOptions>().end, 4);
}

TEST(Deck, ReadingOutsideTheSchemaIsABug) {
  const Deck deck = deck_of("");
  HeatOptions heat;
  EXPECT_THROW(deck.read("pde.wave", heat), Error);
  EXPECT_THROW(deck.read_free("time"), Error);
  EXPECT_THROW(deck.hash({"pde.wave"}), Error);
  Schema schema;
  schema.add<TimeOptions>();
  EXPECT_THROW(schema.add<TimeOptions>(), Error);
}

TEST(ValueText, NumbersReadBackBitByBit) {
  EXPECT_EQ(toml_text(1.0), "1.0");
  EXPECT_EQ(toml_text(1e-8), "1e-8");
  EXPECT_EQ(toml_text(-2.5e-300), "-2.5e-300");
  EXPECT_EQ(toml_text(1e22), "1e22");
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789012345.6, -0.0}) {
    const double back = std::strtod(toml_text(value).c_str(), nullptr);
    EXPECT_EQ(back, value);
    EXPECT_EQ(std::signbit(back), std::signbit(value));
  }
}

// Rank 0 reads, all ranks parse and find the same.
TEST(DeckFile, EveryRankSeesTheSameDeckAndTheSameError) {
  const Comm& world = test_world();
  const auto file = std::filesystem::temp_directory_path() / "hypercast_deck_test.toml";
  if (world.is_root()) std::ofstream(file) << "[time]\nend = 6\n";
  const std::string text = read_deck_file(world, file.string());
  const Deck deck(test_schema(), text, file.string());
  EXPECT_EQ(deck.read<TimeOptions>().end, 6);
  EXPECT_EQ(world.min(deck.read<TimeOptions>().end), 6);
  if (world.is_root()) std::filesystem::remove(file);
  world.barrier();
  Exit code = Exit::ok;
  EXPECT_EQ(complaint_of([&] { read_deck_file(world, file.string()); }, &code),
            file.string() + ": no such file");
  EXPECT_EQ(code, Exit::no_input);
  EXPECT_EQ(complaint_of([&] { read_deck_file(world, "/"); }, &code), "/: is a folder, not a deck");
  EXPECT_EQ(code, Exit::data);
}

TEST(Frame, TimeLimitOfSlurmLeavesAMinute) {
  EXPECT_EQ(slurm_walltime("1700003600", 1700000000), 3540);
  EXPECT_EQ(slurm_walltime("1700000000", 1700000000), 1);
  for (const char* text : {"", "soon", "17x", "0", "-5"})
    EXPECT_EQ(slurm_walltime(text, 1700000000), 0) << text;
}

TEST(Frame, RunRecordIsOneLineOfJson) {
  RunRecord record{"hypercast-x",
                   "x 'a\"b'",
                   4,
                   0,
                   1.5,
                   Exit::again,
                   "d\\.toml",
                   "[a]\nb = \"\t\"\n",
                   {{"work", 3, 0.25, 0.5, 1, 1.75}}};
  const std::string json = record.json();
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_NE(json.find(R"("command_line":"x 'a\"b'")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("ranks":4,)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("walltime_s":1.500000,"exit_code":75,"deck_file":"d\\.toml")"), std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("deck_resolved":"[a]\nb = \"\u0009\"\n","timers":)"), std::string::npos) << json;
  EXPECT_TRUE(json.ends_with(
      R"(:{"work":{"calls":3,"min_s":0.250000,"mean_s":0.500000,"max_s":1.000000,"cpu_s":1.750000}}})"))
      << json;
}

// That it gives up when a rank stays away is seen in frame_test.py: afterwards only abort() is left.
TEST(Frame, ABarrierThatAllReachIsReached) { EXPECT_TRUE(test_world().barrier_within(60)); }
