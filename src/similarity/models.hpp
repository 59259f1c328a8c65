#pragma once
// Which models are compared: the features of [similarity], wildcards spelled out.

#include <optional>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "similarity/features.hpp"
#include "similarity/inr_source.hpp"
#include "similarity/options.hpp"

namespace hypercast::similarity {

struct ModelEntry {
  std::string name, group, layer;  // group and layer may be empty
  std::string place;               // io/array.hpp, or of an INR, for people
  std::string labels, ids;         // places; empty: none
  Layout layout;                   // of an array
  std::optional<InrPlace> inr;
};

struct ModelList {
  std::vector<ModelEntry> entries;
  Open open;  // their features
};

// COLLECTIVE. Features of files, then INRs; in the order of the deck, matches of a pattern in natural order.
// UserError: no_input when a pattern matches nothing; data when two models have one name, or a template asks
// for a wildcard that the pattern does not have.
ModelList list_models(const Comm& comm, const Deck& deck, const SimilarityOptions& options);

// What stands in templates for {1}, {2} .., and for other names.
struct Parts {
  std::vector<std::string> wildcards;
  std::vector<std::pair<std::string, std::string>> named;
};
// `text` with all of them replaced. UserError (Exit::data) when one is not known.
std::string filled(const std::string& text, const Parts& parts);

}  // namespace hypercast::similarity
