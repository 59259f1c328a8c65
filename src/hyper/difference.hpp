#pragma once
// Whether what one model learned can be used by another.

#include <string>

#include "hyper/model.hpp"

namespace hypercast::hyper {

// What keeps phi of one model from fitting the other, in one line; empty when it fits. The decks are texts of
// model_deck().
std::string mismatch(const std::string& deck, const ModelFacts& facts, const std::string& other_deck,
                     const ModelFacts& other_facts);

// What differs in the data that two models were made for: grid, frames, normalisation; empty when nothing
// does. Training can only go on with the same data, since phi means something else with others.
std::string data_difference(const ModelFacts& a, const ModelFacts& b);

}  // namespace hypercast::hyper
