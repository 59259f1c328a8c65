// Delta as a measure of similarity: what it must not depend on, when it speaks of too large a step, and that
// it is the same on any number of ranks.

#include <gtest/gtest.h>

#include <bit>

#include "delta_models.hpp"
#include "similarity/delta/budget.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

// Numbers of all results, to be compared bit by bit.
std::vector<double> all_of(const DeltaResult& result) {
  std::vector<double> all;
  for (const auto* matrix : {&result.delta, &result.delta_norm, &result.tag, &result.first_order,
                             &result.first_order_error, &result.kappa, &result.se_phi})
    all.insert(all.end(), matrix->begin(), matrix->end());
  for (const auto* each : {&result.l0, &result.own_drop, &result.eta})
    all.insert(all.end(), each->begin(), each->end());
  for (const auto status : result.status) all.push_back(static_cast<int>(status));
  for (const auto model : result.far_from_chance) all.push_back(static_cast<double>(model));
  return all;
}

void expect_same_bits(const DeltaResult& a, const DeltaResult& b, const std::string& what) {
  const auto x = all_of(a), y = all_of(b);
  ASSERT_EQ(x.size(), y.size()) << what;
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(x[i]), std::bit_cast<std::uint64_t>(y[i]))
        << what << ": number " << i << " is " << x[i] << " and " << y[i];
}

// K Y [n][k] of a model's centred Gram matrix K and Y = labels less 1/k.
std::vector<double> pulled_labels(Model model) {
  const std::size_t n = inputs().n, k = inputs().classes, width = model.width;
  for (std::size_t j = 0; j < width; ++j) {
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += model.values[i * width + j] / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) model.values[i * width + j] -= mean;
  }
  std::vector<double> result(n * k);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t l = 0; l < n; ++l) {
      double inner = 0;
      for (std::size_t j = 0; j < width; ++j)
        inner += model.values[i * width + j] * model.values[l * width + j];
      for (std::size_t c = 0; c < k; ++c)
        result[i * k + c] +=
            inner * ((inputs().labels[l] == static_cast<int>(c)) - 1.0 / static_cast<double>(k));
    }
  return result;
}

}  // namespace

TEST(Delta, OfCopiesIsOneWhereInnerProductsAreSeen) {
  for (const auto map : {FeatureMap::relative, FeatureMap::gram}) {
    DeltaScheme scheme = once();
    scheme.map = map;
    const auto found = delta_of(same_and_other(), inputs(), scheme);
    for (std::size_t a = 0; a + 1 < copies; ++a)
      for (std::size_t b = 0; b + 1 < copies; ++b)
        EXPECT_NEAR(found.delta_norm[a * copies + b], 1, 1e-10) << a << " and " << b;
    for (std::size_t a = 0; a + 1 < copies; ++a) {
      EXPECT_GT(found.delta_norm[a * copies + 4], 0.3);
      EXPECT_LT(found.delta_norm[a * copies + 4], 0.99);
    }
    for (std::size_t i = 0; i < copies * copies; ++i) EXPECT_EQ(found.status[i], Status::ok) << i;
  }
}

TEST(Delta, OfRawFeaturesSeesOtherNeurons) {
  DeltaScheme scheme = once();
  scheme.map = FeatureMap::raw;
  const auto found = delta_of(same_and_other(), inputs(), scheme);
  EXPECT_LT(std::abs(found.delta_norm[1]), 0.35);  // permuted
  EXPECT_LT(std::abs(found.delta_norm[2]), 0.35);  // rotated
  EXPECT_NEAR(found.delta_norm[3], 1, 1e-10);      // scaled and moved
  EXPECT_NEAR(found.delta_norm[0], 1, 1e-12);
}

