#include "train/state.hpp"

#include "hyper/difference.hpp"

namespace hypercast::train {

namespace {

void put_values(io::Archive& archive, const std::string& name, const Buffer<float>& values) {
  archive.put(name, {static_cast<std::int64_t>(values.size())}, std::span<const float>(values));
}

Buffer<float> values_of(const io::Archive& archive, const std::string& name) {
  const auto values = archive.values<float>(name);
  return {values.begin(), values.end()};
}

hyper::StoredModel model_of(const io::Archive& archive, const std::string& name,
                            const std::string& model_deck, const hyper::ModelFacts& facts) {
  auto stored = hyper::get_model(archive);
  const auto difference = hyper::mismatch(model_deck, facts, stored.deck, stored.facts);
  if (!difference.empty()) throw UserError(Exit::refused, name + " is of another model: " + difference);
  return stored;
}

}  // namespace

namespace {

// The same state with `change` made to its parameters and what belongs to each of them.
template <class Change>
State changed(const State& state, const Change& change) {
  State other(change(state.phi));
  other.stage = state.stage;
  other.step = state.step;
  other.earlier = state.earlier;
  other.first_moment = change(state.first_moment);
  other.second_moment = change(state.second_moment);
  if (!state.best.empty()) other.best = change(state.best);
  other.best_error = state.best_error;
  other.file = state.file;
  return other;
}

}  // namespace

State part_of(const Shards& shards, const State& whole) {
  return changed(
      whole, [&](const Buffer<float>& values) { return part_of(shards, std::span<const float>(values)); });
}

State gather_on_root(const Comm& comm, const Shards& shards, const State& part) {
  return changed(part, [&](const Buffer<float>& values) {
    return gather_on_root(comm, shards, std::span<const float>(values));
  });
}

State gather_everywhere(const Comm& comm, const Shards& shards, const State& part) {
  return changed(part, [&](const Buffer<float>& values) {
    return gather_everywhere(comm, shards, std::span<const float>(values));
  });
}

State State::following() const {
  State next(Buffer<float>{});
  next.stage = stage + 1;
  next.earlier = steps();
  next.file = file;
  return next;
}

void put_state(io::Archive& archive, const State& state) {
  archive.put_number("train/stage", state.stage);
  archive.put_number("train/step", static_cast<double>(state.step));
  archive.put_number("train/earlier", static_cast<double>(state.earlier));
  put_values(archive, "train/first_moment", state.first_moment);
  put_values(archive, "train/second_moment", state.second_moment);
  if (state.best.empty()) return;
  put_values(archive, "train/best", state.best);
  archive.put_number("train/best_error", state.best_error);
}

State get_state(const io::Archive& archive, const std::string& name, Buffer<float> phi) {
  State state(std::move(phi));
  state.file = name;
  state.stage = static_cast<int>(archive.number("train/stage"));
  state.step = static_cast<std::int64_t>(archive.number("train/step"));
  state.earlier = static_cast<std::int64_t>(archive.number("train/earlier"));
  state.first_moment = values_of(archive, "train/first_moment");
  state.second_moment = values_of(archive, "train/second_moment");
  if (archive.entries().contains("train/best")) {
    state.best = values_of(archive, "train/best");
    state.best_error = archive.number("train/best_error");
  }
  const std::size_t size = state.phi.size();
  if (state.first_moment.size() != size || state.second_moment.size() != size ||
      (!state.best.empty() && state.best.size() != size))
    throw UserError(Exit::refused, name + ": parameters and optimiser state differ in size");
  return state;
}

io::Archive to_archive(const State& state, hyper::StoredModel model) {
  model.phi = state.phi;
  io::Archive archive;
  hyper::put_model(archive, model);
  put_state(archive, state);
  return archive;
}

Buffer<float> parameters(const io::Archive& archive, const std::string& name, const std::string& model_deck,
                         const hyper::ModelFacts& facts) {
  return model_of(archive, name, model_deck, facts).phi;
}

hyper::StoredModel same_model(const io::Archive& archive, const std::string& name,
                              const std::string& model_deck, const hyper::ModelFacts& facts) {
  auto stored = model_of(archive, name, model_deck, facts);
  const auto difference = hyper::data_difference(facts, stored.facts);
  if (!difference.empty())
    throw UserError(Exit::refused, name + " was trained on other data (" + difference +
                                       "); to start from its parameters use [train] init_from");
  return stored;
}

State from_archive(const io::Archive& archive, const std::string& name, const std::string& model_deck,
                   const hyper::ModelFacts& facts) {
  return get_state(archive, name, same_model(archive, name, model_deck, facts).phi);
}

}  // namespace hypercast::train
