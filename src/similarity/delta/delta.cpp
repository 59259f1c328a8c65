#include "similarity/delta/delta.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "similarity/delta/repeat.hpp"

namespace hypercast::similarity {

namespace {

using Order = std::span<const std::int64_t>;

[[noreturn]] void refuse(const std::string& text) { throw UserError(Exit::data, "delta: " + text); }

void check_targets(const Targets& targets, const DeltaScheme& scheme, const Rows& rows) {
  const auto n = static_cast<std::size_t>(rows.count());
  if (!targets.values.empty()) {
    if (scheme.loss != ReadoutLoss::squared) refuse("values to be predicted need loss = squared");
    check(targets.outputs > 0 && targets.values.size() == n * targets.width(),
          "values for other rows than there are");
    return;
  }
  check(targets.labels.size() == 1 || targets.labels.size() == rows.models(), "lists of labels");
  if (targets.classes < 2) refuse("labels of at least two classes are needed");
  for (const auto& labels : targets.labels) {
    check(labels.size() == n, "labels for other rows than there are");
    const auto wrong = std::find_if(labels.begin(), labels.end(),
                                    [&](int label) { return label < 0 || label >= targets.classes; });
    if (wrong != labels.end())
      refuse(fmt::format("label {} of row {} is not one of the {} classes 0 to {}", *wrong,
                         wrong - labels.begin(), targets.classes, targets.classes - 1));
  }
}

// Of rows in the order `left`, with the model's own list of labels or the only one.
ModelTargets targets_of(const Targets& targets, ReadoutLoss loss, Order left, std::size_t list) {
  ModelTargets of{loss, targets.width(), {}, {}};
  for (const auto row : left) {
    const auto at = static_cast<std::size_t>(row);
    if (targets.values.empty()) {
      of.labels.push_back(targets.labels[list][at]);
    } else {
      const auto values = targets.values.subspan(at * of.outputs, of.outputs);
      of.values.insert(of.values.end(), values.begin(), values.end());
    }
  }
  return of;
}

template <class Real>
LocalModels<Real> local_models(const Context& context, const Rows& rows, Order left, Order right,
                               const Targets& targets, const DeltaScheme& scheme, const DeltaShape& shape,
                               const RankGroup& group, const Resources& resources) {
  const auto features = [&](Order order) {
    return local_features<Real>(context, rows, order, scheme, shape, group, resources);
  };
  LocalModels<Real> local{group.models, features(left), {}, {}};
  if (!right.empty()) local.moved = features(right);
  if (targets.labels.size() < 2) {
    local.targets.push_back(targets_of(targets, scheme.loss, left, 0));
  } else {
    for (std::size_t i = 0; i < local.count(); ++i)
      local.targets.push_back(targets_of(targets, scheme.loss, left, local.number(i)));
  }
  return local;
}

// COLLECTIVE over the group. Of all models.
template <class Real>
std::vector<ModelFacts> facts_of(const Comm& group, const LocalModels<Real>& local) {
  std::vector<int> fit;
  for (std::size_t i = 0; i < local.count(); ++i) {
    const auto &f = local.features[i], &moved = local.receiving(i);
    fit.insert(fit.end(), {f.varies && moved.varies, f.finite && moved.finite});
  }
  std::vector<ModelFacts> facts;
  const auto all = group.all_gather<int>(fit);
  for (std::size_t at = 0; at < all.size(); at += 2) facts.push_back({all[at] != 0, all[at + 1] != 0});
  return facts;
}

// COLLECTIVE over the group. [models][...]
template <class Real>
std::vector<double> signatures_of(const Comm& group, const LocalModels<Real>& local) {
  std::vector<double> signatures;
  for (const auto& f : local.features)
    signatures.insert(signatures.end(), f.signature.begin(), f.signature.end());
  return group.all_gather<double>(signatures);
}

// COLLECTIVE. Puts the records of all ranks into [repeats][models].
void gather(const Comm& comm, const std::vector<DeltaRecord>& mine, std::size_t models,
            std::vector<DeltaRecord>& records) {
  std::vector<double> numbers;
  for (const auto& record : mine) record.append_to(numbers);
  numbers = comm.all_gather<double>(numbers);
  std::span<const double> rest = numbers;
  DeltaRecord record = records.front();  // for its sizes
  while (!rest.empty()) {
    rest = record.read(rest);
    records[record.repeat * models + record.model] = record;
  }
}

template <class Real>
DeltaResult compute(const Context& context, const Rows& rows, Order left, Order right, const Targets& targets,
                    const DeltaScheme& scheme, const Resources& resources) {
  const std::size_t models = rows.models();
  const DeltaShape shape{feature_shape(scheme, left, rows.widths()), rows.widths(), targets.width(),
                         right.empty() ? 1 : 2};
  const RankGroup group = rank_group(context.comm, rows.ownership(), models, scheme.repeats);
  const auto local = local_models<Real>(context, rows, left, right, targets, scheme, shape, group, resources);
  const auto facts = facts_of(group.comm, local);
  const auto signatures = signatures_of(group.comm, local);
  const DeltaWork<Real> work{
      context,
      scheme,
      shape,
      group,
      local,
      signatures,
      blocks_of(static_cast<std::int64_t>(models), sources_at_once(scheme, shape, resources))};
  std::vector<DeltaRecord> records(static_cast<std::size_t>(scheme.repeats) * models,
                                   DeltaRecord(models, scheme.twin));
  for (int first = 0; first < scheme.repeats; first += group.count) {
    heed(context);
    std::vector<DeltaRecord> mine;
    if (first + group.number < scheme.repeats)
      mine = run_repeat(work, first + group.number);
    else
      sit_out_repeat(work);
    gather(context.comm, mine, models, records);
  }
  return summarise(scheme, targets.width(), facts, records);
}

}  // namespace

DeltaResult delta(const Context& context, const Rows& rows, Order left, Order right, const Targets& targets,
                  const DeltaScheme& scheme, const Resources& resources) {
  check(rows.models() > 0, "Delta of no models");
  check(right.empty() || right.size() == left.size(), "targets see another number of rows than sources");
  check_vectors(scheme, rows.models());
  check_targets(targets, scheme, rows);
  if (left.size() < 4) {
    DeltaResult result = undefined_delta(rows.models(), Status::too_few_rows);
    result.normalised = scheme.normalised;
    return result;
  }
  if (scheme.single_precision) return compute<float>(context, rows, left, right, targets, scheme, resources);
  return compute<double>(context, rows, left, right, targets, scheme, resources);
}

DeltaResult delta(const Context& context, const Rows& rows, Order left, Order right, const Targets& targets,
                  const DeltaOptions& options, const Resources& resources) {
  return delta(context, rows, left, right, targets, scheme_of(options), resources);
}

}  // namespace hypercast::similarity