// cos(K_A Y, K_B Y), Y = labels less 1/k, of Gram matrices K: Delta with the Gram map at W = 0.
TEST(Delta, WithGramMapHasItsClosedForm) {
  const std::vector<Model> models{encoder(inputs(), 24, 1), encoder(inputs(), 200, 2), noise(inputs(), 9, 3)};
  DeltaScheme scheme = once();
  scheme.map = FeatureMap::gram;
  scheme.init_scale = 0;
  scheme.relative_step = false;
  scheme.eta = 1e-6;
  const auto found = delta_of(models, inputs(), scheme);
  scheme.init_scale = 1;
  scheme.relative_step = true;
  scheme.repeats = 3;
  const auto drawn = delta_of(models, inputs(), scheme);

  std::vector<std::vector<double>> pulled;
  for (const auto& model : models) pulled.push_back(pulled_labels(model));
  const auto dot = [](const auto& x, const auto& y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  };
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b) {
      const double cosine =
          dot(pulled[a], pulled[b]) / std::sqrt(dot(pulled[a], pulled[a]) * dot(pulled[b], pulled[b]));
      const double first =
          found.first_order[a * 3 + b] / std::sqrt(found.first_order[a * 4] * found.first_order[b * 4]);
      EXPECT_NEAR(first, cosine, 1e-12);
      EXPECT_NEAR(found.delta_norm[a * 3 + b], cosine, 1e-5);
      EXPECT_NEAR(drawn.delta_norm[a * 3 + b], cosine, 2e-2);
    }
  EXPECT_LT(found.delta_norm[2], 0.5);
  EXPECT_GT(found.delta_norm[1], 0.8);
}

TEST(Delta, OfTwinsIsOneWhateverTheirCodes) {
  for (const auto code : {ModelCode::embed, ModelCode::onehot, ModelCode::mean}) {
    for (const bool learned : {false, true}) {
      if (learned && code != ModelCode::embed) continue;
      DeltaScheme scheme;
      scheme.repeats = 2;
      scheme.steps = 2;
      scheme.conditioning = code;
      scheme.learned = learned;
      const auto plain = delta_of(same_and_other(), inputs(), scheme);
      scheme.twin = true;
      const auto twin = delta_of(same_and_other(), inputs(), scheme);
      for (std::size_t a = 0; a + 1 < copies; ++a)
        for (std::size_t b = 0; b + 1 < copies; ++b) {
          EXPECT_NEAR(twin.delta_norm[a * copies + b], 1, 1e-9) << a << " and " << b;
          if (a != b && code != ModelCode::mean) {
            EXPECT_LT(plain.delta_norm[a * copies + b], 0.98);
          }
        }
      EXPECT_LT(twin.delta_norm[4], 0.99);
      EXPECT_EQ(plain.delta, twin.delta);
    }
  }
}

// kappa = c_A . c_B + 1 < 0: what helps one model harms its copy, and the twins say so.
TEST(Delta, OfTwinsWithOppositeCodesIsOne) {
  DeltaScheme scheme = once();
  scheme.conditioning = ModelCode::user;
  scheme.trunk = false;
  scheme.vectors = {{1, 2}, {-2, -1}, {1, 0.5}, {-1, -2}, {2, 2}};
  scheme.twin = true;
  const auto found = delta_of(same_and_other(), inputs(), scheme);
  EXPECT_LT(found.delta[1], 0);
  for (std::size_t b = 0; b + 1 < copies; ++b) EXPECT_NEAR(found.delta_norm[b], 1, 1e-9) << b;
}

// Features as they are make classifiers that start far from chance: what helps a model under its own code
// harms it under the other's.
TEST(Delta, OfTwinsThatDisagreeIsNotDefined) {
  DeltaScheme scheme = once();
  scheme.conditioning = ModelCode::mean;
  scheme.centred = false;
  scheme.map = FeatureMap::gram;
  scheme.twin = true;
  const auto found =
      delta_of({encoder(inputs(), 24, 1), affine(encoder(inputs(), 20, 2), 1, 1)}, inputs(), scheme);
  EXPECT_FALSE(found.far_from_chance.empty());
  EXPECT_TRUE(std::isnan(found.delta_norm[1]));
  EXPECT_EQ(found.status[1], Status::skipped);
  EXPECT_TRUE(std::isfinite(found.delta[1]));
}

