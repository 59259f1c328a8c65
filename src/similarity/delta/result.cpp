#include "similarity/delta/result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hypercast::similarity {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double largest_error = 0.2;  // of first order
constexpr double near_chance = 0.1;

using Records = std::span<const DeltaRecord>;

// All repeats of all models.
struct Table {
  Records records;
  std::size_t repeats, models;
  const DeltaRecord& at(std::size_t repeat, std::size_t model) const {
    return records[repeat * models + model];
  }
  template <class Value>
  double mean(Value value) const {
    double sum = 0;
    for (std::size_t r = 0; r < repeats; ++r) sum += value(r);
    return sum / static_cast<double>(repeats);
  }
};

double standard_error(const Table& t, std::size_t a, std::size_t b, double mean) {
  if (t.repeats < 2) return nan;
  const double variance = t.mean([&](std::size_t r) { return std::pow(t.at(r, b).delta[a] - mean, 2); });
  return std::sqrt(variance / static_cast<double>(t.repeats - 1));
}

// |delta - first order| in units of |eta g_A| |g_B|.
double relative_error(double delta, double first_order, int steps, const OwnStep& source,
                      const OwnStep& target) {
  return std::abs(delta - first_order) / (steps * source.eta * std::sqrt(source.square * target.square));
}

// value / sqrt(x y), with the common sign of x and y; NaN when they have none.
double over_geometric_mean(double value, double x, double y) {
  if (!(x * y > 0)) return nan;
  return (x < 0 ? -value : value) / std::sqrt(x * y);
}

double normalised(const Table& t, bool twin, std::size_t a, std::size_t b) {
  const double rate = t.mean([&](std::size_t r) { return t.at(r, b).delta[a] / t.at(r, a).source.eta; });
  if (twin)
    return over_geometric_mean(rate, t.mean([&](std::size_t r) { return t.at(r, a).source_twin[b]; }),
                               t.mean([&](std::size_t r) { return t.at(r, b).target_twin[a]; }));
  const double source =
      t.mean([&](std::size_t r) { return t.at(r, a).source.delta / t.at(r, a).source.eta; });
  const double target =
      t.mean([&](std::size_t r) { return t.at(r, b).target.delta / t.at(r, b).target.eta; });
  return source > 0 && target > 0 ? over_geometric_mean(rate, source, target) : nan;
}

// Errors of first order of a pair and of its two models, and whether their own losses fall.
bool step_too_large(const Table& t, int steps, std::size_t a, std::size_t b, double pair_error) {
  const auto own_error = [&](const OwnStep& own) {
    return relative_error(own.delta, own.first_order, steps, own, own);
  };
  const double source = t.mean([&](std::size_t r) { return own_error(t.at(r, a).source); });
  const double target = t.mean([&](std::size_t r) { return own_error(t.at(r, b).target); });
  const bool falls = t.mean([&](std::size_t r) { return t.at(r, a).source.delta; }) > 0 &&
                     t.mean([&](std::size_t r) { return t.at(r, b).target.delta; }) > 0;
  return !falls || std::max({pair_error, source, target}) > largest_error;
}

Status unfit(const Table& t, std::span<const ModelFacts> facts, std::size_t a, std::size_t b) {
  if (!facts[a].finite || !facts[b].finite) return Status::not_finite;
  if (!facts[a].varies || !facts[b].varies) return Status::zero_variance;
  for (std::size_t r = 0; r < t.repeats; ++r)
    if (t.at(r, a).source.square == 0 || t.at(r, b).target.square == 0) return Status::skipped;
  return Status::ok;
}

void fill(DeltaResult& result, const Table& t, const DeltaScheme& scheme, std::size_t a, std::size_t b) {
  const std::size_t at = a * t.models + b;
  const auto mean = [&](std::vector<double> DeltaRecord::*array) {
    return t.mean([&](std::size_t r) { return (t.at(r, b).*array)[a]; });
  };
  result.delta[at] = mean(&DeltaRecord::delta);
  result.tag[at] = mean(&DeltaRecord::tag);
  result.first_order[at] = mean(&DeltaRecord::first_order);
  result.kappa[at] = mean(&DeltaRecord::kappa);
  result.se_phi[at] = standard_error(t, a, b, result.delta[at]);
  result.first_order_error[at] = t.mean([&](std::size_t r) {
    const auto& record = t.at(r, b);
    return relative_error(record.delta[a], record.first_order[a], scheme.steps, t.at(r, a).source,
                          record.target);
  });
  result.delta_norm[at] = normalised(t, scheme.twin, a, b);
  if (!std::isfinite(result.delta[at]) || !std::isfinite(result.first_order[at]))
    result.status[at] = Status::not_finite;
  else if (step_too_large(t, scheme.steps, a, b, result.first_order_error[at]))
    result.status[at] = Status::step_too_large;
  else if (std::isnan(result.score()[at]))
    result.status[at] = Status::skipped;
}

