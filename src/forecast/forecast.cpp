#include "forecast/forecast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "forecast/baselines.hpp"
#include "forecast/direct.hpp"
#include "forecast/errors.hpp"
#include "forecast/fields.hpp"
#include "forecast/galerkin.hpp"
#include "forecast/output.hpp"
#include "forecast/physics_residual.hpp"
#include "forecast/spectra.hpp"
#include "hyper/data_folder.hpp"
#include "hyper/difference.hpp"
#include "hyper/model_file.hpp"
#include "io/checkpoint_folder.hpp"
#include "io/forecast.hpp"
#include "io/on_root.hpp"
#include "io/points.hpp"

namespace hypercast::forecast {

namespace fs = std::filesystem;

namespace {

struct Checkpoint {
  std::string file;
  hyper::StoredModel model;
};

Checkpoint load(const Study& study, const ForecastOptions& options) {
  const auto& comm = study.context.comm;
  if (!options.checkpoint.empty())
    return {options.checkpoint, hyper::get_model(io::read_checkpoint(comm, options.checkpoint))};
  const auto newest = io::newest_valid(comm, study.folder / "ckpt");
  for (const auto& line : newest.skipped)
    if (comm.is_root()) study.context.log.warn("{}", line);
  if (!newest.found)
    throw UserError(Exit::no_input, "no checkpoint in " + (study.folder / "ckpt").string() +
                                        ": run hypercast-train first or name one in [forecast] checkpoint");
  return {newest.found->path.string(), hyper::get_model(newest.archive)};
}

// The checkpoint decides; a deck that says something else is worth a word.
void warn_of_difference(const Study& study, const hyper::StoredModel& model) {
  const auto difference =
      hyper::mismatch(hyper::model_deck(study.deck), model.facts, model.deck, model.facts);
  if (!difference.empty() && study.context.comm.is_root())
    study.context.log.warn("the deck's model is not the checkpoint's ({}); the checkpoint's is used",
                           difference);
}

std::unique_ptr<Reference> find_reference(const Study& study, const ForecastOptions& options,
                                          const hyper::ModelFacts& facts) {
  const auto& comm = study.context.comm;
  fs::path folder = options.reference;
  if (folder.empty()) {
    folder = study.deck.read<hyper::DataFolder>().in(study.folder);
    if (!hyper::is_there(comm, folder)) return nullptr;
  }
  return std::make_unique<Reference>(study.context, folder, facts);
}

std::vector<double> frame_times(const Deck& deck, const ForecastOptions& options, const Reference* reference,
                                const hyper::ModelFacts& facts) {
  std::vector<double> times = options.times;
  if (!std::is_sorted(times.begin(), times.end(), std::less_equal<>()))
    deck.fail("forecast", "times", "must rise");
  if (times.empty() && reference) times = reference->times();
  if (times.empty()) {
    times = facts.train_times;
    times.insert(times.end(), facts.held_out_times.begin(), facts.held_out_times.end());
    std::sort(times.begin(), times.end());
  }
  for (const double t : times) check_condition(facts, t);
  return times;
}

io::Provenance provenance(const Study& study, const Checkpoint& checkpoint) {
  io::ProvenanceInput input;
  input.command_line = study.command_line;
  input.libraries = study.libraries;
  input.deck = study.deck.text();
  input.deck_resolved = study.deck.resolved();
  const auto& facts = checkpoint.model.facts;
  input.more = {{"checkpoint", checkpoint.file},
                {"condition", hyper::name_of(facts.condition)},
                {"trajectory", std::to_string(facts.trajectory)}};
  return io::provenance(study.context.comm, input);
}

// Whether the deck asks for the physics residual and names an equation to measure it with.
bool wants_residual(const Deck& deck) {
  const auto options = deck.read<ForecastOptions>();
  return options.residual && options.points.empty() && names_equation(deck);
}

void write_table(const fs::path& file, const ErrorTable& table, const std::vector<double>& residuals,
                 const io::Provenance& provenance) {
  std::vector<io::Series> series{{"window", {}}};
  for (const Window window : table.windows) series[0].values.push_back(static_cast<double>(window));
  for (std::size_t f = 0; f < table.names.size(); ++f) {
    io::Series relative{table.names[f] + "_relative_l2", {}}, mse{table.names[f] + "_mse", {}},
        max{table.names[f] + "_max", {}};
    for (std::size_t k = 0; k < table.times.size(); ++k) {
      const FrameError e = table.mean(f, k);
      relative.values.push_back(e.relative_l2);
      mse.values.push_back(e.mse);
      max.values.push_back(e.max);
    }
    for (auto* one : {&relative, &mse, &max}) series.push_back(std::move(*one));
  }
  if (!residuals.empty()) series.push_back({"forecast_physics_residual", residuals});
  io::write_errors(file, table.times, series, provenance);
}

void write_spectra(const Comm& comm, const fs::path& file, const SpectraTable& table,
                   const io::Provenance& provenance) {
  io::on_root(comm, [&] {
    io::write_table(file.parent_path() / (file.stem().string() + "_spectra"), columns_of(table), provenance);
  });
}

// Whether the reference holds the frames the model was fitted to, with other values: then their mean or
// deviation is another one, and "fitted" a false word.
bool differs_from_training(const Reference& reference, const hyper::ModelFacts& facts) {
  const std::size_t channels = facts.channels.size();
  std::vector<double> sum(channels), squares(channels);
  for (const double t : facts.train_times) {
    const auto k = reference.find(t);
    if (!k) return false;
    const auto frame = reference.frame(0, *k);
    for (std::size_t i = 0; i < frame.size(); ++i) {
      const double z = (frame[i] - facts.mean[i % channels]) / facts.scale[i % channels];
      sum[i % channels] += z;
      squares[i % channels] += z * z;
    }
  }
  const double count = static_cast<double>(facts.train_times.size() * facts.points());
  for (std::size_t c = 0; c < channels; ++c) {
    const bool constant = squares[c] / count < 1e-12;  // a field without deviation has scale 1
    if (std::abs(sum[c] / count) > 1e-4 || (!constant && std::abs(squares[c] / count - 1) > 1e-4))
      return true;
  }
  return false;
}

// What errors an earlier forecast left beside the file is not this one's.
void remove_tables(const Comm& comm, const fs::path& file, const std::string& mode) {
  io::on_root(comm, [&] {
    std::error_code ignored;
    for (const std::string table : {"errors", "spectra", "galerkin"})
      for (const char* ending : {".hdf5", ".csv"})
        if (table != mode)
          fs::remove(file.parent_path() / (file.stem().string() + "_" + table + ending), ignored);
  });
}

// COLLECTIVE. The physics residual at these times, where the deck names the equation of the data; else empty.
std::vector<double> residuals(const Study& study, const hyper::Model<float>& model, WeightPath& path,
                              const Reference* reference, const std::vector<double>& times) {
  if (!wants_residual(study.deck) || model.facts.condition == hyper::Condition::index) return {};
  Equation equation(study.deck, reference);
  auto reason = equation.misfit(model.facts);
  if (reason.empty()) reason = equation.difference(model.facts, reference);
  if (reason.empty()) return physics_residual(study.context, equation, model, path, reference, times);
  study.context.log.info("no physics residual: {}", reason);
  return {};
}

// Without a reference the table holds no errors; without a residual either, there is none.
void report_errors(const Study& study, const ForecastOptions& options, const hyper::Model<float>& model,
                   WeightPath& path, const Reference* reference, const std::vector<double>& times,
                   const fs::path& file, const io::Provenance& origin) {
  ErrorTable table;
  if (reference) {
    const auto points = hyper::grid_points(model.facts.axes);
    Fields fields(model, path, points);
    if (differs_from_training(*reference, model.facts) && study.context.comm.is_root())
      study.context.log.warn(
          "the reference is not the data the model was trained on: 'fitted' and 'held out' only "
          "say which times training saw");
    const auto others = baselines(*reference, model.facts, options);
    std::vector<Forecaster*> all{&fields};
    for (const auto& other : others) all.push_back(other.get());
    table = compare(study.context, *reference, model.facts, times, all);
    if (options.spectra && !table.times.empty())
      write_spectra(study.context.comm, file,
                    compare_spectra(study.context, *reference, model.facts, times, all), origin);
  }
  if (table.times.empty()) {
    study.context.log.info("{}", reference ? "the reference has no frame at these times: no errors"
                                           : "no reference trajectory at hand: no errors");
    table = {};
    table.times = times;
    for (const double t : times) table.windows.push_back(window_of(model.facts, t));
  }
  const auto residual = residuals(study, model, path, reference, table.times);
  if (table.names.empty() && residual.empty()) return;
  io::on_root(study.context.comm, [&] { write_table(file, table, residual, origin); });
  if (!table.names.empty()) study.context.log.info("{}", summary(table, options.valid_threshold));
  if (!residual.empty()) study.context.log.info("{}", residual_summary(table.windows, residual));
}

Exit stopped(const Study& study) {
  study.context.log.info("stopped before the forecast was complete: run again");
  return Exit::again;
}

// COLLECTIVE. Told before the work rather than after it.
void check_folder(const Comm& comm, const fs::path& folder) {
  io::on_root(comm, [&] {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure || !fs::is_directory(folder))
      throw UserError(Exit::cannot_create, "cannot make the folder " + folder.string() +
                                               (failure ? ": " + failure.message() : ""));
  });
}

Exit forecast_points(const Study& study, const ForecastOptions& options, const hyper::Model<float>& model,
                     WeightPath& path, const fs::path& folder, const io::Provenance& origin) {
  const auto dimensions = model.coordinates.dimensions();
  const auto rows = io::read_points(study.context.comm, options.points, static_cast<int>(dimensions));
  const fs::path file = folder / (model.facts.dataset_name + "_points.hdf5");
  const auto reference = options.mode == "galerkin" ? find_reference(study, options, model.facts) : nullptr;
  double latest = model.facts.window_start;
  for (std::size_t i = 0; i < rows.size(); i += dimensions + 1) latest = std::max(latest, rows[i]);
  if (!path.prepare(latest, reference.get())) return stopped(study);
  if (!write_points(study.context, model, path, 0, rows, file, origin)) return stopped(study);
  study.context.log.info("points {} file {}", rows.size() / (dimensions + 1), file.string());
  return Exit::ok;
}

Exit forecast_frames(const Study& study, const ForecastOptions& options, const hyper::Model<float>& model,
                     WeightPath& path, const fs::path& folder, const io::Provenance& origin) {
  if (options.spectra && !Spectrum::possible(model.facts.axes))
    study.deck.fail("forecast", "spectra", "spectra need axes that are all periodic");
  const auto reference = find_reference(study, options, model.facts);
  const auto times = frame_times(study.deck, options, reference.get(), model.facts);
  const fs::path file = folder / (model.facts.dataset_name + ".hdf5");
  const auto axes = refined(model.facts.axes, options.refine);
  const double latest = times.back() + (wants_residual(study.deck) ? difference_step(model.facts) : 0);
  if (!path.prepare(latest, reference.get())) return stopped(study);
  if (!write_frames(study.context, model, path, axes, times, file, origin)) return stopped(study);
  study.context.log.info("frames {} file {}", times.size(), file.string());
  remove_tables(study.context.comm, file, options.mode);
  report_errors(study, options, model, path, reference.get(), times, file, origin);
  return Exit::ok;
}

}  // namespace

