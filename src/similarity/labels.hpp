#pragma once
// Which class each row belongs to, and whether the rows of all models are the same inputs.

#include "similarity/compare.hpp"
#include "similarity/models.hpp"

namespace hypercast::similarity {

// COLLECTIVE. Of rows `numbers` in the files, which hold labels of `samples`, `each` rows of features a
// sample (places of an image share its label). Classes are numbered by their labels, rising, over all models.
// Empty when the deck names no labels. UserError (data) when a list has another length, or is not whole
// numbers.
Labels read_labels(const Comm& comm, const std::vector<ModelEntry>& models, std::int64_t samples,
                   std::int64_t each, const std::vector<std::int64_t>& numbers);

// COLLECTIVE. UserError (refused) when the ids of two models differ, naming models and row.
void check_ids(const Comm& comm, const std::vector<ModelEntry>& models, std::int64_t samples);

}  // namespace hypercast::similarity
