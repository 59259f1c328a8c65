#include "similarity/models.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "io/array.hpp"
#include "io/on_root.hpp"

namespace hypercast::similarity {

namespace {

// Places that fit "FILE" or "FILE:DATASET", with what the wildcards of both stood for.
std::vector<io::Match> matching_places(const std::string& pattern) {
  const auto whole = io::array_place(pattern);
  if (!io::has_wildcards(pattern)) return {{pattern, {}}};
  std::vector<io::Match> places;
  const std::string files = whole.file.string();
  const auto found =
      io::has_wildcards(files) ? io::matching_files(files) : std::vector<io::Match>{{files, {}}};
  for (const auto& file : found) {
    if (whole.dataset.empty()) {
      places.push_back(file);
      continue;
    }
    for (const auto& dataset : io::matching_datasets(file.text, whole.dataset)) {
      io::Match place{file.text + ":" + dataset.text, file.parts};
      place.parts.insert(place.parts.end(), dataset.parts.begin(), dataset.parts.end());
      places.push_back(std::move(place));
    }
  }
  return places;
}

std::string name_of(const io::Match& match) {
  if (!match.parts.empty()) return fmt::format("{}", fmt::join(match.parts, "/"));
  const auto place = io::array_place(match.text);
  return place.dataset.empty() ? place.file.stem().string()
                               : place.file.stem().string() + "/" + place.dataset;
}

// The lists of a section, for one of its patterns.
class OfPattern {
 public:
  OfPattern(const Deck& deck, const char* section, std::size_t pattern, std::size_t patterns)
      : deck_(deck), section_(section), pattern_(pattern), patterns_(patterns) {}
  std::string operator()(const char* key, const std::vector<std::string>& list) const {
    return of_pattern(deck_, section_, key, list, pattern_, patterns_);
  }

 private:
  const Deck& deck_;
  const char* section_;
  std::size_t pattern_, patterns_;
};

// A model of features for every place that fits.
std::vector<ModelEntry> of_files(const Deck& deck, const SimilarityOptions& options) {
  std::vector<ModelEntry> models;
  const auto& patterns = options.features;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto found = matching_places(patterns[i]);
    if (found.empty()) throw UserError(Exit::no_input, "no features fit " + patterns[i]);
    const OfPattern of(deck, SimilarityOptions::section, i, patterns.size());
    const std::string name = of("name", options.name);
    for (const auto& match : found) {
      const Parts parts{match.parts, {}};
      const auto of_match = [&](const char* key, const auto& list) { return filled(of(key, list), parts); };
      ModelEntry model;
      model.name = name.empty() ? name_of(match) : filled(name, parts);
      model.group = of_match("group", options.group);
      model.layer = of_match("layer", options.layer);
      model.place = match.text;
      model.labels = of_match("labels", options.labels);
      model.ids = of_match("ids", options.ids);
      model.layout = {of("layout", options.layout), of("pool", options.pool)};
      models.push_back(std::move(model));
    }
  }
  return models;
}

// COLLECTIVE. What rank 0 found, on all ranks, as texts.
std::vector<std::string> shared(const Comm& comm, const std::vector<std::string>& texts) {
  constexpr char end = '\0';  // which no path and no name has
  std::string all;
  for (const auto& text : texts) all += text + end;
  all = comm.broadcast(all);
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < all.size(); at += parts.back().size() + 1)
    parts.push_back(all.substr(at, all.find(end, at) - at));
  return parts;
}

// COLLECTIVE.
std::vector<ModelEntry> list_files(const Comm& comm, const Deck& deck, const SimilarityOptions& options) {
  std::vector<std::string> texts;
  io::on_root(comm, [&] {
    for (const auto& one : of_files(deck, options))
      texts.insert(texts.end(), {one.name, one.group, one.layer, one.place, one.labels, one.ids,
                                 one.layout.layout, one.layout.pool});
  });
  const auto parts = shared(comm, texts);
  std::vector<ModelEntry> models;
  for (auto at = parts.begin(); at != parts.end(); at += 8)
    models.push_back({at[0], at[1], at[2], at[3], at[4], at[5], {at[6], at[7]}, {}});
  return models;
}

