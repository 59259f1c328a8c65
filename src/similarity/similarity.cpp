#include "similarity/similarity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/memory.hpp"
#include "io/on_root.hpp"
#include "similarity/compare.hpp"
#include "similarity/delta/measure.hpp"
#include "similarity/diagnostics.hpp"
#include "similarity/features.hpp"
#include "similarity/labels.hpp"
#include "similarity/models.hpp"
#include "similarity/results.hpp"

namespace hypercast::similarity {

namespace {

namespace fs = std::filesystem;

std::vector<NamedMeasure> measures_of(const Deck& deck, const SimilarityOptions& options) {
  const auto registry = measure_registry();
  std::vector<NamedMeasure> measures;
  for (const auto& name : options.measures) {
    if (std::any_of(measures.begin(), measures.end(), [&](const auto& m) { return m.name == name; }))
      deck.fail("similarity", "measures", "names " + name + " twice");
    try {
      measures.push_back({name, registry.find(name).make()});
    } catch (const UserError& unknown) {
      deck.fail("similarity", "measures", unknown.what());
    }
    deck.read("similarity." + name, *measures.back().measure);
  }
  if (measures.empty()) deck.fail("similarity", "measures", "names none");
  return measures;
}

constexpr std::int64_t least_rows = 4;  // of the unbiased estimators

bool is_of_pairs(const NamedMeasure& one) { return !dynamic_cast<const ModelMeasure*>(one.measure.get()); }

void check_extents(const std::vector<ModelEntry>& models, const std::vector<Extent>& extents) {
  for (std::size_t j = 1; j < models.size(); ++j)
    if (extents[j].rows != extents[0].rows)
      throw UserError(Exit::data,
                      fmt::format("{} has {} rows, {} has {}: rows must be of the same inputs",
                                  models[j].name, extents[j].rows, models[0].name, extents[0].rows));
}

// In the order in which they are compared.
std::vector<std::int64_t> chosen_rows(const Deck& deck, const SimilarityOptions& options, std::int64_t rows) {
  if (options.rows == "all") return all_rows(rows);
  if (options.count < 1) deck.fail("similarity", "count", "says how many rows are used");
  const auto count = std::min(options.count, rows);
  auto chosen = options.rows == "random"
                    ? permutation(rows, static_cast<std::uint64_t>(options.seed), drawing_number)
                    : all_rows(rows);
  if (options.rows == "stride")
    for (std::int64_t i = 0; i < count; ++i) chosen[i] = i * rows / count;
  chosen.resize(count);
  return chosen;
}

struct Survey {
  SimilarityOptions options;
  std::vector<ModelEntry> models;
  std::vector<NamedMeasure> measures;
  std::vector<Extent> extents;
  Open open;
};

// COLLECTIVE. All that is known before features are read.
Survey survey(const Study& study) {
  Survey known;
  known.options = study.deck.read<SimilarityOptions>();
  known.measures = measures_of(study.deck, known.options);
  auto list = list_models(study.context.comm, study.deck, known.options);
  known.models = std::move(list.entries);
  known.open = std::move(list.open);
  known.extents = similarity::survey(study.context.comm, known.models.size(), known.open);
  check_extents(known.models, known.extents);
  for (const auto& [name, measure] : known.measures)
    if ((dynamic_cast<const DeltaMeasure*>(measure.get()) ||
         dynamic_cast<const ModelMeasure*>(measure.get())) &&
        known.options.labels.empty())
      study.deck.fail("similarity", "measures", name + " needs [similarity] labels");
  if (known.models.size() < 2 && std::any_of(known.measures.begin(), known.measures.end(), is_of_pairs))
    study.deck.fail("similarity", "features", "name one model: there is nothing to compare it with");
  return known;
}

}  // namespace

Exit similarity(const Study& study) {
  const auto& context = study.context;
  const auto known = survey(study);
  const auto& options = known.options;
  const fs::path folder = study.folder / "similarity";
  io::on_root(context.comm, [&] {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure)
      throw UserError(Exit::cannot_create,
                      "cannot make the folder " + folder.string() + ": " + failure.message());
  });
  std::vector<std::string> names;
  for (const auto& model : known.models) names.push_back(model.name);
  std::optional<Features> features;
  {
    const auto scope = context.timers.scope("read");
    check_ids(context.comm, known.models, known.extents[0].samples);
    features.emplace(context, known.extents, known.open, names,
                     chosen_rows(study.deck, options, known.extents[0].rows), options, folder);
  }
  const auto n = features->count();
  if (n < least_rows)
    throw UserError(Exit::data, fmt::format("{} rows are too few to compare, {} are needed", n, least_rows));
  const auto labels = read_labels(context.comm, known.models, known.extents[0].samples,
                                  known.extents[0].rows / known.extents[0].samples, features->numbers());
  context.log.info("models {} rows {} of {} columns {} labels {}", names.size(), n, known.extents[0].rows,
                   std::accumulate(features->widths().begin(), features->widths().end(), std::size_t{0}),
                   labels.empty() ? "none" : fmt::format("of {} classes", labels.classes));
  const auto diagnoses = diagnose(context, *features);
  for (const auto& line : warnings(diagnoses, names, n, labels, options.measures))
    if (context.comm.is_root()) context.log.warn("{}", line);
  const Resources resources{options.memory * (1 << 20) / 2, options.precision == "float"};
  const Certainty certainty{options.jackknife, options.permutations,
                            static_cast<std::uint64_t>(options.seed)};
  const auto compared = compare(context, *features, labels, known.measures, certainty, resources);
  if (!compared) {
    context.log.info("stopped before the comparison was complete: run again and give it more time");
    return Exit::again;
  }
  context.log.info("most memory of a rank {:.0f} MiB", context.comm.max(peak_memory()) / (1 << 20));
  write_results(study, {known.models, known.measures, known.extents, diagnoses, *compared, n},
                folder / "similarity");
  return Exit::ok;
}

std::string describe(const Study& study) {
  const auto known = survey(study);
  std::size_t columns = 0;
  for (const auto& extent : known.extents) columns += extent.width;
  std::string text = fmt::format(
      "models {} rows {} columns {} ({:.1f} MiB of features)\n", known.models.size(), known.extents[0].rows,
      columns, 8.0 * static_cast<double>(columns) * static_cast<double>(known.extents[0].rows) / (1 << 20));
  for (std::size_t j = 0; j < known.models.size(); ++j)
    text += fmt::format("  {:<24} {:>6} columns  {}\n", known.models[j].name, known.extents[j].width,
                        known.models[j].place);
  for (const auto& [name, measure] : known.measures)
    text += fmt::format("measure {}: {}\n", name, measure->card().formula);
  return text;
}

std::string list_measures() {
  std::string text = "[similarity] measures\n";
  const auto registry = measure_registry();
  for (const auto& name : registry.names())
    text += fmt::format("  {:<16} {}\n", name, registry.find(name).summary);
  return text;
}

}  // namespace hypercast::similarity