TEST(Delta, OfCopiesUnderSpectraIsOne) {
  DeltaScheme scheme = once();
  scheme.conditioning = ModelCode::spectrum;
  auto models = same_and_other();
  models.push_back(encoder(inputs(), 300, 5));  // wider than there are rows
  models.push_back(rotated(models.back()));
  const auto found = delta_of(models, inputs(), scheme);
  EXPECT_NEAR(found.delta_norm[1], 1, 1e-9);
  EXPECT_NEAR(found.delta_norm[2], 1, 1e-9);
  EXPECT_NEAR(found.delta_norm[5 * 7 + 6], 1, 1e-9);
  EXPECT_NE(found.kappa[4], found.kappa[0]);
}

// Errors of first order and asymmetry are of the next order in eta.
TEST(Delta, ErrsInProportionToTheStep) {
  const std::vector<Model> models{encoder(inputs(), 24, 1), encoder(inputs(), 20, 2)};
  DeltaScheme scheme = once();
  scheme.relative_step = false;
  std::vector<double> error, asymmetry;
  for (const double eta : {1e-4, 1e-3}) {
    scheme.eta = eta;
    const auto found = delta_of(models, inputs(), scheme);
    error.push_back(found.first_order_error[1]);
    asymmetry.push_back(std::abs(found.delta[1] - found.delta[2]) / found.delta[1]);
    EXPECT_NEAR(found.delta_norm[1], found.delta_norm[2], 1e-2);
  }
  EXPECT_NEAR(error[1] / error[0], 10, 0.5);
  EXPECT_NEAR(asymmetry[1] / asymmetry[0], 10, 0.5);
}

TEST(Delta, SaysWhenAStepIsTooLarge) {
  DeltaScheme scheme = once();
  EXPECT_NEAR(delta_of(same_and_other(), inputs(), scheme).own_drop[0], scheme.rho, 2e-3);
  scheme.rho = 0.9;
  const auto far = delta_of(same_and_other(), inputs(), scheme);
  for (const auto status : far.status) EXPECT_EQ(status, Status::step_too_large);
  EXPECT_TRUE(std::isfinite(far.delta[1]));
  scheme.relative_step = false;
  scheme.eta = 1e6;
  for (const auto status : delta_of(same_and_other(), inputs(), scheme).status)
    EXPECT_EQ(status, Status::step_too_large);
}

TEST(Delta, SaysWhenClassifiersStartFarFromChance) {
  DeltaScheme scheme = once();
  EXPECT_TRUE(delta_of(same_and_other(), inputs(), scheme).far_from_chance.empty());
  scheme.init_scale = 30;
  EXPECT_FALSE(delta_of(same_and_other(), inputs(), scheme).far_from_chance.empty());
}

TEST(Delta, AveragesOverHypernetworks) {
  DeltaScheme scheme;
  scheme.repeats = 4;
  const auto found = delta_of(same_and_other(), inputs(), scheme);
  EXPECT_GT(found.se_phi[1], 0);
  EXPECT_LT(found.se_phi[1], 0.3 * found.delta[1]);
  EXPECT_TRUE(std::isnan(delta_of(same_and_other(), inputs(), once()).se_phi[1]));
  for (std::size_t j = 0; j < copies; ++j) EXPECT_NEAR(found.l0[j], std::log(4.0), 0.1);
}

TEST(Delta, OfRowsThatDoNotBelongTogetherIsSmall) {
  const Bench run(test_world(), same_and_other());
  const auto rows = all_rows(run.rows.count());
  std::vector<std::int64_t> shuffled;
  for (const auto row : rows) shuffled.push_back((row * 37 + 11) % run.rows.count());
  const auto targets = targets_of(inputs());
  const auto paired = run(targets, once());
  const auto still = run(targets, once(), rows, rows);
  const auto null = run(targets, once(), rows, shuffled);
  for (std::size_t i = 0; i < copies * copies; ++i) {
    EXPECT_NEAR(still.delta_norm[i], paired.delta_norm[i], 1e-12);
    EXPECT_LT(std::abs(null.delta_norm[i]), 0.4) << i;
  }
  EXPECT_EQ(null.l0, paired.l0);
}

