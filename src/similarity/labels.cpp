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

LabelLists read_labels(const Comm& comm, const std::vector<ModelEntry>& models, std::int64_t samples) {
  const auto without =
      std::find_if(models.begin(), models.end(), [](const auto& m) { return m.labels.empty(); });
  if (std::all_of(models.begin(), models.end(), [](const auto& m) { return m.labels.empty(); })) return {};
  if (without != models.end()) throw UserError(Exit::data, "no labels for " + without->name);
  const bool shared =
      std::all_of(models.begin(), models.end(), [&](const auto& m) { return m.labels == models[0].labels; });
  LabelLists lists;
  for (const auto& model : models) {
    if (shared && !lists.empty()) break;
    const auto& list = lists.emplace_back(list_of(comm, model.labels, samples));
    if (const auto wrong = std::find_if(list.begin(), list.end(), [](auto label) { return label < 0; });
        wrong != list.end())
      throw UserError(Exit::data, fmt::format("{}: row {} is {}, labels are not negative", model.labels,
                                              wrong - list.begin(), *wrong));
  }
  return lists;
}

Labels labels_of(const LabelLists& lists, const std::vector<std::int64_t>& inputs, std::int64_t each) {
  Labels labels;
  std::map<std::int64_t, int> classes;
  for (const auto& list : lists)
    for (const auto input : inputs) classes.emplace(list[input], 0);
  for (auto& [label, number] : classes) number = labels.classes++;
  for (const auto& list : lists) {
    auto& of = labels.of.emplace_back();
    for (const auto input : inputs) of.insert(of.end(), each, classes[list[input]]);
  }
  return labels;
}

void check_ids(const Comm& comm, const std::vector<ModelEntry>& models, std::int64_t samples) {
  std::vector<std::int64_t> known;
  std::string first;  // the model they are of
  for (const auto& model : models) {
    if (model.ids.empty()) continue;
    const auto list = list_of(comm, model.ids, samples);
    if (first.empty()) {
      known = list;
      first = model.name;
    }
    const auto [a, b] = std::mismatch(known.begin(), known.end(), list.begin(), list.end());
    if (a == known.end() && b == list.end()) continue;
    throw UserError(Exit::refused,
                    fmt::format("rows of {} are not those of {}: they first differ in row {} of {}",
                                model.name, first, a - known.begin(), model.ids));
  }
}

}  // namespace hypercast::similarity
