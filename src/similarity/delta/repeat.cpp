#include "similarity/delta/repeat.hpp"

#include "similarity/delta/codes.hpp"

namespace hypercast::similarity {

namespace {

// What the steps of one repeat share.
template <class Real>
struct Repeat {
  const DeltaWork<Real>& work;
  ReadoutNetwork network;
  Buffer<double> codes;  // [models][code]

  const DeltaScheme& scheme() const { return work.scheme; }
  const LocalModels<Real>& local() const { return work.local; }
  std::span<const double> code(std::size_t model) const {
    const std::size_t size = network.hypernetwork.inputs();
    return std::span(codes).subspan(model * size, size);
  }
  // Where weights of `target` are asked for after a descent of `source`: a learned code has moved with it.
  Place after(const Descent& descent, std::size_t source, std::size_t target) const {
    if (scheme().learned && source == target) return {&descent, descent.code};
    return {&descent, code(target)};
  }
};

// Records of the models at hand, in their order.
using LocalRecords = std::vector<DeltaRecord>;

// COLLECTIVE over the group. Descents of the models in `range`; own: those of this rank's models, in order.
template <class Real>
std::vector<Descent> descents_in(const Repeat<Real>& now, const std::vector<Descent>& own, Range range) {
  std::vector<Descent> all;
  for (auto j = static_cast<std::size_t>(range.begin); j < static_cast<std::size_t>(range.end); ++j) {
    const int rank = now.work.group.ranks[j];
    const bool here = rank == now.work.group.comm.rank();
    all.push_back(here ? own[j - now.local().number(0)] : empty_descent(now.scheme(), now.network));
    Buffer<double> numbers = all.back().numbers();
    now.work.group.comm.template broadcast<double>(numbers, rank);
    all.back().read(numbers);
  }
  return all;
}

// Losses [lanes] of the readouts at these places, on features of the i-th model at hand.
template <class Real>
std::vector<double> losses_at(const Repeat<Real>& now, std::size_t i, const ReadoutFeatures<Real>& features,
                              const Readouts<Real>& readouts) {
  std::vector<double> losses(readouts.lanes);
  evaluate<Real>(features, now.local().targets_of(i), readouts, losses);
  return losses;
}
template <class Real>
std::vector<double> losses_at(const Repeat<Real>& now, std::size_t i, const ReadoutFeatures<Real>& features,
                              const std::vector<Place>& places) {
  return losses_at(now, i, features, readouts_at<Real>(now.network, places, now.work.shape.k));
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
  const std::size_t own = now.local().number(i);
  const auto losses = losses_at(now, i, features, {{nullptr, now.code(own)}, now.after(descent, own, own)});
  return own_step(now.scheme(), losses[0], losses[1], descent);
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
    record.first_order[a] =
        now.scheme().steps * sources[s].eta *
        gradient_product(now.scheme(), now.network, sources[s], target, a == record.model);
    if (a == record.model)
      record.source = record.target = own_step(now.scheme(), losses[0], losses[s + 1], sources[s]);
  }
}

// COLLECTIVE over the group. Losses of the models at hand after the descents of a batch of sources. sources,
// targets: descents of the models at hand.
template <class Real>
void run_pairs(const Repeat<Real>& now, const Range& batch, const std::vector<Descent>& sources,
               const std::vector<Descent>& targets, LocalRecords& records) {
  const auto descents = descents_in(now, sources, batch);
  const auto first = static_cast<std::size_t>(batch.begin);
  const auto places = [&](std::size_t i) { return places_of(now, descents, first, now.local().number(i)); };
  const bool shared =
      now.scheme().conditioning == ModelCode::shared;  // then all targets have the same weights
  Readouts<Real> of_all;
  if (shared && now.local().count() > 0) of_all = readouts_at<Real>(now.network, places(0), now.work.shape.k);
  for (std::size_t i = 0; i < now.local().count(); ++i) {
    const auto& features = now.local().receiving(i);
    const auto losses = shared ? losses_at(now, i, features, of_all) : losses_at(now, i, features, places(i));
    fill_pairs(now, descents, first, targets[i], losses, records[i]);
  }
}

// Models trained under their own codes, tested under those of others.
template <class Real>
void run_source_twins(const Repeat<Real>& now, const Range& batch, const std::vector<Descent>& sources,
                      LocalRecords& records) {
  const auto half = static_cast<std::int64_t>(batch.size() + 1) / 2;  // there are two places for each
  for (std::size_t i = 0; i < now.local().count(); ++i)
    for (const auto& range : blocks_of(batch.size(), half)) {
      const auto first = static_cast<std::size_t>(batch.begin + range.begin);
      std::vector<Place> places;
      for (std::size_t b = first; b < first + static_cast<std::size_t>(range.size()); ++b) {
        places.push_back({nullptr, now.code(b)});
        places.push_back(now.after(sources[i], now.local().number(i), b));
      }
      const auto losses = losses_at(now, i, now.local().features[i], places);
      for (std::size_t b = 0; 2 * b < places.size(); ++b)
        records[i].source_twin[first + b] = (losses[2 * b] - losses[2 * b + 1]) / sources[i].eta;
    }
}

// Models trained under the codes of others, tested under their own.
template <class Real>
void run_target_twins(const Repeat<Real>& now, const Range& batch, LocalRecords& records) {
  const std::size_t size = now.network.hypernetwork.inputs();
  const auto first = static_cast<std::size_t>(batch.begin), count = static_cast<std::size_t>(batch.size());
  const auto codes = std::span(now.codes).subspan(first * size, count * size);
  for (std::size_t i = 0; i < now.local().count(); ++i) {
    const auto& features = now.local().receiving(i);
    const auto descents =
        descend<Real>(now.scheme(), now.network, codes, features, now.local().targets_of(i));
    const auto losses = losses_at(now, i, features, places_of(now, descents, first, now.local().number(i)));
    for (std::size_t a = 0; a < count; ++a)
      records[i].target_twin[first + a] = (losses[0] - losses[a + 1]) / descents[a].eta;
  }
}

// Descents of the models at hand, each under its own code.
template <class Real>
std::vector<Descent> own_descents(const Repeat<Real>& now,
                                  const std::vector<ReadoutFeatures<Real>>& features) {
  std::vector<Descent> descents;
  for (std::size_t i = 0; i < features.size(); ++i)
    descents.push_back(descend<Real>(now.scheme(), now.network, now.code(now.local().number(i)), features[i],
                                     now.local().targets_of(i))
                           .front());
  return descents;
}

}  // namespace

