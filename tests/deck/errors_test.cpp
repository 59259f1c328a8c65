// Every mistake a deck can hold, and the exact line its author reads.

#include <gtest/gtest.h>

#include "study.hpp"

using namespace hypercast;

namespace {

struct Mistake {
  const char* text;
  const char* complaint;
};

void expect_all(const std::vector<Mistake>& mistakes) {
  for (const auto& mistake : mistakes) {
    Exit code = Exit::ok;
    EXPECT_EQ(complaint_of([&] { deck_of(mistake.text); }, &code), mistake.complaint) << mistake.text;
    EXPECT_EQ(code, Exit::data) << mistake.text;
  }
}

}  // namespace

TEST(DeckErrors, UnknownNames) {
  expect_all({
      {"[tiem]\nend = 1", "study.toml:1:2: [tiem]: unknown section; did you mean 'time'?"},
      {"[time]\n\n  ned = 1", "study.toml:3:3: [time] ned: unknown key; did you mean 'end'?"},
      {"[time]\nqqqqqqqq = 1", "study.toml:2:1: [time] qqqqqqqq: unknown key; known: end, integrator, order"},
      {"[pde]\nname = 'heat'\n[pde.haet]\nkappa = 1",
       "study.toml:3:6: [pde.haet]: unknown section; did you mean 'pde.heat'?"},
      {"[a.b.c.d]\nkappa = 1\n[a.b.c.d.e]\n",
       "study.toml:3:10: [a.b.c.d.e]: unknown section; did you mean 'a.b.c.d'?"},
      {"pde.burgers.nv = 1", "study.toml:1:13: [pde.burgers] nv: unknown key; did you mean 'nu'?"},
      {"\nend = 1", "study.toml:2:1: end: stands above every [section]"},
      {"[time]\n'a b' = 1", "study.toml:2:1: [time] a b: unknown key; known: end, integrator, order"},
  });
}

TEST(DeckErrors, WrongTypes) {
  expect_all({
      {"[time]\nend = 'late'", "study.toml:2:7: [time] end: must be a number, not a string"},
      {"[time]\norder = 4.0",
       "study.toml:2:9: [time] order: must be an integer, not a number with a fraction"},
      {"[time]\norder = true", "study.toml:2:9: [time] order: must be an integer, not a boolean"},
      {"[time]\norder = 3000000000", "study.toml:2:9: [time] order: 3000000000 does not fit into 32 bits"},
      {"[time]\nintegrator = 4", "study.toml:2:14: [time] integrator: must be a string, not an integer"},
      {"[data]\nshuffle = 1", "study.toml:2:11: [data] shuffle: must be a boolean, not an integer"},
      {"[data]\nseed = []", "study.toml:2:8: [data] seed: must be an integer, not a list"},
      {"[data]\nsizes = 3", "study.toml:2:9: [data] sizes: must be a list of integers, not an integer"},
      {"[data]\nsizes = [3,\n 'x']",
       "study.toml:3:2: [data] sizes: must be a list of integers; an item is a string"},
      {"[data]\nboxes = [[1], 2]",
       "study.toml:2:15: [data] boxes: must be a list of lists of numbers; an item is an integer"},
      {"[data]\npath = 1979-05-27", "study.toml:2:8: [data] path: must be a string, not a date or time"},
      {"[[data]]\npath = 'x'", "study.toml:1:3: [data]: must be one table; write [data]"},
      {"[time]\nend = {a = 1}", "study.toml:2:1: [time] end: must be a number, not a table"},
      {"[time.end]\na = 1", "study.toml:1:7: [time] end: must be a number, not a table"},
  });
}

TEST(DeckErrors, ValuesOutOfRange) {
  expect_all({
      {"[time]\nend = 0", "study.toml:2:7: [time] end: must be > 0, not 0.0"},
      {"[time]\nend = 100.5", "study.toml:2:7: [time] end: must be <= 100, not 100.5"},
      {"[time]\nend = nan", "study.toml:2:7: [time] end: must be finite, not nan"},
      {"[time]\nend = -inf", "study.toml:2:7: [time] end: must be finite, not -inf"},
      {"[data]\ntimes = [0, inf]", "study.toml:2:9: [data] times: must be finite, not inf"},
      {"[data]\nsizes = [4, 0]", "study.toml:2:9: [data] sizes: must be >= 1, not 0"},
      {"[pde.heat]\nkappa = 2", "study.toml:2:9: [pde.heat] kappa: must be < 2, not 2.0"},
      {"[time]\nintegrator = 'rkk'",
       "study.toml:2:14: [time] integrator: unknown choice 'rkk'; did you mean 'rk'?"},
      {"[data]\nfields = ['u', 'pressure']",
       "study.toml:2:10: [data] fields: unknown choice 'pressure'; known: u, v"},
      {"[time]\norder = 3", "study.toml:2:9: [time] order: must be one of 2, 4, 6, not 3"},
  });
}

TEST(DeckErrors, TextThatIsNotToml) {
  expect_all({
      {"[time]\nend = 1\nend = 2\n", "study.toml:3:7: given twice: 'end'"},
      {"[time]\n[time]\n", "study.toml:2:1: given twice: 'time'"},
      {"[time\n", "study.toml:1:6: not valid TOML: table header: expected ']', saw '\\n'"},
      {"[time]\nend = no\n", "study.toml:2:8: not valid TOML: floating-point: expected 'nan', saw 'no'"},
      {"[time]\nend = 010\n",
       "study.toml:2:10: not valid TOML: decimal integer: leading zeroes are prohibited"},
      {"[time]\nend = \"\xff\"\n", "study.toml:2:7: not valid TOML: encountered invalid utf-8 sequence"},
      {"[time]\nend =", "study.toml:2:6: not valid TOML: key-value pair: encountered end-of-file"},
  });
}

