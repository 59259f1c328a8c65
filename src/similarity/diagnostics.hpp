#pragma once
// What is to be known of every model before its scores are believed.

#include <string>
#include <vector>

#include "core/context.hpp"
#include "similarity/labels.hpp"
#include "similarity/plan.hpp"
#include "similarity/rows.hpp"

namespace hypercast::similarity {

struct Diagnosis {
  double width = 0;
  double norm = 0;       // root mean square of rows, as they are
  double deviation = 0;  // the same of rows without the mean row
  // Of the eigenvalues l of the covariance: how many are above 1e-12 of the largest, and how many count,
  // (sum l)^2 / sum l^2. NaN where they would cost more than a few seconds or
  // the memory there is.
  double rank = 0, participation = 0;
  double largest_row_share = 0;  // of one row, of the sum of squares of all without the mean row
  double constant_columns = 0;
  double duplicate_rows = 0;  // equal to a row before them
  double largest = 0;         // number without the mean row, by modulus
};

// COLLECTIVE. Of all models, on every rank.
std::vector<Diagnosis> diagnose(const Context& context, const Rows& features, const Resources& resources);

// Warnings about features that make scores say less than they seem to, one line each. `biased`: whether some
// measure is (Card); `each`: rows of an input.
std::vector<std::string> warnings(const std::vector<Diagnosis>& models, const std::vector<std::string>& names,
                                  std::int64_t n, const Labels& labels, std::int64_t each, bool biased);

}  // namespace hypercast::similarity
