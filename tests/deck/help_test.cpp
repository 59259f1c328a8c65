#include <gtest/gtest.h>

#include "study.hpp"

using namespace hypercast;

TEST(Help, ListsTheSections) {
  EXPECT_EQ(test_schema().help(),
            "  [time]         Time axis.\n  [pde]\n  [pde.burgers]\n  [pde.heat]\n  [a.b.c.d]\n"
            "  [data]         What is read.\n  [petsc]        Options for PETSc.\n");
}

TEST(Help, OfASectionIsADeckWithTheDefaults) {
  EXPECT_EQ(test_schema().help("time"),
            "# Time axis.\n"
            "[time]\n"
            "end = 1.0          # time of the last frame (number, > 0, <= 100 [s])\n"
            "integrator = \"rk\"  # PETSc TS family (string: rk, arkimex)\n"
            "order = 4          # order | of accuracy (integer: 2, 4, 6)\n");
  EXPECT_EQ(test_schema().help("pde"),
            "[pde]\nname = \"burgers\"  # which equation (string)\n# see also --help pde.burgers\n# see also "
            "--help pde.heat\n");
  EXPECT_NE(test_schema().help("data").find("# path = ...      # where from (string, required)"),
            std::string::npos)
      << test_schema().help("data");
  for (const auto& entry : test_schema().entries())
    EXPECT_EQ(complaint_of([&] { deck_of(test_schema().help(entry.section.name())); }), "no error");
}

TEST(Help, OfAnUnknownSectionSuggestsOne) {
  Exit code = Exit::ok;
  EXPECT_EQ(complaint_of([] { test_schema().help("tiem"); }, &code),
            "unknown section [tiem]; did you mean 'time'?");
  EXPECT_EQ(code, Exit::usage);
}

TEST(Help, KeyReferenceHasOneTableASection) {
  const std::string text = test_schema().key_reference();
  EXPECT_EQ(text.find("## [time]\n\nTime axis.\n\n"
                      "| key | type | default | unit | range | meaning |\n"
                      "|---|---|---|---|---|---|\n"
                      "| `end` | number | `1.0` | s | > 0, <= 100 | time of the last frame |\n"
                      "| `integrator` | string | `\"rk\"` |  | rk, arkimex | PETSc TS family |\n"
                      "| `order` | integer | `4` |  | 2, 4, 6 | order \\| of accuracy |\n\n"
                      "## [pde]\n\n| key |"),
            0u)
      << text;
  EXPECT_NE(text.find("| `path` | string | required |  |  | where from |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("## [petsc]\n\nOptions for PETSc.\n\nAny key with a boolean, a number or a string.\n"),
            std::string::npos)
      << text;
}
