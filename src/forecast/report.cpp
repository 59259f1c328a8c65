#include "forecast/report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "forecast/baselines.hpp"
#include "forecast/ensemble_baselines.hpp"
#include "forecast/equation.hpp"
#include "forecast/fields.hpp"
#include "forecast/parametric_baselines.hpp"
#include "forecast/physics_residual.hpp"
#include "forecast/spectra.hpp"
#include "forecast/training_frames.hpp"
#include "hyper/data_folder.hpp"
#include "io/forecast.hpp"
#include "io/on_root.hpp"

namespace hypercast::forecast {

namespace fs = std::filesystem;

bool wants_residual(const Deck& deck) {
  const auto options = deck.read<ForecastOptions>();
  return options.residual && options.points.empty() && names_equation(deck);
}

namespace {

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
    if (table.split) {
      io::Series inside{table.names[f] + "_mse_inside", {}}, outside{table.names[f] + "_mse_outside", {}};
      for (std::size_t k = 0; k < table.times.size(); ++k) {
        inside.values.push_back(table.mean(f, k).mse_inside);
        outside.values.push_back(table.mean(f, k).mse_outside);
      }
      series.push_back(std::move(inside));
      series.push_back(std::move(outside));
    }
    if (!table.spread[f].empty()) {
      io::Series spread{table.names[f] + "_spread", {}};
      for (std::size_t k = 0; k < table.times.size(); ++k) spread.values.push_back(table.mean_spread(f, k));
      series.push_back(std::move(spread));
    }
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

// COLLECTIVE. What models of many trajectories learned from; null when it is not at hand.
std::unique_ptr<TrainingFrames> training_of(const Study& study, const hyper::ModelFacts& facts) {
  const auto folder = study.deck.read<hyper::DataFolder>().in(study.folder);
  if (hyper::is_there(study.context.comm, folder))
    return std::make_unique<TrainingFrames>(study.context, folder, facts);
  study.context.log.info("no training trajectories at {}: no baselines", folder.string());
  return nullptr;
}

using Baselines = std::vector<std::unique_ptr<Forecaster>>;

// COLLECTIVE. Of latent forecasts that start from a reference's frames.
Baselines baselines_of_ensemble(const Study& study, const ForecastOptions& options,
                                const hyper::ModelFacts& facts, const TrainingFrames& training,
                                const Reference& reference, const hyper::Observed& observed) {
  EnsembleKnowledge known;
  known.training = training.spans();
  known.training_frames = training.per_trajectory();
  std::string source;
  known.training_observed = hyper::observed_points(study.context.comm, study.folder,
                                                   {facts.observed, facts.own_masks, options.mask_seed},
                                                   facts.axes, training.trajectories(), source);
  known.observed = observed;
  known.rank = static_cast<int>(facts.codes.size());
  return ensemble_baselines(reference, facts, known);
}

// Of H(t, mu). Parameters are scaled as H takes them, so that distances in different ones compare.
Baselines baselines_across_parameters(const hyper::Model<float>& model, const TrainingFrames& training,
                                      const WeightPath& path) {
  const auto& wanted = model.facts.parameters;
  const auto scaled = [&](const std::vector<std::pair<std::string, double>>& known) {
    const auto mu = model.scaled_parameters(hyper::parameters_of(wanted, known));
    return std::vector<double>(mu.begin(), mu.end());
  };
  ParametricKnowledge known{training.spans(), training.times(), {}, {}};
  for (std::size_t b = 0; b < training.trajectories(); ++b)
    known.mu.push_back(scaled(training.parameters(b)));
  for (int b = 0; b < path.trajectories(); ++b) known.wanted.push_back(scaled(path.parameters(b)));
  return parametric_baselines(known);
}

// COLLECTIVE. They may borrow the frames of `training`.
Baselines baselines_of(const Study& study, const ForecastOptions& options, const hyper::Model<float>& model,
                       const WeightPath& path, const Reference& reference, const TrainingFrames* training) {
  const auto scope = study.context.timers.scope("baselines");
  const auto& facts = model.facts;
  if (!options.baselines) return {};
  if (!is_of_many(facts)) return baselines(reference, facts, options);
  if (!training) return {};
  if (const auto* observed = path.observed_start())
    return baselines_of_ensemble(study, options, facts, *training, reference, *observed);
  if (facts.condition == hyper::Condition::code) return still_baselines(training->spans());
  return baselines_across_parameters(model, *training, path);
}

ErrorTable errors_of(const Study& study, const ForecastOptions& options, const hyper::Model<float>& model,
                     WeightPath& path, const Reference& reference, const std::vector<double>& times,
                     const fs::path& file, const io::Provenance& origin) {
  const auto points = hyper::grid_points(model.facts.axes);
  Fields fields(model, path, points);
  const bool many = is_of_many(model.facts);
  if (!many && differs_from_training(reference, model.facts) && study.context.comm.is_root())
    study.context.log.warn(
        "the reference is not the data the model was trained on: 'fitted' and 'held out' only "
        "say which times training saw");
  const auto training = many && options.baselines ? training_of(study, model.facts) : nullptr;
  const auto others = baselines_of(study, options, model, path, reference, training.get());
  std::vector<Forecaster*> all{&fields};
  for (const auto& other : others) all.push_back(other.get());
  const auto table = compare(study.context, reference, model.facts, times, all, path.observed_start());
  if (options.spectra && !table.times.empty())
    write_spectra(study.context.comm, file,
                  compare_spectra(study.context, reference, model.facts, times, all), origin);
  return table;
}

}  // namespace

void report(const Study& study, const hyper::Model<float>& model, WeightPath& path,
            const Reference* reference, const std::vector<double>& times, const fs::path& file,
            const io::Provenance& origin) {
  const auto options = study.deck.read<ForecastOptions>();
  remove_tables(study.context.comm, file, options.mode);
  ErrorTable table;
  if (reference) table = errors_of(study, options, model, path, *reference, times, file, origin);
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

}  // namespace hypercast::forecast
