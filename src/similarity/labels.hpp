#pragma once
// Which class each row belongs to, and whether the rows of all models are the same inputs.

#include "similarity/models.hpp"

namespace hypercast::similarity {

struct Labels {
  int classes = 0;
  std::vector<std::vector<int>> of;  // [1] shared by all models, or [M]; each [n]
  bool empty() const { return of.empty(); }
  const std::vector<int>& model(std::size_t j) const { return of.size() == 1 ? of[0] : of[j]; }
};

// COLLECTIVE. What the files say of all `samples` inputs: one list for all models, or one for each, or none.
// UserError (data) when a list has another length or is not whole numbers from 0 on, or some models have
// none.
using LabelLists = std::vector<std::vector<std::int64_t>>;
LabelLists read_labels(const Comm& comm, const std::vector<ModelEntry>& models, std::int64_t samples);

// Of some inputs, `each` rows of features for every one. Classes are numbered by their labels, rising, over
// all models.
Labels labels_of(const LabelLists& lists, const std::vector<std::int64_t>& inputs, std::int64_t each);

// COLLECTIVE. UserError (refused) when the ids of two models differ, naming models and row; models without
// ids are not asked.
void check_ids(const Comm& comm, const std::vector<ModelEntry>& models, std::int64_t samples);

}  // namespace hypercast::similarity
