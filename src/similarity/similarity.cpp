#include "similarity/similarity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/memory.hpp"
#include "io/array.hpp"
#include "io/hash.hpp"
#include "io/on_root.hpp"
#include "similarity/compare.hpp"
#include "similarity/diagnostics.hpp"
#include "similarity/features.hpp"
#include "similarity/labels.hpp"
#include "similarity/models.hpp"
#include "similarity/progress.hpp"
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

void check_extents(const std::vector<ModelEntry>& models, const std::vector<Extent>& extents) {
  for (std::size_t j = 1; j < models.size(); ++j) {
    if (extents[j].samples != extents[0].samples)
      throw UserError(Exit::data,
                      fmt::format("{} has {} rows, {} has {}: rows must be of the same inputs",
                                  models[j].name, extents[j].samples, models[0].name, extents[0].samples));
    if (extents[j].each() != extents[0].each())
      throw UserError(Exit::data,
                      fmt::format("{} has {} places in each input, {} has {}: with pool = \"places\" "
                                  "they must be the same",
                                  models[j].name, extents[j].each(), models[0].name, extents[0].each()));
  }
}

// In the order in which they are compared.
std::vector<std::int64_t> chosen_inputs(const Deck& deck, const SimilarityOptions& options,
                                        std::int64_t inputs) {
  if (options.rows == "all") return all_rows(inputs);
  if (options.count < 1) deck.fail("similarity", "count", "says how many inputs are used");
  const auto count = std::min(options.count, inputs);
  auto chosen = options.rows == "random"
                    ? permutation(inputs, static_cast<std::uint64_t>(options.seed), drawing_number)
                    : all_rows(inputs);
  if (options.rows == "stride")
    for (std::int64_t i = 0; i < count; ++i) chosen[i] = i * inputs / count;
  chosen.resize(count);
  return chosen;
}

struct Survey {
  SimilarityOptions options;
  std::vector<ModelEntry> models;
  std::vector<NamedMeasure> measures;
  std::vector<Extent> extents;
  Open open;
  LabelLists labels;
  std::vector<std::int64_t> inputs;  // that are used

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& model : models) names.push_back(model.name);
    return names;
  }
  std::int64_t rows() const { return static_cast<std::int64_t>(inputs.size()) * extents.front().each(); }
  Resampling resampling() const {
    return {options.jackknife, options.permutations, static_cast<std::uint64_t>(options.seed),
            extents.front().each()};
  }
  // Half of the memory is for features.
  Resources resources(const fs::path& folder) const {
    return {options.memory * (1 << 20) / 2, options.precision == "float", folder};
  }
};

void check_labels(const Deck& deck, const Survey& known, const Labels& labels) {
  for (const auto& [name, measure] : known.measures) {
    if (!measure->card().needs_labels) continue;
    if (known.labels.empty())
      deck.fail("similarity", "measures", name + " needs [similarity] labels of all models");
    if (labels.classes < 2)
      throw UserError(Exit::data, fmt::format("{} needs labels of two classes at least, these are of {}",
                                              name, labels.classes));
  }
}

// COLLECTIVE. All that is known before features are read.
Survey survey(const Study& study) {
  Survey known;
  const auto& comm = study.context.comm;
  known.options = study.deck.read<SimilarityOptions>();
  if (known.options.jackknife == 1)
    study.deck.fail("similarity", "jackknife", "needs 2 groups at least, or 0 for none");
  known.measures = measures_of(study.deck, known.options);
  auto list = list_models(comm, study.deck, known.options);
  known.models = std::move(list.entries);
  known.open = std::move(list.open);
  known.extents = similarity::survey(comm, known.models.size(), known.open);
  check_extents(known.models, known.extents);
  if (known.models.size() < 2 && std::any_of(known.measures.begin(), known.measures.end(),
                                             [](const auto& m) { return m.measure->card().of_pairs; }))
    study.deck.fail("similarity", "features", "name one model: there is nothing to compare it with");
  const auto samples = known.extents.front().samples;
  check_ids(comm, known.models, samples);
  known.labels = read_labels(comm, known.models, samples);
  known.inputs = chosen_inputs(study.deck, known.options, samples);
  check_labels(study.deck, known, labels_of(known.labels, known.inputs, 1));
  return known;
}

std::vector<std::size_t> widths_of(const Survey& known) {
  std::vector<std::size_t> widths;
  for (const auto& extent : known.extents) widths.push_back(extent.width);
  return widths;
}

// What decides scores, but for the measures themselves: files by their size and time, and options.
std::string key_of(const Deck& deck, const Survey& known) {
  io::Hasher hasher;
  const auto add = [&](auto options) {
    Section section(options.section);
    options.describe(section);
    for (const auto& key : section.keys())
      if (key.name() != "measures" && key.name() != "csv") hasher.text(key.name() + " = " + key.value_text());
  };
  add(known.options);
  add(deck.read<InrFeatures>());
  const auto file = [&](const fs::path& path) {
    std::error_code none;
    hasher.text(path.string());
    hasher.number(static_cast<std::int64_t>(fs::file_size(path, none)));
    hasher.number(fs::last_write_time(path, none).time_since_epoch().count());
  };
  for (const auto& model : known.models) {
    hasher.text(model.place);
    file(model.inr ? fs::path(model.inr->checkpoint) : io::array_place(model.place).file);
    if (!model.labels.empty()) file(io::array_place(model.labels).file);
  }
  return hasher.hex();
}

