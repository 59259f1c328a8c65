#pragma once
// Rows of models that all ranks know, each kept by the rank that owns it.

#include <vector>

#include "similarity/store.hpp"

// Of models with a `width` and `values` [n][width].
template <class Model>
hypercast::similarity::Stored rows_of(const hypercast::Comm& comm, std::int64_t n,
                                      const std::vector<Model>& models) {
  using namespace hypercast::similarity;
  std::vector<std::size_t> widths;
  for (const auto& model : models) widths.push_back(model.width);
  const Ownership ownership(widths, comm);
  std::vector<std::optional<Store>> own(models.size());
  for (std::size_t j = 0; j < models.size(); ++j)
    if (ownership.has(j)) own[j] = stored(models[j].values, n, models[j].width);
  return {n, std::move(widths), ownership, std::move(own)};
}