template <class Real>
std::vector<DeltaRecord> run_repeat(const DeltaWork<Real>& work, int repeat) {
  const auto& scheme = work.scheme;
  const auto& shape = work.shape;
  const auto& local = work.local;
  const std::size_t models = shape.models();
  const Repeat<Real> now{work, readout_network(scheme, repeat, code_size(scheme, models), shape.m(), shape.k),
                         model_codes(scheme, repeat, models, work.signatures)};
  const auto sources = own_descents(now, local.features), moved = own_descents(now, local.moved);
  const auto& targets = local.moved.empty() ? sources : moved;
  LocalRecords records(local.count(), DeltaRecord(models, scheme.twin));
  for (std::size_t i = 0; i < local.count(); ++i) {
    records[i].repeat = static_cast<std::size_t>(repeat);
    records[i].model = local.number(i);
  }
  for (const auto& batch : work.batches) {
    heed(work.context);
    run_pairs(now, batch, sources, targets, records);
    if (!scheme.twin) continue;
    heed(work.context);
    run_source_twins(now, batch, sources, records);
    heed(work.context);
    run_target_twins(now, batch, records);
  }
  for (std::size_t i = 0; i < local.moved.size(); ++i) {
    records[i].source = own_step_on(now, i, local.features[i], sources[i]);
    records[i].target = own_step_on(now, i, local.moved[i], moved[i]);
  }
  return records;
}

template <class Real>
void sit_out_repeat(const DeltaWork<Real>& work) {
  const std::size_t each = work.scheme.twin ? 3 : 1;
  for (std::size_t i = 0; i < each * work.batches.size(); ++i) heed(work.context);
}

template std::vector<DeltaRecord> run_repeat(const DeltaWork<float>&, int);
template std::vector<DeltaRecord> run_repeat(const DeltaWork<double>&, int);
template void sit_out_repeat(const DeltaWork<float>&);
template void sit_out_repeat(const DeltaWork<double>&);

}  // namespace hypercast::similarity
