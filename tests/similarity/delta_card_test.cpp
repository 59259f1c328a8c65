// Delta keeps what its card says, whichever scheme the deck asks for: what may be done to a model's columns
// and what may not, range, symmetry, bias.

#include <gtest/gtest.h>

#include "delta_models.hpp"
#include "scoring.hpp"
#include "similarity/delta/measure.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

struct Case {
  golden::Keys keys;
  std::string invariant_to;
  bool biased = true;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  for (const auto& [key, value] : c.keys) {
    out << key << " = ";
    if (const auto* word = std::get_if<std::string>(&value)) out << *word << ' ';
  }
  return out;
}

std::vector<Case> cases() {
  const auto is = [](const char* key, const char* word) {
    return std::pair<std::string, KeyValue>(key, std::string(word));
  };
  return {{{}, "TOSP"},
          {{is("map", "gram")}, "TOSP"},
          {{is("map", "raw")}, "TS", false},
          {{is("preset", "seed")}, "", false},
          {{is("preset", "seed"), is("map", "relative")}, "OSP"},
          {{is("features", "as_given")}, "OSP"},
          {{is("features", "as_given"), is("map", "gram")}, "OP"},
          {{is("score", "raw")}, "TOSP"},
          {{is("conditioning", "embed")}, "TOSP"},
          {{is("conditioning", "spectrum")}, "TOSP"},
          {{is("conditioning", "mean")}, "S"},
          {{is("conditioning", "mean"), is("score", "raw")}, "S"},
          {{is("conditioning", "mean"), is("features", "as_given"), is("map", "gram")}, ""}};
}

golden::Keys once(golden::Keys keys) {
  keys.emplace_back("repeats", 1);
  return keys;
}

Model mapped(const Model& model, char letter) {
  if (letter == 'T') return affine(model, 1, 0.5);
  if (letter == 'O') return rotated(model);
  if (letter == 'S') return affine(model, 2.5, 0);
  if (letter == 'P') return permuted(model);
  Model stretched = rotated(model);  // L
  for (std::size_t i = 0; i < stretched.values.size(); ++i)
    stretched.values[i] *= std::pow(0.6, static_cast<double>(i % model.width));
  return stretched;
}

class EveryDelta : public testing::TestWithParam<Case> {
 protected:
  std::unique_ptr<Measure> made = golden::measure("delta", once(GetParam().keys));
  Card card = made->card();
  const DeltaOptions& options() const { return dynamic_cast<const DeltaMeasure&>(*made).options(); }
  // [A -> A, A -> B, B -> A, B -> B]
  DeltaResult of(const Model& a, const Model& b, const Inputs& of = inputs()) const {
    return Bench(test_world(), {a, b})(targets_of(of), options());
  }
  Model x = encoder(inputs(), 24, 1), y = encoder(inputs(), 20, 2);
};

INSTANTIATE_TEST_SUITE_P(Schemes, EveryDelta, testing::ValuesIn(cases()));

}  // namespace

TEST_P(EveryDelta, DoesNotSeeWhatItsLettersAllow) {
  EXPECT_EQ(card.invariant_to, GetParam().invariant_to);
  const double before = of(x, y).score()[1];
  for (const char letter : card.invariant_to) {
    EXPECT_NEAR(of(mapped(x, letter), y).score()[1], before, 1e-9 * std::abs(before)) << letter << " of A";
    EXPECT_NEAR(of(x, mapped(y, letter)).score()[1], before, 1e-9 * std::abs(before)) << letter << " of B";
  }
}

TEST_P(EveryDelta, SeesAllElse) {
  const double before = of(x, y).score()[1];
  for (const char letter : std::string("TOSPL")) {
    if (card.invariant_to.find(letter) != std::string::npos) continue;
    const double change = std::abs(of(mapped(x, letter), y).score()[1] - before) +
                          std::abs(of(x, mapped(y, letter)).score()[1] - before);
    EXPECT_FALSE(change < 1e-5 * std::abs(before)) << letter << ", which the card does not promise";
  }
}

TEST_P(EveryDelta, IsNotSymmetric) {
  EXPECT_FALSE(card.symmetric || card.metric);
  const auto there = of(x, y), back = of(y, x);
  EXPECT_GT(std::abs(there.score()[1] - there.score()[2]), 1e-6 * std::abs(there.score()[1]));
  if (options().conditioning == "auto" &&
      options().preset == "default") {  // else codes go by place in the list
    EXPECT_NEAR(there.score()[1], back.score()[2], 1e-12);
  }
}

TEST_P(EveryDelta, HasNoRangeButOneForAModelAndItself) {
  EXPECT_TRUE(std::isinf(card.lower) && std::isinf(card.upper) && card.larger_is_more_similar);
  const auto found = of(x, x);
  if (found.normalised) {
    EXPECT_NEAR(found.score()[0], 1, 1e-12);
    EXPECT_NEAR(found.score()[3], 1, 1e-12);
  } else {
    EXPECT_GT(found.score()[0], 0);
  }
}

// Of noise with many columns for its rows.
TEST_P(EveryDelta, IsBiasedWhereItsCardSaysSo) {
  EXPECT_EQ(card.biased, GetParam().biased);
  const auto found = of(noise(inputs(), 320, 20), noise(inputs(), 320, 21));
  const double cosine = found.delta[1] / std::sqrt(found.delta[0] * found.delta[3]);
  const double kappa = found.kappa[1] / std::sqrt(found.kappa[0] * found.kappa[3]);
  if (card.biased) {
    EXPECT_GT(cosine / kappa, 0.4);
  } else {
    EXPECT_LT(std::abs(cosine / kappa), 0.2);
  }
}

TEST_P(EveryDelta, NamesItsFormulaAndSource) {
  EXPECT_TRUE(card.needs_labels && card.of_pairs);
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(card.source, "New POVs on hypernetworks"));
  EXPECT_EQ(has(card.formula, "sqrt"), scheme_of(options()).normalised) << card.formula;
  EXPECT_EQ(has(card.formula, "A@A"), scheme_of(options()).twin) << card.formula;
}
