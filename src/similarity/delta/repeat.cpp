#include "similarity/delta/repeat.hpp"

#include <algorithm>
#include <limits>

#include "similarity/delta/codes.hpp"

namespace hypercast::similarity {

namespace {

// What the steps of one repeat share.
template <class Real>
struct Repeat {
  const Comm& group;
  const DeltaScheme& scheme;
  const Held<Real>& held;
  std::size_t models, outputs;
  ReadoutNetwork network;
  Buffer<double> codes;  // [models][code]

  std::span<const double> code(std::size_t model) const {
    const std::size_t size = network.hypernetwork.inputs();
    return std::span(codes).subspan(model * size, size);
  }
  // Where weights of `target` are asked for after a descent of `source`: a learned code has moved with it.
  Place after(const Descent& descent, std::size_t source, std::size_t target) const {
    if (scheme.learned && source == target) return {&descent, descent.code};
    return {&descent, code(target)};
  }
  std::size_t model(std::size_t i) const { return static_cast<std::size_t>(held.models.begin) + i; }
  std::size_t count() const { return static_cast<std::size_t>(held.models.size()); }
};

// Sources that are dealt with at once, so that memory stays bounded: they and phi_0 fill whole lanes.
std::int64_t batch_of(const DeltaScheme& scheme, const RepeatShape& shape) {
  const std::size_t each = static_cast<std::size_t>(scheme.steps) * shape.m * shape.k;
  const std::size_t groups = std::max<std::size_t>(1, scheme.most_weights / each / lane_group);
  return static_cast<std::int64_t>(groups * lane_group - 1);
}

// COLLECTIVE. Descents of the models in `range`, of which this rank has `own`, its models' in order.
template <class Real>
std::vector<Descent> gathered(const Repeat<Real>& now, const std::vector<Descent>& own, Range range) {
  Buffer<double> mine;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto model = static_cast<std::int64_t>(now.model(i));
    if (model >= range.begin && model < range.end) own[i].append_to(mine);
  }
  const Descent empty = empty_descent(now.scheme, now.network);
  Buffer<double> one;
  empty.append_to(one);
  std::vector<Descent> all(static_cast<std::size_t>(range.size()), empty);
  check(all.size() * one.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
        "descents are longer than one message of MPI can be");
  const int size = static_cast<int>(mine.size());
  const auto counts = now.group.template all_gather<int>(std::span(&size, 1));
  Buffer<double> numbers(all.size() * one.size());
  now.group.template all_gather<double>(mine, numbers, counts);
  std::span<const double> rest = numbers;
  for (auto& descent : all) rest = descent.read(rest);
  return all;
}

// Losses [lanes] of a model's classifiers at these places.
template <class Real>
std::vector<double> losses_at(const Repeat<Real>& now, std::size_t i, const ReadoutFeatures<Real>& features,
                              const Readouts<Real>& readouts) {
  std::vector<double> losses(readouts.lanes);
  evaluate<Real>(features, now.held.goals[i], readouts, losses);
  return losses;
}

template <class Real>
Readouts<Real> readouts_at(const Repeat<Real>& now, std::span<const Place> places) {
  return side_by_side<Real>(weights_at(now.network, places), lanes_for(places.size()), now.outputs);
}

// phi_0, then each source of the batch, as seen by model `target`.
template <class Real>
std::vector<Place> places_of(const Repeat<Real>& now, const std::vector<Descent>& sources, std::size_t first,
                             std::size_t target) {
  std::vector<Place> places{{nullptr, now.code(target)}};
  for (std::size_t s = 0; s < sources.size(); ++s) places.push_back(now.after(sources[s], first + s, target));
  return places;
}

// `before` and `after`: a model's loss at phi_0 and after its own descent.
OwnStep own_step(const DeltaScheme& scheme, double before, double after, const Descent& descent) {
  return {before, descent.eta, descent.square, before - after, scheme.steps * descent.eta * descent.square};
}

template <class Real>
OwnStep own_step_on(const Repeat<Real>& now, std::size_t i, const ReadoutFeatures<Real>& features,
                    const Descent& descent) {
  const std::vector<Place> places{{nullptr, now.code(now.model(i))},
                                  now.after(descent, now.model(i), now.model(i))};
  const auto losses = losses_at(now, i, features, readouts_at(now, places));
  return own_step(now.scheme, losses[0], losses[1], descent);
}

// The entries of one target for a batch of sources. target: its own descent.
template <class Real>
void fill_pairs(const Repeat<Real>& now, const std::vector<Descent>& sources, std::size_t first,
                const Descent& target, std::span<const double> losses, DeltaRecord& record) {
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const std::size_t a = first + s;
    record.delta[a] = losses[0] - losses[s + 1];
    record.tag[a] = record.delta[a] / losses[0];
    record.kappa[a] = kappa(now.network, sources[s], target);
    record.first_order[a] = now.scheme.steps * sources[s].eta *
                            gradient_product(now.scheme, now.network, sources[s], target, a == record.model);
    if (a == record.model)
      record.source = record.target = own_step(now.scheme, losses[0], losses[s + 1], sources[s]);
  }
}

