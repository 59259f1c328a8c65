#pragma once
// A model in a checkpoint: the one place that knows under which names its parts lie.
//
//   model/phi                float32 [params], the parameters, encoder then trunk then head
//   model/layout             what lies where in phi: a line "name offset rows columns" for each block
//   model/deck               the model's deck sections as text
//   model/facts/...          what the training data said (names, normalisation, grid, window, conditions)

#include <string>

#include "hyper/model.hpp"
#include "io/archive.hpp"

namespace hypercast::hyper {

struct StoredModel {
  std::string deck;    // see model_deck()
  std::string layout;  // see layout_text()
  ModelFacts facts;
};

std::string name_of(Condition condition);  // "time", "index", "code"

// All but phi, which may be too large for one rank.
void put_model(io::Archive& archive, const StoredModel& model);
// UserError (Exit::refused) when the archive holds no model.
StoredModel get_model(const io::Archive& archive);

inline constexpr const char* phi_entry = "model/phi";
void put_phi(io::Archive& archive, std::span<const float> phi);
// UserError (Exit::refused) when there is none.
Buffer<float> get_phi(const io::Archive& archive);

}  // namespace hypercast::hyper
