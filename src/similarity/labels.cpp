#include "similarity/labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "io/on_root.hpp"
#include "similarity/source.hpp"

namespace hypercast::similarity {

namespace {

// COLLECTIVE. A list out of a file, a number a sample.
std::vector<std::int64_t> list_of(const Comm& comm, const std::string& place, std::int64_t samples) {
  std::vector<std::int64_t> list;
  io::on_root(comm, [&] {
    list = whole_numbers(place);
    if (static_cast<std::int64_t>(list.size()) != samples)
      throw UserError(Exit::data, fmt::format("{} has {} numbers, the features are of {} inputs", place,
                                              list.size(), samples));
  });
  return comm.all_gather<std::int64_t>(list);  // of rank 0 alone
}

}  // namespace

Labels read_labels(const Comm& comm, const std::vector<ModelEntry>& models, std::int64_t samples,
                   std::int64_t each, const std::vector<std::int64_t>& numbers) {
  Labels labels;
  const auto unlabelled =
      std::find_if(models.begin(), models.end(), [](const auto& m) { return m.labels.empty(); });
  if (std::all_of(models.begin(), models.end(), [](const auto& m) { return m.labels.empty(); }))
    return labels;
  if (unlabelled != models.end()) throw UserError(Exit::data, "no labels for " + unlabelled->name);
  const bool shared =
      std::all_of(models.begin(), models.end(), [&](const auto& m) { return m.labels == models[0].labels; });
  std::vector<std::vector<std::int64_t>> lists;
  for (const auto& model : models) {
    if (shared && !lists.empty()) break;
    const auto list = list_of(comm, model.labels, samples);
    auto& used = lists.emplace_back();
    for (const auto row : numbers) used.push_back(list[row / each]);
  }
  std::map<std::int64_t, int> classes;
  for (const auto& list : lists)
    for (const auto label : list) classes.emplace(label, 0);
  for (auto& [label, number] : classes) number = labels.classes++;
  for (const auto& list : lists) {
    auto& of = labels.of.emplace_back();
    for (const auto label : list) of.push_back(classes[label]);
  }
  return labels;
}

void check_ids(const Comm& comm, const std::vector<ModelEntry>& models, std::int64_t samples) {
  std::vector<std::int64_t> first;
  for (const auto& model : models) {
    if (model.ids.empty()) return;
    const auto list = list_of(comm, model.ids, samples);
    if (first.empty()) first = list;
    const auto [a, b] = std::mismatch(first.begin(), first.end(), list.begin(), list.end());
    if (a == first.end() && b == list.end()) continue;
    throw UserError(Exit::refused,
                    fmt::format("rows of {} are not those of {}: they first differ in row {} of {}",
                                model.name, models[0].name, a - first.begin(), model.ids));
  }
}

}  // namespace hypercast::similarity
