#pragma once
// All that training changes from step to step; with the deck it determines the rest of the run.
//
//   train/step, train/first_moment [params], train/second_moment [params] beside the model in the checkpoint

#include "hyper/model_file.hpp"

namespace hypercast::train {

struct State {
  std::int64_t step = 0;  // steps done
  Buffer<float> phi, first_moment, second_moment;
  std::string file;  // the checkpoint that holds this run's latest state; empty: none yet

  explicit State(Buffer<float> start)
      : phi(std::move(start)), first_moment(phi.size()), second_moment(phi.size()) {}
};

// `model`: what does not change; its phi is ignored.
io::Archive to_archive(const State& state, hyper::StoredModel model);

// The state of a checkpoint, to go on from. UserError (Exit::refused) with the first difference when it is of
// another model or was trained on other data; `name` is the file's.
State from_archive(const io::Archive& archive, const std::string& name, const std::string& model_deck,
                   const hyper::ModelFacts& facts);

// Its parameters alone, to start from on whatever data. UserError (Exit::refused) when it is of another
// model.
Buffer<float> parameters(const io::Archive& archive, const std::string& name, const std::string& model_deck,
                         const hyper::ModelFacts& facts);

}  // namespace hypercast::train