// COLLECTIVE. Files that fit a pattern.
std::vector<io::Match> checkpoints_of(const Comm& comm, const std::string& pattern) {
  std::vector<std::string> texts;
  io::on_root(comm, [&] {
    const auto found =
        io::has_wildcards(pattern) ? io::matching_files(pattern) : std::vector<io::Match>{{pattern, {}}};
    if (found.empty()) throw UserError(Exit::no_input, "no checkpoint fits " + pattern);
    for (const auto& match : found) texts.push_back(match.text);
  });
  std::vector<io::Match> files;
  for (const auto& file : shared(comm, texts))
    files.push_back({file, io::has_wildcards(pattern)
                               ? *io::parts_that_match(pattern, file)
                               : std::vector<std::string>{std::filesystem::path(file).stem().string()}});
  return files;
}

struct InrList {
  std::vector<ModelEntry> entries;
  std::vector<std::shared_ptr<const StoredInr>> inrs;  // of each entry
};

// A model for every time and layer of one checkpoint.
void add_inrs(const std::shared_ptr<const StoredInr>& inr, const std::vector<std::string>& wildcards,
              const InrFeatures& options, const OfPattern& of, InrList& list) {
  auto layers = options.layers;
  for (int layer = 1; options.layers.empty() && layer <= inr->layers(); ++layer) layers.push_back(layer);
  for (const double time : options.times)
    for (const int layer : layers) {
      inr->check_layer(layer);
      const Parts parts{wildcards,
                        {{"time", fmt::format("{:g}", time)}, {"layer", fmt::format("{}", layer)}}};
      ModelEntry model;
      model.name = filled(of("name", options.name), parts);
      model.group = filled(of("group", options.group), parts);
      model.layer = filled(of("layer", options.layer), parts);
      model.place = fmt::format("{} t={:g} layer {}", inr->file(), time, layer);
      model.inr = InrPlace{inr->file(), time, layer};
      list.entries.push_back(std::move(model));
      list.inrs.push_back(inr);
    }
}

// COLLECTIVE.
InrList list_inrs(const Comm& comm, const Deck& deck, const InrFeatures& options) {
  InrList list;
  const auto& patterns = options.checkpoints;
  if (!patterns.empty() && options.times.empty())
    deck.fail(InrFeatures::section, "times", "says which INRs of a checkpoint are compared");
  for (std::size_t i = 0; i < patterns.size(); ++i)
    for (const auto& match : checkpoints_of(comm, patterns[i])) {
      const auto inr = std::make_shared<const StoredInr>(comm, match.text, options.parameters);
      if (!list.inrs.empty()) inr->check_like(*list.inrs.front());
      add_inrs(inr, match.parts, options, OfPattern(deck, InrFeatures::section, i, patterns.size()), list);
    }
  return list;
}

}  // namespace

std::string filled(const std::string& text, const Parts& parts) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto end = text[at] == '{' ? text.find('}', at) : std::string::npos;
    if (end == std::string::npos) {
      result += text[at];
      continue;
    }
    const std::string inside = text.substr(at + 1, end - at - 1);
    const std::string* value = nullptr;
    for (std::size_t i = 0; i < parts.wildcards.size(); ++i)
      if (inside == fmt::format("{}", i + 1)) value = &parts.wildcards[i];
    for (const auto& [name, named] : parts.named)
      if (inside == name) value = &named;
    if (!value)
      throw UserError(
          Exit::data,
          fmt::format("[similarity] \"{}\": {{{}}} stands for nothing; the pattern has {} wildcards", text,
                      inside, parts.wildcards.size()));
    result += *value;
    at = end;
  }
  return result;
}

ModelList list_models(const Comm& comm, const Deck& deck, const SimilarityOptions& options) {
  const auto inr_options = deck.read<InrFeatures>();
  ModelList list;
  list.entries = list_files(comm, deck, options);
  const std::size_t files = list.entries.size();
  const auto inrs = list_inrs(comm, deck, inr_options);
  list.entries.insert(list.entries.end(), inrs.entries.begin(), inrs.entries.end());
  if (list.entries.empty()) deck.fail("similarity", "features", "names no features");
  std::map<std::string, std::string> places;  // by name
  for (const auto& model : list.entries)
    if (const auto [first, fresh] = places.emplace(model.name, model.place); !fresh)
      deck.fail(model.inr ? "similarity.inr" : "similarity", "name",
                fmt::format("two models are called '{}': {} and {}", model.name, first->second, model.place));
  const InrSampling sampling{inr_options.points, static_cast<std::uint64_t>(options.seed),
                             inr_options.parameters};
  list.open = [entries = list.entries, inrs = inrs.inrs, files, sampling](std::size_t j) {
    return j < files ? array_source(entries[j].place, entries[j].layout)
                     : inr_source(inrs[j - files], *entries[j].inr, sampling);
  };
  return list;
}

}  // namespace hypercast::similarity