bool needs_solver(const Deck& deck) {
  return deck.read<ForecastOptions>().mode == "galerkin" || wants_residual(deck);
}

Exit forecast(const Study& study) {
  const auto& [comm, node, log, timers, signals] = study.context;
  const auto options = study.deck.read<ForecastOptions>();

  // 1. The model, from its checkpoint alone.
  const Checkpoint checkpoint = load(study, options);
  warn_of_difference(study, checkpoint.model);
  Schema schema;
  hyper::add_model_sections(schema);
  const auto model =
      hyper::make_model<float>(hyper::deck_of_model(schema, checkpoint.model.deck), checkpoint.model.facts);
  const std::span<const float> phi(checkpoint.model.phi);
  if (phi.size() != model.params())
    throw UserError(Exit::refused, checkpoint.file + ": its parameters do not fit its own model");
  log.info("checkpoint {} dataset {} window [{:g}, {:g}]", checkpoint.file, model.facts.dataset_name,
           model.facts.window_start, model.facts.window_end);
  const auto origin = provenance(study, checkpoint);
  const fs::path folder = study.folder / "forecast";
  check_folder(comm, folder);

  // 2. A list of points, or frames on a grid with their errors beside what a user would have without the
  // model.
  std::unique_ptr<WeightPath> path;
  if (options.mode == "galerkin") {
    auto inr =
        hyper::make_model<double>(hyper::deck_of_model(schema, checkpoint.model.deck), checkpoint.model.facts)
            .inr;
    path = std::make_unique<Galerkin>(study, model, phi, std::move(inr), folder / model.facts.dataset_name,
                                      origin);
  } else {
    path = std::make_unique<Direct>(model, phi);
  }
  return options.points.empty() ? forecast_frames(study, options, model, *path, folder, origin)
                                : forecast_points(study, options, model, *path, folder, origin);
}

std::string describe(const Study& study) {
  const auto options = study.deck.read<ForecastOptions>();
  const auto checkpoint = load(study, options);
  const auto& facts = checkpoint.model.facts;
  return fmt::format("checkpoint {} dataset {} window [{:g}, {:g}] phi {}\n", checkpoint.file,
                     facts.dataset_name, facts.window_start, facts.window_end, checkpoint.model.phi.size());
}

}  // namespace hypercast::forecast
