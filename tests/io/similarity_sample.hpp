#pragma once
// Results of two models with everything that a file of them can hold.

#include <cmath>
#include <limits>

#include "io/similarity_file.hpp"

inline hypercast::io::SimilarityResults similarity_sample() {
  using Texts = std::vector<std::string>;
  using Numbers = std::vector<double>;
  using Whole = std::vector<std::int32_t>;
  const double undefined = std::numeric_limits<double>::quiet_NaN();
  hypercast::io::SimilarityResults results;
  results.models = {.name = {"a, \"first\"", "b"},
                    .group = {"net 1", ""},
                    .layer = {"conv\xc3\xa9", "2"},
                    .place = {"runs/a.h5:features", "b.npy"},
                    .columns = {{"rows", std::vector<double>{100, 100}},
                                {"width", std::vector<double>{64, 128}},
                                {"layout", std::vector<std::string>{"rows", "nchw"}}}};
  hypercast::io::MeasureResult cka{.id = "cka",
                                   .facts = {{"formula", std::string("<K, L> / (|K| |L|)")},
                                             {"symmetric", true},
                                             {"lower", 0.0},
                                             {"upper", std::numeric_limits<double>::infinity()},
                                             {"invariances", Texts{"translation", "scale"}},
                                             {"parameters", Texts{}}},
                                   .of_pairs = true,
                                   .value = {1, 0.25, undefined, 1},
                                   .standard_error = {0.01, 0.02, 0.03, 0.04},
                                   .null_mean = {},
                                   .null_sd = {},
                                   .p_value = {undefined, 0.5, 0.25, undefined},
                                   .status = {0, 0, 1, 0},
                                   .arrays = {}};
  hypercast::io::MeasureResult logme, delta;
  logme.id = "logme";
  logme.of_pairs = false;
  logme.value = {-0.5, 0.1};
  delta.id = "delta";
  delta.arrays = {{"kappa", {2, 2}, {1, 2, 3, 4}}, {"l0", {3, 2}, {1, 2, 3, 4, 5, 6}}};
  results.measures = {cka, logme, delta};
  results.tables = {
      {"layer_match/cka",
       {{"chance", 0.25}},
       {{"layer", Texts{"1", "2", "3"}}, {"accuracy", Numbers{1, 0.5, 0}}, {"right", Whole{1, 0, 1}}}},
      {"group_separation", {}, {{"measure", Texts{"cka"}}, {"auprc", Numbers{0.75}}}}};
  return results;
}
