#include "similarity/models.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>

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

// A model of features for every place that fits.
std::vector<ModelEntry> of_files(const SimilarityOptions& options) {
  std::vector<ModelEntry> models;
  for (const auto& pattern : options.features) {
    const auto found = matching_places(pattern);
    if (found.empty()) throw UserError(Exit::no_input, "no features fit " + pattern);
    for (const auto& match : found) {
      const Parts parts{match.parts, {}};
      models.push_back({options.name.empty() ? name_of(match) : filled(options.name, parts),
                        filled(options.group, parts),
                        filled(options.layer, parts),
                        match.text,
                        filled(options.labels, parts),
                        filled(options.ids, parts),
                        {}});
    }
  }
  return models;
}

// COLLECTIVE. What rank 0 found, on all ranks, as texts.
std::vector<std::string> shared(const Comm& comm, const std::vector<std::string>& texts) {
  constexpr char between = '\n';
  std::string all;
  for (const auto& text : texts) all += text + between;
  all = comm.broadcast(all);
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = all.find(between, at);
    parts.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// COLLECTIVE.
std::vector<ModelEntry> list_files(const Comm& comm, const SimilarityOptions& options) {
  std::vector<std::string> texts;
  io::on_root(comm, [&] {
    for (const auto& one : of_files(options))
      texts.insert(texts.end(), {one.name, one.group, one.layer, one.place, one.labels, one.ids});
  });
  const auto parts = shared(comm, texts);
  std::vector<ModelEntry> models;
  for (std::size_t i = 0; i + 5 < parts.size(); i += 6)
    models.push_back({parts[i], parts[i + 1], parts[i + 2], parts[i + 3], parts[i + 4], parts[i + 5], {}});
  return models;
}

struct InrList {
  std::vector<ModelEntry> entries;
  std::vector<std::shared_ptr<const StoredInr>> inrs;  // of each entry
};

// COLLECTIVE. A model for every checkpoint, time and layer.
InrList list_inrs(const Comm& comm, const Deck& deck, const InrFeatures& options) {
  InrList list;
  if (!options.checkpoints.empty() && options.times.empty())
    deck.fail("similarity.inr", "times", "says which INRs of a checkpoint are compared");
  for (const auto& pattern : options.checkpoints) {
    std::vector<std::string> texts;
    io::on_root(comm, [&] {
      const auto found =
          io::has_wildcards(pattern) ? io::matching_files(pattern) : std::vector<io::Match>{{pattern, {}}};
      if (found.empty()) throw UserError(Exit::no_input, "no checkpoint fits " + pattern);
      for (const auto& match : found) texts.push_back(match.text);
    });
    for (const auto& file : shared(comm, texts)) {
      const auto inr = std::make_shared<const StoredInr>(comm, file, options.parameters);
      if (!list.inrs.empty()) inr->check_like(*list.inrs.front());
      auto layers = options.layers;
      for (int layer = 1; options.layers.empty() && layer <= inr->layers(); ++layer) layers.push_back(layer);
      const auto wildcards = io::has_wildcards(pattern)
                                 ? *io::parts_that_match(pattern, file)
                                 : std::vector<std::string>{std::filesystem::path(file).stem().string()};
      for (const double time : options.times)
        for (const int layer : layers) {
          inr->check_layer(layer);
          const Parts parts{wildcards,
                            {{"time", fmt::format("{:g}", time)}, {"layer", fmt::format("{}", layer)}}};
          list.entries.push_back(
              {filled(options.name, parts), filled(options.group, parts), filled(options.layer, parts),
               fmt::format("{} t={:g} layer {}", file, time, layer), "", "", InrPlace{file, time, layer}});
          list.inrs.push_back(inr);
        }
    }
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
  list.entries = list_files(comm, options);
  const std::size_t files = list.entries.size();
  const auto inrs = list_inrs(comm, deck, inr_options);
  list.entries.insert(list.entries.end(), inrs.entries.begin(), inrs.entries.end());
  if (list.entries.empty()) deck.fail("similarity", "features", "names no features");
  std::set<std::string> names;
  for (const auto& model : list.entries)
    if (!names.insert(model.name).second)
      deck.fail(model.inr ? "similarity.inr" : "similarity", "name",
                "two models are called '" + model.name + "'");
  const Layout layout{options.layout, options.pool};
  const InrSampling sampling{inr_options.points, static_cast<std::uint64_t>(options.seed),
                             inr_options.parameters};
  list.open = [entries = list.entries, inrs = inrs.inrs, files, layout, sampling](std::size_t j) {
    return j < files ? array_source(entries[j].place, layout)
                     : inr_source(inrs[j - files], *entries[j].inr, sampling);
  };
  return list;
}

}  // namespace hypercast::similarity