// Lines about what each family is going to do. UserError (data) when memory does not suffice for one.
std::vector<std::string> plan_of(const Study& study, const Survey& known) {
  const auto widths = widths_of(known);
  const Ownership ownership(widths, study.context.comm);
  const auto resampling = known.resampling();
  const auto resources = known.resources({});
  const Outline outline{known.rows(), widths,   ownership, labels_of(known.labels, known.inputs, 1).classes,
                        resampling,   resources};
  std::vector<std::string> lines;
  for (const auto& [family, measures, demand] : plan_comparison(outline, known.measures)) {
    const auto names = fmt::format("{}", fmt::join(measures, ", "));
    if (demand.memory > resources.memory)
      study.deck.fail("similarity", "memory",
                      fmt::format("is too small for {}: set {:.0f} or more, or use fewer rows", names,
                                  std::ceil(2 * demand.memory / (1 << 20))));
    lines.push_back(fmt::format("{} ({}): {}{:.1e} operations, at least {:.0f} MiB a rank beside features",
                                family, names, demand.route.empty() ? "" : demand.route + ", ",
                                demand.operations, std::ceil(demand.memory / (1 << 20))));
  }
  return lines;
}

void make_folder(const Comm& comm, const fs::path& folder) {
  io::on_root(comm, [&] {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure)
      throw UserError(Exit::cannot_create,
                      "cannot make the folder " + folder.string() + ": " + failure.message());
  });
}

// COLLECTIVE. Throws Stopped.
Features read_features(const Study& study, const Survey& known, const fs::path& folder) {
  const auto scope = study.context.timers.scope("read");
  Features features(study.context, known.extents, known.open, known.names(), known.inputs, known.options,
                    folder);
  if (features.count() < least_rows)
    throw UserError(Exit::data, fmt::format("{} rows are too few to compare, {} are needed", features.count(),
                                            least_rows));
  return features;
}

// COLLECTIVE. Throws Stopped.
std::vector<Diagnosis> diagnosed(const Study& study, const Survey& known, const Features& features,
                                 const Labels& labels, const Resources& resources) {
  const auto diagnoses = diagnose(study.context, features, resources);
  const bool biased = std::any_of(known.measures.begin(), known.measures.end(),
                                  [](const auto& m) { return m.measure->card().biased; });
  for (const auto& line :
       warnings(diagnoses, known.names(), features.count(), labels, features.each(), biased))
    if (study.context.comm.is_root()) study.context.log.warn("{}", line);
  return diagnoses;
}

Exit stopped(const Log& log) {
  log.info("stopped before the comparison was complete: run again to go on");
  return Exit::again;
}

}  // namespace

Exit similarity(const Study& study) try {
  const auto& context = study.context;
  return_large_blocks();  // what one family leaves must not add up with what the next one takes
  const auto known = survey(study);
  const fs::path folder = study.folder / "similarity";
  const auto plan = plan_of(study, known);
  make_folder(context.comm, folder);
  const auto features = read_features(study, known, folder);
  const auto labels = labels_of(known.labels, features.inputs(), features.each());
  check_labels(study.deck, known, labels);
  const auto& widths = features.widths();
  context.log.info("models {} rows {} of {} columns {} labels {}", features.models(), features.count(),
                   known.extents.front().rows, std::accumulate(widths.begin(), widths.end(), std::size_t{0}),
                   labels.empty() ? "none" : fmt::format("of {} classes", labels.classes));
  for (const auto& line : plan) context.log.info("{}", line);
  const auto resources = known.resources(folder);
  const auto resampling = known.resampling();
  const auto diagnoses = diagnosed(study, known, features, labels, resources);
  const Progress progress(study, folder / "progress.h5", key_of(study.deck, known));
  auto compared = nothing_compared(known.measures);
  progress.restore(known.measures, compared);
  const auto save = [&] { progress.save(known.measures, compared); };
  if (!compare({context, features, labels, resampling, resources}, known.measures, compared, save)) {
    save();
    return stopped(context.log);
  }
  context.log.info("most memory of a rank {:.0f} MiB", context.comm.max(peak_memory()) / (1 << 20));
  write_results(study, {known.models, known.measures, known.extents, diagnoses, compared, features.count()},
                folder / "similarity");
  progress.remove();
  return Exit::ok;
} catch (const Stopped&) {
  return stopped(study.context.log);
}

std::string describe(const Study& study) {
  const auto known = survey(study);
  const auto widths = widths_of(known);
  const auto columns = std::accumulate(widths.begin(), widths.end(), std::size_t{0});
  std::string text = fmt::format(
      "models {} rows {} columns {} ({:.1f} MiB of features)\n", widths.size(), known.rows(), columns,
      8.0 * static_cast<double>(columns) * static_cast<double>(known.rows()) / (1 << 20));
  for (std::size_t j = 0; j < widths.size(); ++j)
    text +=
        fmt::format("  {:<24} {:>6} columns  {}\n", known.models[j].name, widths[j], known.models[j].place);
  for (const auto& [name, measure] : known.measures)
    text += fmt::format("measure {}: {}\n", name, measure->card().formula);
  for (const auto& line : plan_of(study, known)) text += line + "\n";
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
