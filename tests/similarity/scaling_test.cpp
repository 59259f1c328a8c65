// Columns and rows scaled as [similarity] says, against two passes over sorted numbers.

#include "similarity/scaling.hpp"

#include "made_source.hpp"

using namespace hypercast;
using namespace hypercast::similarity;
using golden::Sources;
using Made = golden::Features;

namespace {

const std::vector<std::int64_t> some{33, 5, 6, 7, 21, 20, 39, 0, 11, 12, 30};

Made picked(const Made& x) {
  Made rows{some.size(), x.width};
  for (std::size_t i = 0; i < rows.n; ++i)
    for (std::size_t c = 0; c < x.width; ++c) rows(i, c) = x(static_cast<std::size_t>(some[i]), c);
  return rows;
}

std::vector<double> column(const Made& x, std::size_t c) {
  std::vector<double> values;
  for (std::size_t i = 0; i < x.n; ++i) values.push_back(x(i, c));
  return values;
}

// Linear between the numbers nearest to the quantile, as NumPy does.
double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 == values.size()) return values[below];
  const double part = place - static_cast<double>(below);
  return (1 - part) * values[below] + part * values[below + 1];
}

Made clipped(Made x, double q) {
  for (std::size_t c = 0; c < x.width; ++c) {
    const double low = quantile(column(x, c), q), high = quantile(column(x, c), 1 - q);
    for (std::size_t i = 0; i < x.n; ++i) x(i, c) = std::min(high, std::max(low, x(i, c)));
  }
  return x;
}

Made standardized(const Made& x) {
  Made y = golden::centred(x);
  for (std::size_t c = 0; c < x.width; ++c) {
    double square = 0;
    for (std::size_t i = 0; i < x.n; ++i) square += y(i, c) * y(i, c) / static_cast<double>(x.n);
    for (std::size_t i = 0; i < x.n && square > 0; ++i) y(i, c) /= std::sqrt(square);
  }
  return y;
}

Made with_unit_rows(Made x) {
  for (std::size_t i = 0; i < x.n; ++i) {
    double square = 0;
    for (std::size_t c = 0; c < x.width; ++c) square += x(i, c) * x(i, c);
    for (std::size_t c = 0; c < x.width && square > 0; ++c) x(i, c) /= std::sqrt(square);
  }
  return x;
}

// As the deck's words say, of rows that are there.
Made scaled_as(const Made& x, const SimilarityOptions& options) {
  const Made y = options.clip_quantile > 0 ? clipped(x, options.clip_quantile) : x;
  if (options.preprocess == "center") return golden::centred(y);
  if (options.preprocess == "standardize") return standardized(y);
  return options.preprocess == "row_norm" ? with_unit_rows(y) : y;
}

// Constant columns 0.1 and 0.5 among others, an outlier, a row of zeros.
Made with_traps(std::size_t width, std::uint32_t stream) {
  auto x = golden::translated(golden::normals(40, width, stream), 3);
  for (std::size_t i = 0; i < x.n; ++i) {
    x(i, 1) = 0.1;
    x(i, 2) = 0.5;
  }
  x(7, 0) = 1e3;
  return x;
}

Sources trapped() { return {{with_traps(5, 1), with_traps(9, 2), with_traps(4, 3)}}; }

// Of the own models of a rank.
void expect_close(const similarity::Features& found, const std::vector<Made>& wanted, double tolerance,
                  const std::string& what) {
  for (auto j = found.ownership().mine().begin; j < found.ownership().mine().end; ++j) {
    const auto values = golden::all_of(found, j);
    ASSERT_EQ(values.values.size(), wanted[j].values.size());
    for (std::size_t i = 0; i < wanted[j].values.size(); ++i)
      ASSERT_NEAR(values.values[i], wanted[j].values[i], tolerance * (1 + std::abs(wanted[j].values[i])))
          << what << " of model " << j << ", row " << i / values.width << ", column " << i % values.width;
  }
}

