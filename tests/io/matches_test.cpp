// Patterns: what fits, what the wildcards stand for, in which order.

#include "io/matches.hpp"

#include <algorithm>

#include "helpers.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

using Texts = std::vector<std::string>;
using Parts = std::optional<Texts>;

}  // namespace

TEST(Matches, WildcardsStandForTheirParts) {
  EXPECT_EQ(parts_that_match("layer*", "layer12"), Parts(Texts{"12"}));
  EXPECT_EQ(parts_that_match("layer*", "layer"), Parts(Texts{""}));
  EXPECT_EQ(parts_that_match("*_*.npy", "a_b_c.npy"), Parts(Texts{"a", "b_c"}));
  EXPECT_EQ(parts_that_match("*ab", "aab"), Parts(Texts{"a"}));
  EXPECT_EQ(parts_that_match("net?/*/x", "net3/conv/x"), Parts(Texts{"3", "conv"}));
  EXPECT_EQ(parts_that_match("**", "ab"), Parts(Texts{"", "ab"}));
  EXPECT_EQ(parts_that_match("?*", "a"), Parts(Texts{"a", ""}));
  EXPECT_EQ(parts_that_match("a+b[c]", "a+b[c]"), Parts(Texts{}));
  EXPECT_EQ(parts_that_match("", ""), Parts(Texts{}));
  for (const auto& [pattern, text] : std::vector<std::pair<const char*, const char*>>{{"layer*", "Layer1"},
                                                                                      {"*", "a/b"},
                                                                                      {"?", "/"},
                                                                                      {"?", ""},
                                                                                      {"a*b", "a/b"},
                                                                                      {"*/x", "a/b/x"},
                                                                                      {"a", "ab"}})
    EXPECT_FALSE(parts_that_match(pattern, text)) << pattern << " against " << text;
  EXPECT_TRUE(has_wildcards("a?") && has_wildcards("*") && !has_wildcards("a[b]"));
}

TEST(Matches, OrderIsNatural) {
  const Texts ordered{"",
                      "Z",
                      "a",
                      "layer",
                      "layer02",
                      "layer2",
                      "layer2a",
                      "layer2b",
                      "layer10",
                      "layer10/2",
                      "layer10/11",
                      "layers",
                      "x99999999999999999999999",
                      "x100000000000000000000000",
                      "\xc3\xa9"};
  for (std::size_t i = 0; i < ordered.size(); ++i)
    for (std::size_t k = 0; k < ordered.size(); ++k)
      EXPECT_EQ(naturally_before(ordered[i], ordered[k]), i < k) << ordered[i] << " before " << ordered[k];
  std::vector<Match> matches{{"b10", {}}, {"b9", {}}, {"a", {}}};
  sort_naturally(matches);
  EXPECT_EQ(matches[1].text, "b9");
}

TEST(Matches, FilesOnDisk) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  for (const char* name : {"net10", "net9", "net9/x.npy.d"})
    std::filesystem::create_directories(folder / name);
  for (const char* name : {"net9/x.npy", "net10/x.npy", "net10/y.npy", "net9/.x.npy.tmp", "net9/.hidden.npy",
                           "net9/a[1].npy", "top.npy"})
    write_file(folder / name, "x");
  std::filesystem::create_symlink("nowhere", folder / "net9/a.npy");
  const std::string base = folder.path().string() + "/";
  const auto fit = [&](const std::string& pattern) {
    Texts found;
    for (const auto& match : matching_files(base + pattern)) found.push_back(match.text.substr(base.size()));
    return found;
  };
  EXPECT_EQ(fit("*/x.npy"), (Texts{"net9/x.npy", "net10/x.npy"}));
  EXPECT_EQ(fit("net*/?.npy"), (Texts{"net9/a.npy", "net9/x.npy", "net10/x.npy", "net10/y.npy"}));
  EXPECT_EQ(fit("net9/*"), (Texts{"net9/a.npy", "net9/a[1].npy", "net9/x.npy"}));
  EXPECT_EQ(fit("net9/.h*"), Texts{"net9/.hidden.npy"});
  EXPECT_EQ(fit("net9/a[1].npy"), Texts{"net9/a[1].npy"});
  EXPECT_EQ(fit("*"), Texts{"top.npy"});
  EXPECT_EQ(fit("net9//x.npy"), Texts{"net9//x.npy"});
  for (const char* pattern : {"net9", "net9/", "nothing/*", "top.npy/*", "z*"})
    EXPECT_EQ(fit(pattern), Texts{});
  const auto matches = matching_files(base + "net*/*.npy");
  ASSERT_EQ(matches.size(), 5u);
  EXPECT_EQ(matches[0].parts, (Texts{"9", "a"}));
  EXPECT_EQ(matches[4].parts, (Texts{"10", "y"}));

  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const auto relative = matching_files("*/y.npy");
  std::filesystem::current_path(before);
  ASSERT_EQ(relative.size(), 1u);
  EXPECT_EQ(relative[0].text, "net10/y.npy");
}
