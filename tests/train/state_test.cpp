#include "train/state.hpp"

#include <gtest/gtest.h>

#include "synthetic.hpp"
#include "test_world.hpp"
#include "train/sharded_map.hpp"

using namespace hypercast;
using namespace hypercast::train;

namespace {

Schema schema_of_models() {
  Schema schema;
  hyper::add_model_sections(schema);
  return schema;
}

Deck deck_for(const Schema& schema, const std::string& head, int width = 24) {
  return Deck(schema,
              "[inr.siren]\nwidth = " + std::to_string(width) +
                  "\ndepth = 2\n[hypernetwork]\nwidth = 6\nhead = \"" + head + "\"\n",
              "test.toml");
}

hyper::ModelFacts small_facts() {
  hyper::ModelFacts facts;
  facts.channels = {"u"};
  facts.mean = {0};
  facts.scale = {1};
  facts.axes = synthetic::layout(8, 2, 1).axes;
  return facts;
}

// A state in which no two numbers are alike, and nothing depends on how it is divided.
State made_state(const Comm& comm, const hyper::Model<float>& model) {
  State state = initial_state(shards_of(comm, model.hypernetwork), model, 3);
  state.step = 41;
  state.best_error = 0.25;
  for (std::size_t i = 0; i < state.phi.size(); ++i) {
    state.first_moment[i] = 2 * state.phi[i] + 1;
    state.second_moment[i] = 3 * state.phi[i] + 1;
  }
  state.best = state.first_moment;
  return state;
}

}  // namespace

TEST(State, BeginsWithTheSameNumbersHoweverItIsDivided) {
  const Schema schema = schema_of_models();
  for (const auto& head : hyper::head_registry().names()) {
    const auto model = hyper::make_model<float>(deck_for(schema, head), small_facts());
    const auto whole = model.initial(3);
    const State state = initial_state(shards_of(test_world(), model.hypernetwork), model, 3);
    EXPECT_EQ(gather_everywhere(test_world(), state.shards, state.phi), whole) << head;
    EXPECT_EQ(state.phi.size(), state.shards.local()) << head;
  }
}

TEST(State, GoesOnOnAnyNumberOfRanks) {
  const Comm& world = test_world();
  const auto file = synthetic::folder(world, "state") / "a.h5";
  const Schema schema = schema_of_models();
  const Deck deck = deck_for(schema, "full", 40);
  const auto facts = small_facts();
  const auto model = hyper::make_model<float>(deck, facts);
  const State state = made_state(world, model);
  io::Archive archive;
  hyper::put_model(archive, {hyper::model_deck(deck), hyper::layout_text(model), facts});
  put_state(archive, state);
  const auto streams = streams_of(world, state, hyper::phi_entry);
  if (world.is_root()) io::write_checkpoint(file, archive, {}, streams);
  if (!world.is_root())
    for (const auto& [name, stream] : streams) stream.hand_over([](auto) { FAIL(); });
  world.barrier();
  const Comm self = Comm::self();
  for (const Comm* comm : {&world, &self}) {
    const auto from = io::open_checkpoint(*comm, file, divided_entries());
    EXPECT_EQ(from.arrays.size(), 4u);
    const State expected = made_state(*comm, model),
                back = stored_state(*comm, from, hyper::phi_entry, expected.shards);
    EXPECT_EQ(back.step, 41);
    EXPECT_EQ(back.file, file);
    EXPECT_EQ(back.best_error, 0.25);
    EXPECT_EQ(back.phi, expected.phi);
    // What lies between the replicated numbers and the rows is nobody's.
    const auto whole = [&](const Buffer<float>& part) { return gather_everywhere(*comm, back.shards, part); };
    EXPECT_EQ(whole(back.first_moment), whole(expected.first_moment));
    EXPECT_EQ(whole(back.second_moment), whole(expected.second_moment));
    EXPECT_EQ(whole(back.best), whole(expected.best));
    EXPECT_THROW(stored_part(*comm, from, hyper::phi_entry, replicate(*comm, 7)), UserError);
  }
  world.barrier();
  if (world.is_root()) std::filesystem::remove_all(file.parent_path());
}

TEST(State, AnotherModelIsRefused) {
  const Schema schema = schema_of_models();
  const std::string full = hyper::model_deck(deck_for(schema, "full")),
                    last = hyper::model_deck(deck_for(schema, "last_layer"));
  const auto facts = small_facts();
  auto other = facts;
  other.window_end = 2;
  io::Checkpoint from{"file", {}, {}};
  hyper::put_model(from.archive, {full, "", facts});
  EXPECT_EQ(same_model(from, full, facts).deck, full);
  EXPECT_THROW(same_model(from, full, other), UserError) << "other data";
  EXPECT_EQ(same_deck(from, full, other).deck, full);
  try {
    same_model(from, last, facts);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), Exit::refused);
  }
}
