#pragma once
// All that training changes from step to step; with the deck it determines the rest of the run. Every rank
// holds its part of the parameters (train/shards.hpp), from the start to the end: nobody ever has them whole.
// A checkpoint holds them in one piece, whatever the ranks, and beside the model
//
//   train/stage, train/step, train/earlier      see State
//   train/params                                of this stage, where they are not model/phi
//   train/first_moment, train/second_moment     [params]
//   train/best, train/best_error                with LoopOptions::keep_best, once there was a validation

#include <limits>
#include <optional>
#include <set>

#include "hyper/model_file.hpp"
#include "io/checkpoint.hpp"
#include "train/shards.hpp"

namespace hypercast::train {

struct State {
  int stage = 0;                                   // of several that follow each other (train/latent.hpp)
  std::int64_t step = 0;                           // steps done in this stage
  std::int64_t earlier = 0;                        // steps of the stages before
  Shards shards;                                   // how the following are divided
  Buffer<float> phi, first_moment, second_moment;  // of this stage: this rank's part
  Buffer<float> best;                              // what validated best; empty: nothing did yet
  double best_error = std::numeric_limits<double>::infinity();
  std::string file;  // the checkpoint that holds this run's latest state; empty: none yet

  State(Shards divided, Buffer<float> start)
      : shards(std::move(divided)),
        phi(std::move(start)),
        first_moment(phi.size()),
        second_moment(phi.size()) {}

  std::int64_t steps() const { return earlier + step; }  // in all
  // Where the next stage begins, before anything is known of what it trains: phi is empty.
  State following() const;
  // The step that a resumed run goes on from; nothing for a fresh start.
  std::optional<std::int64_t> resumed() const { return file.empty() ? std::nullopt : std::optional(steps()); }
};

// MiB of a rank, or of the one with most rows, that hold parameters, their moments, and the gradient of those
// that are everybody's, or of all where it is `stored` (train/sharded_map.hpp).
double state_memory(const Shards& shards, bool stored);
std::string memory_text(const Shards& shards, bool stored);  // the same for people

// phi as training begins.
State initial_state(const Shards& shards, const hyper::Model<float>& model, std::int64_t seed);

// --- to a checkpoint
inline constexpr const char* params_entry = "train/params";
// Counters and errors.
void put_state(io::Archive& archive, const State& state);
// Parameters (under the name `params`) and what belongs to each of them, borrowed. To hand them over is
// COLLECTIVE over `group`, the ranks that they are divided among, whose rank 0 gets them.
io::Streams streams_of(const Comm& group, const State& state, const char* params);

// --- from a checkpoint
// What rank 0 of each group then reads piece by piece and deals out to its ranks, which are those that the
// parameters are divided among: thousands of ranks need not open one file.
std::set<std::string> divided_entries();

// The model, to go on from. UserError (Exit::refused) with the first difference when it is another model or
// was trained on other data.
hyper::StoredModel same_model(const io::Checkpoint& from, const std::string& model_deck,
                              const hyper::ModelFacts& facts);
// The same on whatever data.
hyper::StoredModel same_deck(const io::Checkpoint& from, const std::string& model_deck,
                             const hyper::ModelFacts& facts);
// COLLECTIVE. This rank's part of one of divided_entries(). UserError (Exit::refused) when it has another
// size.
Buffer<float> stored_part(const Comm& group, const io::Checkpoint& from, const std::string& name,
                          const Shards& shards);
// COLLECTIVE. The state, whose parameters are called `params`; likewise.
State stored_state(const Comm& group, const io::Checkpoint& from, const char* params, const Shards& shards);

}  // namespace hypercast::train
