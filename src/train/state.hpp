#pragma once
// All that training changes from step to step; with the deck it determines the rest of the run. While it
// trains, every rank holds its part of the parameters (train/shards.hpp); a checkpoint holds them whole, and
// beside the model
//
//   train/stage, train/step, train/earlier      see State
//   train/params                                of this stage, where they are not model/phi
//   train/first_moment, train/second_moment     [params]
//   train/best, train/best_error                with LoopOptions::keep_best, once there was a validation

#include <limits>
#include <optional>

#include "hyper/model_file.hpp"
#include "train/shards.hpp"

namespace hypercast::train {

struct State {
  int stage = 0;                                   // of several that follow each other (train/latent.hpp)
  std::int64_t step = 0;                           // steps done in this stage
  std::int64_t earlier = 0;                        // steps of the stages before
  Buffer<float> phi, first_moment, second_moment;  // of this stage
  Buffer<float> best;                              // what validated best; empty: nothing did yet
  double best_error = std::numeric_limits<double>::infinity();
  std::string file;  // the checkpoint that holds this run's latest state; empty: none yet

  explicit State(Buffer<float> start)
      : phi(std::move(start)), first_moment(phi.size()), second_moment(phi.size()) {}

  std::int64_t steps() const { return earlier + step; }  // in all
  // Where the next stage begins, before anything is known of what it trains: phi is empty.
  State following() const;
  // The step that a resumed run goes on from; nothing for a fresh start.
  std::optional<std::int64_t> resumed() const { return file.empty() ? std::nullopt : std::optional(steps()); }
};

// This rank's part of a whole state.
State part_of(const Shards& shards, const State& whole);
// COLLECTIVE. The whole state from its parts, on rank 0 (elsewhere without parameters) or on every rank.
State gather_on_root(const Comm& comm, const Shards& shards, const State& part);
State gather_everywhere(const Comm& comm, const Shards& shards, const State& part);

// Everything but phi.
void put_state(io::Archive& archive, const State& state);
// The state of a checkpoint whose parameters are phi. UserError (Exit::refused) when the sizes do not fit.
State get_state(const io::Archive& archive, const std::string& name, Buffer<float> phi);

// Of a model whose phi is what is trained. `model`: what does not change; its phi is ignored.
io::Archive to_archive(const State& state, hyper::StoredModel model);

// The model of a checkpoint, to go on from. UserError (Exit::refused) with the first difference when it is
// another model or was trained on other data; `name` is the file's.
hyper::StoredModel same_model(const io::Archive& archive, const std::string& name,
                              const std::string& model_deck, const hyper::ModelFacts& facts);

// The state of a checkpoint of to_archive(), likewise.
State from_archive(const io::Archive& archive, const std::string& name, const std::string& model_deck,
                   const hyper::ModelFacts& facts);

// Its parameters alone, to start from on whatever data. UserError (Exit::refused) when it is of another
// model.
Buffer<float> parameters(const io::Archive& archive, const std::string& name, const std::string& model_deck,
                         const hyper::ModelFacts& facts);

}  // namespace hypercast::train
