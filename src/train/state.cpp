#include "train/state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hyper/difference.hpp"

namespace hypercast::train {

namespace {

constexpr const char* first_entry = "train/first_moment";
constexpr const char* second_entry = "train/second_moment";
constexpr const char* best_entry = "train/best";

}  // namespace

State State::following() const {
  State next({}, {});
  next.stage = stage + 1;
  next.earlier = steps();
  next.file = file;
  return next;
}

double state_memory(const Shards& shards, bool stored) {
  std::int64_t most = 0;
  for (const Range& rows : shards.of_rank) most = std::max(most, rows.size());
  const auto divided = static_cast<double>(most) * static_cast<double>(shards.width + 1);
  const double numbers = (stored ? 4 : 3) * divided + 4 * static_cast<double>(shards.replicated);
  return sizeof(float) * numbers / (1 << 20);
}

std::string memory_text(const Shards& shards, bool stored) {
  const auto divided = shards.rows == 0
                           ? std::string()
                           : fmt::format(", the head's rows divided by {}", shards.of_rank.size());
  return fmt::format("{:.1f} MiB a rank for parameters and Adam's moments{}", state_memory(shards, stored),
                     divided);
}

State initial_state(const Shards& shards, const hyper::Model<float>& model, std::int64_t seed) {
  Buffer<float> phi(shards.local());
  const std::span<float> to(phi);
  model.initialise({shards.small(to), static_cast<std::size_t>(shards.mine.begin),
                    static_cast<std::size_t>(shards.mine.end), shards.weights(to), shards.biases(to)},
                   static_cast<std::uint64_t>(seed));
  return {shards, std::move(phi)};
}

void put_state(io::Archive& archive, const State& state) {
  archive.put_number("train/stage", state.stage);
  archive.put_number("train/step", static_cast<double>(state.step));
  archive.put_number("train/earlier", static_cast<double>(state.earlier));
  if (!state.best.empty()) archive.put_number("train/best_error", state.best_error);
}

io::Streams streams_of(const Comm& group, const State& state, const char* params) {
  const Shards& shards = state.shards;
  const auto stream = [&](std::span<const float> part) {
    return io::Stream{
        static_cast<std::int64_t>(shards.whole()),
        [&group, &shards, part](const io::Stream::Sink& sink) { collect(group, shards, part, sink); }};
  };
  io::Streams streams{{params, stream(state.phi)},
                      {first_entry, stream(state.first_moment)},
                      {second_entry, stream(state.second_moment)}};
  if (!state.best.empty()) streams[best_entry] = stream(state.best);
  return streams;
}

std::set<std::string> divided_entries() {
  return {hyper::phi_entry, params_entry, first_entry, second_entry, best_entry};
}

hyper::StoredModel same_deck(const io::Checkpoint& from, const std::string& model_deck,
                             const hyper::ModelFacts& facts) {
  auto stored = hyper::get_model(from.archive);
  const auto difference = hyper::mismatch(model_deck, facts, stored.deck, stored.facts);
  if (!difference.empty()) throw UserError(Exit::refused, from.file + " is of another model: " + difference);
  return stored;
}

hyper::StoredModel same_model(const io::Checkpoint& from, const std::string& model_deck,
                              const hyper::ModelFacts& facts) {
  auto stored = same_deck(from, model_deck, facts);
  const auto difference = hyper::data_difference(facts, stored.facts);
  if (!difference.empty())
    throw UserError(Exit::refused, from.file + " was trained on other data (" + difference +
                                       "); to start from its parameters use [train] init_from");
  return stored;
}

Buffer<float> stored_part(const Comm& group, const io::Checkpoint& from, const std::string& name,
                          const Shards& shards) {
  const io::ArrayInFile& array = from.array(name);
  if (array.size != static_cast<std::int64_t>(shards.whole()))
    throw UserError(Exit::refused, fmt::format("{}: {} holds {} numbers where {} are trained", from.file,
                                               name, array.size, shards.whole()));
  std::int64_t at = 0;
  return distribute(group, shards, [&](std::span<float> piece) {
    array.read(at, piece);
    at += static_cast<std::int64_t>(piece.size());
  });
}

State stored_state(const Comm& group, const io::Checkpoint& from, const char* params, const Shards& shards) {
  const auto part = [&](const char* name) { return stored_part(group, from, name, shards); };
  State state({}, {});  // without memory for moments that are still to come
  state.shards = shards;
  state.file = from.file;
  state.stage = static_cast<int>(from.archive.number("train/stage"));
  state.step = static_cast<std::int64_t>(from.archive.number("train/step"));
  state.earlier = static_cast<std::int64_t>(from.archive.number("train/earlier"));
  state.phi = part(params);
  state.first_moment = part(first_entry);
  state.second_moment = part(second_entry);
  if (from.arrays.contains(best_entry)) {
    state.best = part(best_entry);
    state.best_error = from.archive.number("train/best_error");
  }
  return state;
}

}  // namespace hypercast::train
