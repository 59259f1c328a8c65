#include "train/state.hpp"

#include "hyper/difference.hpp"

namespace hypercast::train {

io::Archive to_archive(const State& state, hyper::StoredModel model) {
  model.phi = state.phi;
  io::Archive archive;
  hyper::put_model(archive, model);
  const auto size = static_cast<std::int64_t>(state.phi.size());
  archive.put_number("train/step", static_cast<double>(state.step));
  archive.put("train/first_moment", {size}, std::span<const float>(state.first_moment));
  archive.put("train/second_moment", {size}, std::span<const float>(state.second_moment));
  return archive;
}

namespace {

hyper::StoredModel model_of(const io::Archive& archive, const std::string& name,
                            const std::string& model_deck, const hyper::ModelFacts& facts) {
  auto stored = hyper::get_model(archive);
  const auto difference = hyper::mismatch(model_deck, facts, stored.deck, stored.facts);
  if (!difference.empty()) throw UserError(Exit::refused, name + " is of another model: " + difference);
  return stored;
}

}  // namespace

Buffer<float> parameters(const io::Archive& archive, const std::string& name, const std::string& model_deck,
                         const hyper::ModelFacts& facts) {
  return model_of(archive, name, model_deck, facts).phi;
}

State from_archive(const io::Archive& archive, const std::string& name, const std::string& model_deck,
                   const hyper::ModelFacts& facts) {
  const auto stored = model_of(archive, name, model_deck, facts);
  const auto difference = hyper::data_difference(facts, stored.facts);
  if (!difference.empty())
    throw UserError(Exit::refused, name + " was trained on other data (" + difference +
                                       "); to start from its parameters use [train] init_from");
  State state(stored.phi);
  state.file = name;
  const auto first = archive.values<float>("train/first_moment");
  const auto second = archive.values<float>("train/second_moment");
  if (first.size() != state.phi.size() || second.size() != state.phi.size())
    throw UserError(Exit::refused, name + ": parameters and optimiser state differ in size");
  state.first_moment.assign(first.begin(), first.end());
  state.second_moment.assign(second.begin(), second.end());
  state.step = static_cast<std::int64_t>(archive.number("train/step"));
  return state;
}

}  // namespace hypercast::train
