#include "similarity/delta/local_models.hpp"

#include <algorithm>

namespace hypercast::similarity {

RankGroup rank_group(const Comm& comm, const Ownership& ownership, std::size_t models, int repeats) {
  const int each = static_cast<int>(models), count = std::clamp(comm.size() / each, 1, repeats);
  std::vector<int> ranks;
  for (int j = 0; j < each; ++j)
    ranks.push_back(count == 1 ? ownership.owner(static_cast<std::size_t>(j)) : j);
  if (count == 1) return {1, 0, comm.split(0, comm.rank()), ownership.mine(), std::move(ranks), true};
  const int number = std::min(comm.rank() / each, count - 1);
  const int place = comm.rank() - number * each;  // some of the last group stay idle
  const Range models_here = place < each ? Range{place, place + 1} : Range{};
  return {count, number, comm.split(number, comm.rank()), models_here, std::move(ranks), false};
}

namespace {

using Order = std::span<const std::int64_t>;

// Blocks of one model's rows that this rank owns.
Pass own_rows(const Rows& rows, Order order, std::int64_t block, std::size_t model) {
  return [&rows, order, block, model](const SeeRows& see) {
    Buffer<double> panel;
    for (const auto& range : blocks_of(static_cast<std::int64_t>(order.size()), block)) {
      panel.resize(static_cast<std::size_t>(range.size()) * rows.widths()[model]);
      rows.read(model, order.subspan(range.begin, range.size()), panel);
      see(range.begin, panel);
    }
  };
}

// COLLECTIVE when called. Blocks of one model's rows, whoever owns them.
Pass streamed_rows(const Context& context, const Rows& rows, Order order, std::int64_t block,
                   std::size_t model) {
  return [&context, &rows, order, block, model](const SeeRows& see) {
    const auto blocks = blocks_of(static_cast<std::int64_t>(order.size()), block);
    Buffer<double> panel;  // starts on a cache line, as those of own_rows do
    stream<double>(context, rows, order, blocks, [&](const RowBlock<double>& seen) {
      panel.assign(seen.panels[model].begin(), seen.panels[model].end());
      see(seen.begin, panel);
    });
  };
}

}  // namespace

template <class Real>
std::vector<ReadoutFeatures<Real>> local_features(const Context& context, const Rows& rows, Order order,
                                                  const DeltaScheme& scheme, const DeltaShape& shape,
                                                  const RankGroup& group, const Resources& resources) {
  const auto block = rows_at_once(shape, resources);
  const auto room = room_for(bytes_of_features(scheme, shape, group.models), resources);
  std::vector<ReadoutFeatures<Real>> features;
  const auto make = [&](std::size_t model, const Pass& pass) {
    features.push_back(make_features<Real>(scheme, shape.features, rows.widths()[model], pass, room));
  };
  if (group.owns) {
    each_own_model(context, rows, [&](std::size_t j) { make(j, own_rows(rows, order, block, j)); });
    return features;
  }
  if (group.models.size() > 0) {
    const auto model = static_cast<std::size_t>(group.models.begin);
    make(model, streamed_rows(context, rows, order, block, model));
  } else {  // takes part in what others stream
    for (int pass = 0; pass < feature_passes; ++pass)
      streamed_rows(context, rows, order, block, 0)([](auto, auto) {});
  }
  return features;
}

template std::vector<ReadoutFeatures<float>> local_features(const Context&, const Rows&, Order,
                                                            const DeltaScheme&, const DeltaShape&,
                                                            const RankGroup&, const Resources&);
template std::vector<ReadoutFeatures<double>> local_features(const Context&, const Rows&, Order,
                                                             const DeltaScheme&, const DeltaShape&,
                                                             const RankGroup&, const Resources&);

}  // namespace hypercast::similarity
