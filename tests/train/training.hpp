#pragma once
// Small trainings for tests.

#include <gtest/gtest.h>

#include "room.hpp"
#include "synthetic.hpp"
#include "train/frame_loss.hpp"
#include "train/loop.hpp"

namespace training {

using namespace hypercast;
using namespace hypercast::train;

inline Schema schema_of_models() {
  Schema schema;
  hyper::add_model_sections(schema);
  return schema;
}

inline Deck deck_for(const Schema& schema, const std::string& encoder, const std::string& head,
                     int width = 8) {
  return Deck(schema,
              "[inr.siren]\nwidth = " + std::to_string(width) + "\ndepth = 2\n[condition]\nencoder = \"" +
                  encoder + "\"\n[hypernetwork]\nwidth = 6\nhead = \"" + head +
                  "\"\n[hypernetwork.low_rank]\nrank = 2\n",
              "test.toml");
}

inline TrainOptions small_options() {
  TrainOptions options;
  options.steps = 5;
  options.batch = 7;
  options.frames_per_leaf = 2;
  options.points = 13;
  options.warmup = 2;
  options.validate_every = 0;
  options.metrics_every = 100;
  return options;
}

struct Trained {
  std::vector<float> phi;
  std::vector<float> gradient;
  double loss, error, norm;
};

inline Trained run_on(MPI_Comm parent, const std::filesystem::path& folder, const std::string& encoder,
                      const std::string& head, const TrainOptions& options, int ranks_per_node = 0,
                      int width = 8) {
  Room room(parent, ranks_per_node);
  const Schema schema = schema_of_models();
  const Deck deck = deck_for(schema, encoder, head, width);
  const auto condition = hyper::conditioning_of(deck);
  Dataset data(room.context, window_frames(room.comm, folder, {}, condition), {}, condition);
  if (const int most = hyper::wanted_rates(deck); most > 0) data.find_rates(room.comm, most);
  const auto model = condition.kind == hyper::Condition::code
                         ? hyper::make_auto_decoder<float>(deck, data.facts())
                         : hyper::make_model<float>(deck, data.facts());
  FrameLoss loss_of(room.context, data, model, options);
  State state = part_of(loss_of.shards(), State(model.initial(options.seed)));
  const double loss = loss_of.evaluate(3, state.phi);
  const auto d_phi = gather_everywhere(loss_of.group(), loss_of.shards(), loss_of.gradient(state.phi));
  const double norm = loss_of.gradient_norm(state.phi);
  Loop loop(
      room.context, loss_of, options, 1e9, [](const State&) { return ""; }, nullptr);
  EXPECT_EQ(loop.run(state), Exit::ok);
  const double error = loss_of.validate(state.phi);
  state = gather_everywhere(loss_of.group(), loss_of.shards(), state);
  return {{state.phi.begin(), state.phi.end()}, {d_phi.begin(), d_phi.end()}, loss, error, norm};
}

}  // namespace training