void expect_scaled(const Sources& sources, const SimilarityOptions& options) {
  const Room room(test_world());
  const auto found = features_of(room, sources, some, options);
  std::vector<Made> wanted;
  for (const auto& model : sources.models) wanted.push_back(scaled_as(picked(model), options));
  expect_close(found, wanted, 1e-13, options.preprocess);
  // The same whatever rows are asked for, in whatever order.
  const std::vector<std::int64_t> rows{9, 2, 2, 0};
  for (auto j = found.ownership().mine().begin; j < found.ownership().mine().end; ++j) {
    const auto values = golden::all_of(found, j);
    Buffer<double> again(rows.size() * values.width);
    found.read(j, rows, again);
    for (std::size_t i = 0; i < again.size(); ++i)
      EXPECT_EQ(again[i], values(static_cast<std::size_t>(rows[i / values.width]), i % values.width));
  }
}

SimilarityOptions options_of(const std::string& preprocess, double clip = 0) {
  SimilarityOptions options;
  options.preprocess = preprocess;
  options.clip_quantile = clip;
  return options;
}

}  // namespace

TEST(Scaling, IsThatOfTheChosenRows) {
  for (const auto* preprocess : {"none", "center", "standardize", "row_norm"})
    for (const double clip : {0.0, 0.03, 0.1, 0.49}) expect_scaled(trapped(), options_of(preprocess, clip));
}

TEST(Scaling, LeavesNumbersAloneUnlessAsked) {
  const Room room(test_world());
  const auto sources = trapped();
  const auto found = features_of(room, sources, some);
  for (auto j = found.ownership().mine().begin; j < found.ownership().mine().end; ++j)
    EXPECT_EQ(golden::all_of(found, j).values, picked(sources.models[j]).values);
}

TEST(Scaling, MakesConstantColumnsExactlyZero) {
  const Room room(test_world());
  for (const auto* preprocess : {"center", "standardize"})
    for (const double clip : {0.0, 0.1}) {
      const auto found = features_of(room, trapped(), some, options_of(preprocess, clip));
      for (auto j = found.ownership().mine().begin; j < found.ownership().mine().end; ++j)
        for (const std::size_t c : {1, 2})
          for (const double v : column(golden::all_of(found, j), c)) EXPECT_EQ(v, 0) << preprocess;
    }
}

TEST(Scaling, LeavesRowsOfZeros) {
  const Room room(test_world());
  auto sources = trapped();
  for (auto& model : sources.models)
    for (std::size_t c = 0; c < model.width; ++c) model(21, c) = 0;
  const auto found = features_of(room, sources, some, options_of("row_norm"));
  for (auto j = found.ownership().mine().begin; j < found.ownership().mine().end; ++j)
    for (std::size_t c = 0; c < found.widths()[j]; ++c) EXPECT_EQ(golden::all_of(found, j)(4, c), 0);
  expect_scaled(sources, options_of("row_norm"));
}

TEST(Scaling, KeepsDigitsOfColumnsFarFromZero) {
  // Multiples of 2^-20 keep all their bits beside 1e6.
  auto near = golden::normals(40, 3, 4);
  for (auto& v : near.values) v = std::round(std::ldexp(v, 20)) / 1048576;
  auto far = near;
  for (auto& v : far.values) v += 1e6;
  const Room room(test_world());
  const Sources both{{near, far}};
  for (const auto* preprocess : {"center", "standardize"}) {
    const auto options = options_of(preprocess);
    const auto wanted = scaled_as(near, options);
    // Of a mean near 1e6 the last bit is 1.2e-10.
    expect_close(features_of(room, both, all_rows(40), options), {wanted, wanted}, 8e-11, preprocess);
  }
}

// With so little memory, limits are found of one column at a time.
TEST(Scaling, FindsTheSameLimitsWithLittleMemory) {
  const Room room(test_world());
  auto options = options_of("standardize", 0.07);
  const auto much = features_of(room, trapped(), some, options);
  options.memory = 1e-5;
  const auto little = features_of(room, trapped(), some, options);
  for (auto j = much.ownership().mine().begin; j < much.ownership().mine().end; ++j)
    EXPECT_EQ(golden::all_of(much, j).values, golden::all_of(little, j).values);
}

TEST(Scaling, CrossesBlocksOfRows) {
  const Room room(test_world());
  const Sources sources{{golden::translated(golden::normals(1100, 3, 5), 2), golden::normals(1100, 2, 6)}};
  for (const auto* preprocess : {"center", "standardize", "row_norm"}) {
    const auto options = options_of(preprocess, 0.01);
    expect_close(features_of(room, sources, all_rows(1100), options),
                 {scaled_as(sources.models[0], options), scaled_as(sources.models[1], options)}, 1e-12,
                 preprocess);
  }
}