TEST(DeckErrors, FreeSectionsTakeScalarsOnly) {
  expect_all({
      {"[petsc]\nlist = [1]",
       "study.toml:2:8: [petsc] list: must be a boolean, a number or a string, not a list"},
      {"[petsc]\nrtol = inf", "study.toml:2:8: [petsc] rtol: must be finite, not inf"},
      {"[petsc.ksp]\nrtol = 1",
       "study.toml:1:8: [petsc] ksp: must be a boolean, a number or a string, not a table"},
  });
}

TEST(DeckErrors, RequiredKeysAreMissedWhenTheSectionIsRead) {
  const Deck without = deck_of("[time]\nend = 2");
  EXPECT_EQ(complaint_of([&] { without.read<DataOptions>(); }),
            "study.toml:1:1: [data] path: required, but not given");
  const Deck with = deck_of("[time]\nend = 2\n[data]\nseed = 3");
  EXPECT_EQ(complaint_of([&] { with.read<DataOptions>(); }),
            "study.toml:3:2: [data] path: required, but not given");
}

TEST(DeckErrors, FailPointsAtTheKeyTheHeaderOrTheDeck) {
  const Deck deck = deck_of("[time]\n  end = 2", {"pde.name=x"});
  EXPECT_EQ(complaint_of([&] { deck.fail("time", "end", "too late"); }),
            "study.toml:2:3: [time] end: too late");
  EXPECT_EQ(complaint_of([&] { deck.fail("time", "order", "no"); }), "study.toml:1:2: [time] order: no");
  EXPECT_EQ(complaint_of([&] { deck.fail("data", "seed", "no"); }), "study.toml:1:1: [data] seed: no");
  EXPECT_EQ(complaint_of([&] { deck.fail("pde", "name", "unknown"); }), "--set pde.name: unknown");
}

TEST(DeckErrors, Overrides) {
  const auto complaint = [](const std::string& change, Exit* code = nullptr) {
    return complaint_of([&] { deck_of("[time]\nend = 2", {change}); }, code);
  };
  Exit code = Exit::ok;
  EXPECT_EQ(complaint("time.end=-1", &code), "--set time.end: must be > 0, not -1.0");
  EXPECT_EQ(code, Exit::data);
  EXPECT_EQ(complaint("time.end=soon"), "--set time.end: must be a number, not a string");
  EXPECT_EQ(complaint("time.edn=1"), "--set time.edn: unknown key; did you mean 'end'?");
  EXPECT_EQ(complaint("tiem.end=1"), "--set tiem.end: unknown section; did you mean 'time'?");
  EXPECT_EQ(complaint("pde.burgers={nu=1}"), "--set pde.burgers: unknown key; known: name");
  EXPECT_EQ(complaint("time.end", &code), "--set time.end: write --set section.key=value");
  EXPECT_EQ(code, Exit::usage);
  for (const char* malformed : {"", "=", "end=1", ".end=1", "time.=1"}) {
    complaint(malformed, &code);
    EXPECT_EQ(code, Exit::usage) << malformed;
    code = Exit::ok;
  }
}

TEST(DeckErrors, AbsurdNestingIsRefusedNotSuffered) {
  std::string dotted = "a", lists = "[data]\nboxes = ";
  for (int i = 0; i < 200000; ++i) dotted += ".a";
  for (int i = 0; i < 100000; ++i) lists += "[";
  Exit code = Exit::ok;
  EXPECT_EQ(complaint_of([&] { deck_of(dotted + " = 1"); }, &code).find("study.toml:1:"), 0u);
  EXPECT_EQ(code, Exit::data);
  EXPECT_EQ(complaint_of([&] { deck_of("[" + dotted + "]"); }).find("study.toml:1:"), 0u);
  EXPECT_EQ(complaint_of([&] { deck_of(lists); }).find("study.toml:2:"), 0u);
}

// Any bytes: an error with a place or a deck, never a crash; every prefix of a good deck too.
TEST(DeckErrors, DamagedTextNeverCrashes) {
  const std::string good =
      "[time]\nend = 2.5 # s\nintegrator = \"rk\"\n[pde.heat]\nkappa = 1e-3\n[data]\npath = '''x'''\n"
      "sizes = [1, 2,\n3]\nboxes = [[0, 1], []]\n[petsc]\nksp_rtol = 1e-8\n";
  std::uint32_t state = 1;
  for (std::size_t round = 0; round < 20 * good.size(); ++round) {
    std::string text = good;
    if (round < good.size()) text.resize(round);
    for (int i = 0; i < 2 && round >= good.size(); ++i) {
      state = state * 1664525u + 1013904223u;
      text[(state >> 8) % text.size()] = static_cast<char>(state >> 24);
    }
    const std::string complaint = complaint_of([&] { deck_of(text); });
    EXPECT_TRUE(complaint == "no error" || complaint.find("study.toml:") == 0) << complaint << "\n" << text;
    EXPECT_EQ(complaint.find('\n'), std::string::npos) << complaint;
  }
}
