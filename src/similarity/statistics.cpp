#include "similarity/statistics.hpp"

#include <cmath>

namespace hypercast::similarity {

void Moments::add(const Scores& scores) {
  mean.resize(scores.entries.size());
  squares.resize(scores.entries.size());
  count += 1;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double away = scores.entries[i].value - mean[i];
    mean[i] += away / count;
    squares[i] += away * (scores.entries[i].value - mean[i]);
  }
}

void Comparison::add_permuted(const Scores& scores) {
  permuted.add(scores);
  as_similar.resize(scores.entries.size());
  for (std::size_t i = 0; i < as_similar.size(); ++i) {
    const double chance = scores.entries[i].value, found = value.entries[i].value;
    if (larger_is_more_similar ? chance >= found : chance <= found) ++as_similar[i];
  }
}

std::vector<double> Comparison::standard_error() const {
  std::vector<double> errors;
  for (const double squares : without.squares)
    errors.push_back(std::sqrt((without.count - 1) / without.count * squares));
  return errors;
}

std::vector<double> Comparison::null_deviation() const {
  std::vector<double> deviations;
  for (const double squares : permuted.squares)
    deviations.push_back(permuted.count > 1 ? std::sqrt(squares / (permuted.count - 1)) : NAN);
  return deviations;
}

std::vector<double> Comparison::p_value() const {
  std::vector<double> probabilities;
  for (std::size_t i = 0; i < as_similar.size(); ++i) {
    const bool defined = std::isfinite(value.entries[i].value) && std::isfinite(permuted.mean[i]);
    probabilities.push_back(defined ? (1 + as_similar[i]) / (1 + permuted.count) : NAN);
  }
  return probabilities;
}

}  // namespace hypercast::similarity