TEST(Delta, DoesWithoutSomeOfTheClassesAndRows) {
  Inputs some = inputs();
  some.classes = 6;  // of which four occur
  const auto found = delta_of(same_and_other(), some, once());
  EXPECT_NEAR(found.delta_norm[1], 1, 1e-10);
  EXPECT_NEAR(found.l0[0], std::log(6.0), 0.1);

  // Labels of each model's own: the last model's are shuffled.
  Targets own{{5, inputs().labels}, 4, {}, 0};
  std::vector<int> shuffled;
  for (std::size_t i = 0; i < inputs().n; ++i) shuffled.push_back(inputs().labels[(i * 37 + 11) % 160]);
  own.labels.back() = shuffled;
  const Bench run(test_world(), same_and_other());
  const auto mixed = run(own, once());
  EXPECT_NEAR(mixed.delta_norm[1], 1, 1e-10);
  EXPECT_LT(mixed.delta_norm[4], 0.4);

  const std::vector<std::int64_t> few{3, 1, 4}, enough{3, 1, 4, 15, 9};
  const auto too_few = run(targets_of(inputs()), once(), few);
  for (const auto status : too_few.status) EXPECT_EQ(status, Status::too_few_rows);
  EXPECT_TRUE(std::isnan(too_few.delta_norm[0]));
  const auto five = run(targets_of(inputs()), once(), enough);
  EXPECT_NEAR(five.delta_norm[2], 1, 1e-10);
}

TEST(Delta, TellsOfModelsThatSayNothing) {
  auto models = same_and_other();
  std::fill(models[1].values.begin(), models[1].values.end(), 0.1);
  models[3].values[5] = NAN;
  for (const auto map : {FeatureMap::relative, FeatureMap::gram, FeatureMap::raw}) {
    DeltaScheme scheme = once();
    scheme.map = map;
    scheme.conditioning = ModelCode::spectrum;
    scheme.twin = true;
    const auto found = delta_of(models, inputs(), scheme);
    for (std::size_t j = 0; j < copies; ++j) {
      const auto wanted = j == 3 ? Status::not_finite : Status::zero_variance;
      EXPECT_EQ(found.status[1 * copies + j], wanted);
      EXPECT_EQ(found.status[j * copies + 1], wanted);
      EXPECT_EQ(found.status[3 * copies + j], Status::not_finite);
      EXPECT_TRUE(std::isnan(found.delta_norm[j * copies + 1]));
    }
    EXPECT_EQ(found.status[4], Status::ok);
    EXPECT_TRUE(std::isfinite(found.delta_norm[4]));
  }
}

TEST(Delta, InSinglePrecisionIsNearlyTheSame) {
  DeltaScheme scheme = once();
  const auto exact = delta_of(same_and_other(), inputs(), scheme);
  scheme.single_precision = true;
  const auto single = delta_of(same_and_other(), inputs(), scheme);
  for (std::size_t i = 0; i < copies * copies; ++i)
    EXPECT_NEAR(single.delta_norm[i], exact.delta_norm[i], 1e-4);
}

