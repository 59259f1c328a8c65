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

void Comparison::take_permuted(const Scores& scores) {
  permuted_.add(scores);
  as_similar_.resize(scores.entries.size());
  for (std::size_t i = 0; i < as_similar_.size(); ++i) {
    const double chance = scores.entries[i].value, value = value_.entries[i].value;
    if (larger_ ? chance >= value : chance <= value) ++as_similar_[i];
  }
}

std::vector<double> Comparison::standard_error() const {
  std::vector<double> errors;
  for (const double squares : without_.squares)
    errors.push_back(std::sqrt((without_.count - 1) / without_.count * squares));
  return errors;
}

std::vector<double> Comparison::null_deviation() const {
  std::vector<double> deviations;
  for (const double squares : permuted_.squares)
    deviations.push_back(permuted_.count > 1 ? std::sqrt(squares / (permuted_.count - 1)) : NAN);
  return deviations;
}

std::vector<double> Comparison::p_value() const {
  std::vector<double> probabilities;
  for (std::size_t i = 0; i < as_similar_.size(); ++i) {
    const bool defined = std::isfinite(value_.entries[i].value) && std::isfinite(permuted_.mean[i]);
    probabilities.push_back(defined ? (1 + as_similar_[i]) / (1 + permuted_.count) : NAN);
  }
  return probabilities;
}

}  // namespace hypercast::similarity