void fill_models(DeltaResult& result, const Table& t, const DeltaScheme& scheme, std::size_t outputs) {
  const double chance = std::log(static_cast<double>(outputs));
  for (std::size_t j = 0; j < t.models; ++j) {
    result.l0[j] = t.mean([&](std::size_t r) { return t.at(r, j).source.loss; });
    result.own_drop[j] =
        t.mean([&](std::size_t r) { return t.at(r, j).source.delta / t.at(r, j).source.loss; });
    result.eta[j] = t.mean([&](std::size_t r) { return t.at(r, j).source.eta; });
    if (scheme.loss == ReadoutLoss::cross_entropy && !(std::abs(result.l0[j] - chance) <= near_chance))
      result.far_from_chance.push_back(j);
  }
}

void make_undefined(DeltaResult& result, std::size_t at, Status why) {
  for (auto* matrix : {&result.delta, &result.delta_norm, &result.tag, &result.first_order,
                       &result.first_order_error, &result.kappa, &result.se_phi})
    (*matrix)[at] = nan;
  result.status[at] = why;
}

}  // namespace

DeltaRecord::DeltaRecord(std::size_t models, bool twin)
    : delta(models),
      tag(models),
      first_order(models),
      kappa(models),
      source_twin(twin ? models : 0),
      target_twin(twin ? models : 0) {}

void DeltaRecord::append_to(std::vector<double>& numbers) const {
  numbers.insert(numbers.end(), {static_cast<double>(repeat), static_cast<double>(model)});
  for (const auto* own : {&source, &target})
    numbers.insert(numbers.end(), {own->loss, own->eta, own->square, own->delta, own->first_order});
  for (const auto* array : {&delta, &tag, &first_order, &kappa, &source_twin, &target_twin})
    numbers.insert(numbers.end(), array->begin(), array->end());
}

std::span<const double> DeltaRecord::read(std::span<const double> numbers) {
  auto next = numbers.begin();
  repeat = static_cast<std::size_t>(*next++);
  model = static_cast<std::size_t>(*next++);
  for (auto* own : {&source, &target})
    for (double* number : {&own->loss, &own->eta, &own->square, &own->delta, &own->first_order})
      *number = *next++;
  for (auto* array : {&delta, &tag, &first_order, &kappa, &source_twin, &target_twin})
    for (double& number : *array) number = *next++;
  return numbers.subspan(static_cast<std::size_t>(next - numbers.begin()));
}

DeltaResult undefined_delta(std::size_t models, Status status) {
  DeltaResult result;
  result.models = models;
  result.status.resize(models * models);
  for (auto* matrix : {&result.delta, &result.delta_norm, &result.tag, &result.first_order,
                       &result.first_order_error, &result.kappa, &result.se_phi})
    matrix->resize(models * models);
  for (std::size_t at = 0; at < models * models; ++at) make_undefined(result, at, status);
  for (auto* each : {&result.l0, &result.own_drop, &result.eta}) each->assign(models, nan);
  return result;
}

DeltaResult summarise(const DeltaScheme& scheme, std::size_t outputs, std::span<const ModelFacts> facts,
                      std::span<const DeltaRecord> records) {
  const std::size_t models = facts.size();
  const Table table{records, records.size() / models, models};
  DeltaResult result = undefined_delta(models, Status::ok);
  result.normalised = scheme.normalised;
  fill_models(result, table, scheme, outputs);
  for (std::size_t a = 0; a < models; ++a)
    for (std::size_t b = 0; b < models; ++b) {
      const Status status = unfit(table, facts, a, b);
      if (status == Status::ok)
        fill(result, table, scheme, a, b);
      else
        make_undefined(result, a * models + b, status);
    }
  return result;
}

}  // namespace hypercast::similarity