TEST(Delta, IsTheSameOnAnyNumberOfRanks) {
  std::vector<DeltaScheme> schemes(5, once());
  schemes[0].repeats = 3;
  schemes[1].single_precision = true;
  schemes[1].repeats = 2;
  schemes[2].map = FeatureMap::gram;
  schemes[2].conditioning = ModelCode::embed;
  schemes[2].twin = schemes[2].learned = true;
  schemes[3].map = FeatureMap::raw;
  schemes[3].conditioning = ModelCode::mean;
  schemes[3].steps = 2;
  schemes[3].repeats = 4;
  schemes[4].conditioning = ModelCode::spectrum;
  schemes[4].repeats = 2;
  auto models = same_and_other();
  models.push_back(encoder(inputs(), 130, 4));  // wider than there are anchors
  std::vector<std::int64_t> order, other;
  for (std::int64_t i = 0; i < 101; ++i) {
    order.push_back((i * 29 + 5) % 160);
    other.push_back((i * 41 + 7) % 160);
  }
  for (const std::size_t count : {6, 2, 1}) {  // also fewer models than ranks
    const std::vector<Model> some(models.end() - static_cast<std::ptrdiff_t>(count), models.end());
    const Bench alone(MPI_COMM_SELF, some), together(test_world(), some);
    for (std::size_t s = 0; s < schemes.size(); ++s)
      for (const bool moved : {false, true}) {
        const auto run = [&](const Bench& bench) {
          return bench(targets_of(inputs()), schemes[s], order, moved ? other : std::vector<std::int64_t>{});
        };
        expect_same_bits(run(alone), run(together),
                         std::to_string(count) + " models, scheme " + std::to_string(s));
      }
  }
}

// Little memory: 7 sources at once, blocks of few rows, X in files.
TEST(Delta, IsTheSameInLittleMemory) {
  std::vector<Model> models;
  for (std::uint32_t j = 0; j < 20; ++j) models.push_back(encoder(inputs(), 3 + j, j));
  Bench much(test_world(), models), little(test_world(), models);
  little.resources = {.memory = 1e4, .scratch = std::filesystem::temp_directory_path()};
  std::vector<std::int64_t> shuffled;
  for (std::int64_t i = 0; i < 160; ++i) shuffled.push_back((i * 37 + 11) % 160);
  for (const bool apart : {false, true})
    for (const bool single : {false, true}) {
      DeltaScheme scheme = once();
      scheme.map = apart ? FeatureMap::gram : FeatureMap::relative;
      scheme.conditioning = apart ? ModelCode::embed : ModelCode::shared;
      scheme.twin = apart;
      scheme.steps = 2;
      scheme.single_precision = single;
      const DeltaShape shape{feature_shape(scheme, all_rows(160), much.rows.widths()), much.rows.widths(), 4,
                             2};
      ASSERT_EQ(sources_at_once(scheme, shape, little.resources), 7);
      ASSERT_LT(rows_at_once(shape, little.resources), 10);
      ASSERT_GT(bytes_of_features(scheme, shape, {0, 1}), little.resources.memory / 4);
      const auto a = much(targets_of(inputs()), scheme, all_rows(160), shuffled);
      const auto b = little(targets_of(inputs()), scheme, all_rows(160), shuffled);
      for (std::size_t i = 0; i < a.delta.size(); ++i) {
        ASSERT_NEAR(a.delta[i], b.delta[i], single ? 1e-6 : 1e-12) << i;
        ASSERT_NEAR(a.first_order[i], b.first_order[i], single ? 1e-6 : 1e-12) << i;
        ASSERT_EQ(a.status[i], b.status[i]) << i;
      }
    }
}

// How many sources are dealt with at once changes nothing at all, whether they share lanes or not.
TEST(Delta, DoesNotDependOnHowManyModelsAreDealtWithAtOnce) {
  std::vector<Model> models;
  for (std::uint32_t j = 0; j < 70; ++j) models.push_back(encoder(inputs(), 3 + j % 3, j));
  Bench run(test_world(), models);
  for (const auto code : {ModelCode::shared, ModelCode::embed}) {
    DeltaScheme scheme = once();
    scheme.anchors = 160;
    scheme.conditioning = code;
    scheme.twin = code == ModelCode::embed;
    scheme.steps = 2;
    const DeltaShape shape{feature_shape(scheme, all_rows(160), run.rows.widths()), run.rows.widths(), 4, 1};
    const Resources little{.memory = 6e6};
    ASSERT_LT(sources_at_once(scheme, shape, little), sources_at_once(scheme, shape, {}));
    ASSERT_GE(rows_at_once(shape, little), 160);
    run.resources = {};
    const auto at_once = run(targets_of(inputs()), scheme);
    run.resources = little;
    expect_same_bits(at_once, run(targets_of(inputs()), scheme), "few at once");
  }
}