// COLLECTIVE. Losses of the targets at hand after descents of all models.
template <class Real>
void run_pairs(const Repeat<Real>& now, std::int64_t batch, const std::vector<Descent>& sources,
               const std::vector<Descent>& targets, std::vector<DeltaRecord>& records) {
  const bool shared = now.scheme.conditioning == ModelCode::shared;  // then all targets have the same weights
  for (const auto& range : blocks_of(static_cast<std::int64_t>(now.models), batch)) {
    const auto descents = gathered(now, sources, range);
    const auto first = static_cast<std::size_t>(range.begin);
    Readouts<Real> readouts;
    for (std::size_t i = 0; i < now.count(); ++i) {
      if (i == 0 || !shared) readouts = readouts_at<Real>(now, places_of(now, descents, first, now.model(i)));
      const auto losses = losses_at(now, i, now.held.target(i), readouts);
      fill_pairs(now, descents, first, targets[i], losses, records[i]);
    }
  }
}

// A model trained under its own code, tested under those of others.
template <class Real>
void run_source_twins(const Repeat<Real>& now, std::int64_t batch, std::size_t i, const Descent& own,
                      DeltaRecord& record) {
  for (const auto& range :
       blocks_of(static_cast<std::int64_t>(now.models), std::max<std::int64_t>(1, batch / 2))) {
    std::vector<Place> places;
    for (auto b = static_cast<std::size_t>(range.begin); b < static_cast<std::size_t>(range.end); ++b) {
      places.push_back({nullptr, now.code(b)});
      places.push_back(now.after(own, now.model(i), b));
    }
    const auto losses = losses_at(now, i, now.held.features[i], readouts_at(now, places));
    for (std::size_t b = 0; 2 * b < places.size(); ++b)
      record.source_twin[static_cast<std::size_t>(range.begin) + b] =
          (losses[2 * b] - losses[2 * b + 1]) / own.eta;
  }
}

// A model trained under the codes of others, tested under its own.
template <class Real>
void run_target_twins(const Repeat<Real>& now, std::int64_t batch, std::size_t i, DeltaRecord& record) {
  const std::size_t size = now.network.hypernetwork.inputs();
  for (const auto& range : blocks_of(static_cast<std::int64_t>(now.models), batch)) {
    const auto first = static_cast<std::size_t>(range.begin), count = static_cast<std::size_t>(range.size());
    const auto descents =
        descend<Real>(now.scheme, now.network, std::span(now.codes).subspan(first * size, count * size),
                      now.held.target(i), now.held.goals[i]);
    const auto places = places_of(now, descents, first, now.model(i));
    const auto losses = losses_at(now, i, now.held.target(i), readouts_at(now, places));
    for (std::size_t a = 0; a < count; ++a)
      record.target_twin[first + a] = (losses[0] - losses[a + 1]) / descents[a].eta;
  }
}

// The descents of the models at hand, each under its own code.
template <class Real>
std::vector<Descent> descents_of(const Repeat<Real>& now,
                                 const std::vector<ReadoutFeatures<Real>>& features) {
  std::vector<Descent> descents;
  for (std::size_t i = 0; i < features.size(); ++i)
    descents.push_back(
        descend<Real>(now.scheme, now.network, now.code(now.model(i)), features[i], now.held.goals[i])
            .front());
  return descents;
}

}  // namespace

template <class Real>
std::vector<DeltaRecord> run_repeat(const Comm& group, const DeltaScheme& scheme, const RepeatShape& shape,
                                    std::span<const double> signatures, const Held<Real>& held, int repeat) {
  const Repeat<Real> now{group,
                         scheme,
                         held,
                         shape.models,
                         shape.k,
                         readout_network(scheme, repeat, code_size(scheme, shape.models), shape.m, shape.k),
                         model_codes(scheme, repeat, shape.models, signatures)};
  const std::int64_t batch = batch_of(scheme, shape);
  const auto sources = descents_of(now, held.features);
  const auto moved = descents_of(now, held.moved);
  const auto& targets = held.moved.empty() ? sources : moved;
  std::vector<DeltaRecord> records(now.count(), DeltaRecord(shape.models, scheme.twin));
  for (std::size_t i = 0; i < now.count(); ++i) {
    records[i].repeat = static_cast<std::size_t>(repeat);
    records[i].model = now.model(i);
  }
  run_pairs(now, batch, sources, targets, records);
  for (std::size_t i = 0; i < now.count(); ++i) {
    if (!held.moved.empty()) {
      records[i].source = own_step_on(now, i, held.features[i], sources[i]);
      records[i].target = own_step_on(now, i, held.moved[i], moved[i]);
    }
    if (!scheme.twin) continue;
    run_source_twins(now, batch, i, sources[i], records[i]);
    run_target_twins(now, batch, i, records[i]);
  }
  return records;
}

template std::vector<DeltaRecord> run_repeat(const Comm&, const DeltaScheme&, const RepeatShape&,
                                             std::span<const double>, const Held<float>&, int);
template std::vector<DeltaRecord> run_repeat(const Comm&, const DeltaScheme&, const RepeatShape&,
                                             std::span<const double>, const Held<double>&, int);

}  // namespace hypercast::similarity
