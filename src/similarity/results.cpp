#include "similarity/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/on_root.hpp"
#include "io/similarity_file.hpp"
#include "similarity/groups.hpp"

namespace hypercast::similarity {

namespace {

using Column = std::vector<double>;

io::ComparedModels models_of(const Results& results) {
  io::ComparedModels models;
  for (const auto& model : results.models) {
    models.name.push_back(model.name);
    models.group.push_back(model.group);
    models.layer.push_back(model.layer);
    models.place.push_back(model.place);
  }
  const auto texts = [&](const char* name, std::string Layout::*member, const char* plain) {
    std::vector<std::string> values;
    for (std::size_t j = 0; j < results.models.size(); ++j)
      values.push_back(results.extents[j].places > 1 ? results.models[j].layout.*member : plain);
    models.columns.push_back({name, std::move(values)});
  };
  texts("layout", &Layout::layout, "rows");
  texts("pool", &Layout::pool, "");
  const auto column = [&](const char* name, double Diagnosis::*member) {
    Column values;
    for (const auto& diagnosis : results.diagnoses) values.push_back(diagnosis.*member);
    models.columns.push_back({name, std::move(values)});
  };
  models.columns.push_back({"rows", Column(results.models.size(), static_cast<double>(results.rows))});
  column("width", &Diagnosis::width);
  column("row_norm", &Diagnosis::norm);
  column("deviation", &Diagnosis::deviation);
  column("rank", &Diagnosis::rank);
  column("participation_ratio", &Diagnosis::participation);
  column("largest_row_share", &Diagnosis::largest_row_share);
  column("constant_columns", &Diagnosis::constant_columns);
  column("duplicate_rows", &Diagnosis::duplicate_rows);
  return models;
}

io::MeasureResult measure_result(const NamedMeasure& one, const Compared& compared, std::size_t models) {
  const Card card = one.measure->card();
  io::MeasureResult result;
  result.id = one.name;
  result.facts = {{"formula", card.formula},
                  {"source", card.source},
                  {"larger_is_more_similar", card.larger_is_more_similar},
                  {"symmetric", card.symmetric},
                  {"is_metric", card.metric},
                  {"lower", card.lower},
                  {"upper", card.upper},
                  {"invariances", card.invariant_to},
                  {"parameters", one.measure->parameters()}};
  result.of_pairs = card.of_pairs;
  for (const auto& score : compared.scores.value.entries) {
    result.value.push_back(score.value);
    result.status.push_back(static_cast<std::int32_t>(score.status));
  }
  result.standard_error = compared.scores.standard_error();
  result.null_mean = compared.scores.null_mean();
  result.null_sd = compared.scores.null_deviation();
  result.p_value = compared.scores.p_value();
  for (const auto& [name, values] : compared.more)
    result.arrays.push_back({name,
                             values.size() == models ? std::vector<std::size_t>{models}
                                                     : std::vector<std::size_t>{models, models},
                             values});
  return result;
}

const std::pair<Status, const char*> meanings[] = {
    {Status::zero_variance, "undefined, all rows of a model are alike to this measure"},
    {Status::too_few_rows, "too few rows for the columns, any features have this value"},
    {Status::not_finite, "undefined, a number leaves the range of double precision"},
    {Status::rank_deficient, "columns depend on each other, the value is that of the space they span"},
    {Status::clipped, "put back into the range of the measure"},
    {Status::step_too_large, "the step is beyond first order"},
    {Status::skipped, "not computed"}};

void tell_pairs(const Log& log, const io::MeasureResult& result, const std::vector<std::string>& names,
                bool larger) {
  const std::size_t models = names.size();
  std::size_t best = models * models, worst = models * models;
  for (std::size_t i = 0; i < result.value.size(); ++i) {
    if (!std::isfinite(result.value[i]) || i / models == i % models) continue;
    const auto more = [&](std::size_t a, std::size_t b) {
      return larger ? result.value[a] > result.value[b] : result.value[a] < result.value[b];
    };
    if (best == models * models || more(i, best)) best = i;
    if (worst == models * models || more(worst, i)) worst = i;
  }
  const auto text = [&](std::size_t i) {
    return fmt::format(
        "{} ~ {} {:.4f}{}", names[i / models], names[i % models], result.value[i],
        result.standard_error.empty() ? "" : fmt::format(" +- {:.4f}", result.standard_error[i]));
  };
  if (best < models * models) log.info("{}: most alike {}, least {}", result.id, text(best), text(worst));
  for (const auto& [status, meaning] : meanings)
    if (const auto count = std::count(result.status.begin(), result.status.end(), static_cast<int>(status)))
      log.info("{}: {} of {} values have status {}: {}", result.id, count, result.value.size(),
               static_cast<int>(status), meaning);
}

void add_tables(const Log& log, const io::MeasureResult& result, const io::ComparedModels& models,
                bool larger, std::vector<io::ResultTable>& tables) {
  const auto given = [](const std::vector<std::string>& names) {
    return std::none_of(names.begin(), names.end(), [](const auto& name) { return name.empty(); });
  };
  if (!given(models.group)) return;
  if (given(models.layer)) {
    const auto match = match_layers(result.value, models.group, models.layer, larger);
    if (match.rows.empty()) return;
    io::ResultTable table{
        "layer_match/" + result.id, {{"accuracy", match.accuracy}, {"chance", match.chance}}, {}};
    std::vector<std::string> from, to, layer, matched;
    std::vector<std::int32_t> correct;
    for (const auto& row : match.rows) {
      from.push_back(row.from);
      to.push_back(row.to);
      layer.push_back(row.layer);
      matched.push_back(row.matched);
      correct.push_back(row.correct ? 1 : 0);
    }
    table.columns = {
        {"from", from}, {"to", to}, {"layer", layer}, {"matched", matched}, {"correct", correct}};
    tables.push_back(std::move(table));
    log.info("{}: {:.1f} % of {} layers find their own, chance {:.1f} %", result.id, 100 * match.accuracy,
             match.rows.size(), 100 * match.chance);
    return;
  }
  const auto separation = separate_groups(result.value, models.group, larger);
  if (!std::isfinite(separation.average_precision)) return;
  tables.push_back({"group_separation/" + result.id,
                    {},
                    {{"average_precision", Column{separation.average_precision}},
                     {"base_rate", Column{separation.base_rate}},
                     {"violations", Column{separation.violations}}}});
  log.info(
      "{}: pairs of one group told from others with average precision {:.3f} (chance {:.3f}), violations "
      "{:.1f} %",
      result.id, separation.average_precision, separation.base_rate, 100 * separation.violations);
}

// CSV of an earlier run, which may have compared other models.
void remove_tables(const std::filesystem::path& stem) {
  std::error_code none;
  std::filesystem::remove(stem.string() + ".csv", none);
  for (const auto& name : measure_registry().names())
    std::filesystem::remove(stem.string() + "_" + name + ".csv", none);
}

}  // namespace

io::Provenance provenance_of(const Study& study) {
  io::ProvenanceInput input;
  input.command_line = study.command_line;
  input.libraries = study.libraries;
  input.deck = study.deck.text();
  input.deck_resolved = study.deck.resolved();
  input.seed = static_cast<std::uint64_t>(study.deck.read<SimilarityOptions>().seed);
  return io::provenance(study.context.comm, input);
}

void write_results(const Study& study, const Results& results, const std::filesystem::path& stem) {
  const auto& log = study.context.log;
  const auto scope = study.context.timers.scope("write");
  io::SimilarityResults file;
  file.models = models_of(results);
  const std::size_t models = results.models.size();
  for (std::size_t i = 0; i < results.measures.size(); ++i) {
    const auto& one = results.measures[i];
    file.measures.push_back(measure_result(one, results.compared[i], models));
    const auto& result = file.measures.back();
    if (!result.of_pairs) continue;
    const bool larger = one.measure->card().larger_is_more_similar;
    tell_pairs(log, result, file.models.name, larger);
    add_tables(log, result, file.models, larger, file.tables);
  }
  const auto origin = provenance_of(study);
  io::Measurements seconds;
  for (const auto& row : study.context.timers.reduce(study.context.comm))
    if (row.name != "write") seconds.push_back({"seconds_" + row.name, {row.max}});
  io::on_root(study.context.comm, [&] {
    remove_tables(stem);
    io::write_similarity(stem, file, origin, seconds);
    if (study.deck.read<SimilarityOptions>().csv) io::write_similarity_csv(stem, file);
  });
  log.info("file {}.hdf5", stem.string());
}

}  // namespace hypercast::similarity
