#include "similarity/delta/delta.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "similarity/delta/repeat.hpp"

namespace hypercast::similarity {

namespace {

constexpr std::int64_t block = 512;  // rows that are read at once

[[noreturn]] void refuse(const std::string& text) { throw UserError(Exit::data, "delta: " + text); }

void check_answers(const Answers& answers, const DeltaScheme& scheme, const Rows& rows) {
  const auto n = static_cast<std::size_t>(rows.count());
  if (!answers.values.empty()) {
    if (scheme.loss != ReadoutLoss::squared) refuse("values to be predicted need loss = squared");
    check(answers.outputs > 0 && answers.values.size() == n * static_cast<std::size_t>(answers.outputs),
          "values for other rows than there are");
    return;
  }
  check(answers.labels.size() == 1 || answers.labels.size() == rows.models(), "lists of labels");
  if (answers.classes < 2) refuse("labels of at least two classes are needed");
  for (const auto& labels : answers.labels) {
    check(labels.size() == n, "labels for other rows than there are");
    const auto wrong = std::find_if(labels.begin(), labels.end(),
                                    [&](int label) { return label < 0 || label >= answers.classes; });
    if (wrong != labels.end())
      refuse(fmt::format("label {} of row {} is not one of the {} classes 0 to {}", *wrong,
                         wrong - labels.begin(), answers.classes, answers.classes - 1));
  }
}

// Groups of ranks take repeats in turn; a group holds each model once.
struct Parts {
  int groups, group;
  Comm comm;     // of the group
  Range models;  // that this rank holds
  bool own;      // they are those it owns
};

Parts parts_of(const Comm& comm, const Rows& rows, int repeats) {
  const int models = static_cast<int>(rows.models());
  const int groups = std::clamp(comm.size() / models, 1, repeats);
  if (groups == 1) return {1, 0, comm.split(0, comm.rank()), rows.ownership().of(comm.rank()), true};
  const int group = std::min(comm.rank() / models, groups - 1);
  const int place = comm.rank() - group * models;  // some of the last group stay idle
  const Range mine = place < models ? Range{place, place + 1} : Range{};
  return {groups, group, comm.split(group, comm.rank()), mine, false};
}

using Order = std::span<const std::int64_t>;

// Blocks of one model's rows that this rank owns.
Pass own_rows(const Rows& rows, Order order, std::size_t model) {
  return [&rows, order, model](const SeeRows& see) {
    Buffer<double> panel;
    for (const auto& range : blocks_of(static_cast<std::int64_t>(order.size()), block)) {
      panel.resize(static_cast<std::size_t>(range.size()) * rows.widths()[model]);
      rows.read(model, order.subspan(range.begin, range.size()), panel);
      see(range.begin, panel);
    }
  };
}

// COLLECTIVE when called. Blocks of one model's rows, whoever owns them.
Pass streamed_rows(const Context& context, const Rows& rows, Order order, std::size_t model) {
  return [&context, &rows, order, model](const SeeRows& see) {
    const auto blocks = blocks_of(static_cast<std::int64_t>(order.size()), block);
    Buffer<double> panel;  // starts on a cache line, as those of own_rows do
    stream<double>(context, rows, order, blocks, [&](const RowBlock<double>& seen) {
      panel.assign(seen.panels[model].begin(), seen.panels[model].end());
      see(seen.begin, panel);
    });
  };
}

// COLLECTIVE. Features of the models that this rank holds.
template <class Real>
std::vector<ReadoutFeatures<Real>> features_of(const Context& context, const Rows& rows, Order order,
                                               const DeltaScheme& scheme, const FeatureShape& shape,
                                               const Parts& parts) {
  std::vector<ReadoutFeatures<Real>> features;
  for (auto j = static_cast<std::size_t>(parts.models.begin); j < static_cast<std::size_t>(parts.models.end);
       ++j)
    features.push_back(
        make_features<Real>(scheme, shape, rows.widths()[j],
                            parts.own ? own_rows(rows, order, j) : streamed_rows(context, rows, order, j)));
  if (!parts.own && features.empty())  // takes part in what others stream
    for (int pass = 0; pass < feature_passes; ++pass)
      streamed_rows(context, rows, order, 0)([](auto, auto) {});
  return features;
}

Goal goal_of(const Answers& answers, ReadoutLoss loss, Order left, std::size_t model) {
  Goal goal{
      loss, static_cast<std::size_t>(answers.values.empty() ? answers.classes : answers.outputs), {}, {}};
  for (const auto row : left) {
    if (answers.values.empty()) {
      const auto& labels = answers.labels[answers.labels.size() == 1 ? 0 : model];
      goal.labels.push_back(labels[static_cast<std::size_t>(row)]);
    } else {
      const auto values = answers.values.subspan(static_cast<std::size_t>(row) * goal.outputs, goal.outputs);
      goal.values.insert(goal.values.end(), values.begin(), values.end());
    }
  }
  return goal;
}

// COLLECTIVE over the group. Of all models.
struct Known {
  std::vector<ModelFacts> facts;
  std::vector<double> signatures;  // [models][...]
};

template <class Real>
Known known_of(const Comm& group, const Held<Real>& held) {
  std::vector<int> fit;
  std::vector<double> signatures;
  for (std::size_t i = 0; i < held.features.size(); ++i) {
    const auto &f = held.features[i], &moved = held.target(i);
    fit.insert(fit.end(), {f.varies && moved.varies, f.finite && moved.finite});
    signatures.insert(signatures.end(), f.signature.begin(), f.signature.end());
  }
  Known known;
  const auto all = group.all_gather<int>(fit);
  for (std::size_t at = 0; at < all.size(); at += 2) known.facts.push_back({all[at] != 0, all[at + 1] != 0});
  known.signatures = group.all_gather<double>(signatures);
  return known;
}

// COLLECTIVE. Records of all models and repeats, [repeats][models], from those of each rank.
std::vector<DeltaRecord> all_records(const Comm& comm, const DeltaScheme& scheme, std::size_t models,
                                     const std::vector<DeltaRecord>& mine) {
  std::vector<double> numbers;
  for (const auto& record : mine) record.append_to(numbers);
  numbers = comm.all_gather<double>(numbers);
  const auto repeats = static_cast<std::size_t>(scheme.repeats);
  std::vector<DeltaRecord> records(repeats * models, DeltaRecord(models, scheme.twin));
  std::span<const double> rest = numbers;
  while (!rest.empty()) {
    DeltaRecord record(models, scheme.twin);
    rest = record.read(rest);
    records[record.repeat * models + record.model] = record;
  }
  return records;
}

template <class Real>
DeltaResult compute(const Context& context, const Rows& rows, Order left, Order right, const Answers& answers,
                    const DeltaScheme& scheme) {
  const Parts parts = parts_of(context.comm, rows, scheme.repeats);
  const FeatureShape seen = feature_shape(scheme, left, rows.widths());
  Held<Real> held{parts.models, features_of<Real>(context, rows, left, scheme, seen, parts), {}, {}};
  if (!right.empty()) held.moved = features_of<Real>(context, rows, right, scheme, seen, parts);
  for (auto j = parts.models.begin; j < parts.models.end; ++j)
    held.goals.push_back(goal_of(answers, scheme.loss, left, static_cast<std::size_t>(j)));
  const Known known = known_of(parts.comm, held);
  const std::size_t outputs =
      static_cast<std::size_t>(answers.values.empty() ? answers.classes : answers.outputs);
  const RepeatShape shape{rows.models(), seen.m, outputs};
  std::vector<DeltaRecord> records;
  for (int first = 0; first < scheme.repeats; first += parts.groups) {
    heed(context);
    if (const int r = first + parts.group; r < scheme.repeats)
      for (auto& record : run_repeat<Real>(parts.comm, scheme, shape, known.signatures, held, r))
        records.push_back(std::move(record));
  }
  return summarise(scheme, outputs, known.facts, all_records(context.comm, scheme, rows.models(), records));
}

}  // namespace

DeltaResult delta(const Context& context, const Rows& rows, Order left, Order right, const Answers& answers,
                  const DeltaScheme& scheme) {
  check(rows.models() > 0, "Delta of no models");
  check(right.empty() || right.size() == left.size(), "targets see another number of rows than sources");
  check_vectors(scheme, rows.models());
  check_answers(answers, scheme, rows);
  if (left.size() < 4) {
    DeltaResult result = undefined_delta(rows.models(), Status::too_few_rows);
    result.normalised = scheme.normalised;
    return result;
  }
  if (scheme.single_precision) return compute<float>(context, rows, left, right, answers, scheme);
  return compute<double>(context, rows, left, right, answers, scheme);
}

DeltaResult delta(const Context& context, const Rows& rows, Order left, Order right, const Answers& answers,
                  const DeltaOptions& options) {
  return delta(context, rows, left, right, answers, scheme_of(options));
}

}  // namespace hypercast::similarity
