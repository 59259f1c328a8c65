#include "forecast/forecast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/memory.hpp"
#include "forecast/checkpoint.hpp"
#include "forecast/direct.hpp"
#include "forecast/galerkin.hpp"
#include "forecast/latent.hpp"
#include "forecast/output.hpp"
#include "forecast/physics_residual.hpp"
#include "forecast/report.hpp"
#include "forecast/spectra.hpp"
#include "hyper/data_folder.hpp"
#include "io/on_root.hpp"
#include "io/points.hpp"

namespace hypercast::forecast {

namespace fs = std::filesystem;

namespace {

// Whether the deck says itself what is forecast, one trajectory, rather than a reference.
bool is_own(const ForecastOptions& options) {
  return !options.observations.empty() || !options.parameters.empty();
}

// Models of many trajectories forecast those they have not seen: data/test, when it is there.
std::unique_ptr<Reference> find_reference(const Study& study, const ForecastOptions& options,
                                          const hyper::ModelFacts& facts) {
  const auto& comm = study.context.comm;
  const bool own = is_own(options);
  if (!options.reference.empty())
    return std::make_unique<Reference>(study.context, options.reference, facts,
                                       own ? std::optional(options.trajectory) : std::nullopt);
  if (own) return nullptr;  // which trajectory it is, only the user knows
  const auto data = study.deck.read<hyper::DataFolder>();
  std::vector<fs::path> folders{data.in(study.folder)};
  if (is_of_many(facts) && data.path.empty()) folders.insert(folders.begin(), study.folder / "data" / "test");
  for (const auto& folder : folders) {
    if (!hyper::is_there(comm, folder)) continue;
    if (is_of_many(facts))
      study.context.log.info("reference {}{}", folder.string(),
                             folder == folders.back() ? ": the training trajectories, not unseen ones" : "");
    return std::make_unique<Reference>(study.context, folder, facts);
  }
  if (!data.path.empty() && comm.is_root())
    study.context.log.warn("no reference: [data] path {} is not there", data.path);
  return nullptr;
}

// Told rather than refused: a user may want to see how far a model carries over.
void warn_of_another_dataset(const Study& study, const hyper::ModelFacts& facts, const Reference* reference) {
  if (reference && reference->dataset_name() != facts.dataset_name && study.context.comm.is_root())
    study.context.log.warn("the reference holds '{}', the model learned '{}'", reference->dataset_name(),
                           facts.dataset_name);
}

// Told before anything is allocated: places, their inputs, values and spread of a frame.
void check_memory(const Study& study, const ForecastOptions& options, const hyper::Model<float>& model) {
  const double points = static_cast<double>(model.facts.points()) *
                        std::pow(options.refine, static_cast<double>(model.facts.axes.size()));
  const double each = 8.0 * static_cast<double>(model.coordinates.dimensions()) +
                      4.0 * static_cast<double>(model.coordinates.inputs() + 6 * model.facts.channels.size());
  const double most = physical_memory();
  if (study.context.comm.any(points * each > most))
    study.deck.fail(
        "forecast", "refine",
        fmt::format("a frame would have {:.2g} points and take {:.2g} GiB on a rank, this machine has {:.2g}",
                    points, points * each / (1 << 30), most / (1 << 30)));
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
    // Who follows the equation goes on for a window more.
    const std::size_t window = times.size();
    for (std::size_t k = 1; options.mode == "galerkin" && options.observations.empty() && k < window; ++k)
      times.push_back(facts.window_end + times[k] - facts.window_start);
  }
  for (const double t : times) check_condition(facts, t);
  return times;
}

// Without what lies before a path begins, unless the user asked for it.
void drop_early_times(const Deck& deck, const ForecastOptions& options, const WeightPath& path,
                      double interval, std::vector<double>& times) {
  const auto early = [&](double t) { return t < path.begins() - 1e-6 * interval; };
  const auto text = [&] { return fmt::format("the forecast begins at t = {:g}", path.begins()); };
  if (!options.times.empty() && early(times.front()))
    deck.fail("forecast", "times", fmt::format("{:g}: {}", times.front(), text()));
  std::erase_if(times, early);
  if (times.empty()) deck.fail("forecast", "observations", text() + ", after all frames of the reference");
}

// Told rather than corrected: a user may want to see what wrong parameters do.
void warn_of_parameters(const Study& study, const ForecastOptions& options, const hyper::ModelFacts& facts,
                        const Reference* reference) {
  if (!reference || options.parameters.empty() || !study.context.comm.is_root()) return;
  const auto theirs = hyper::parameters_of(facts.parameters, reference->parameters(0));
  for (std::size_t i = 0; i < std::min(theirs.size(), options.parameters.size()); ++i)
    if (std::abs(theirs[i] - options.parameters[i]) > 1e-9 * std::abs(theirs[i]))
      study.context.log.warn("{} is {:g} in [forecast] parameters, {:g} in the reference",
                             facts.parameters[i].name, options.parameters[i], theirs[i]);
}

io::Provenance provenance(const Study& study, const Checkpoint& checkpoint) {
  io::ProvenanceInput input;
  input.command_line = study.command_line;
  input.libraries = study.libraries;
  input.deck = study.deck.text();
  input.deck_resolved = study.deck.resolved();
  const auto& facts = checkpoint.facts();
  input.more = {{"checkpoint", checkpoint.file()},
                {"condition", hyper::name_of(facts.condition)},
                {"mode", study.deck.read<ForecastOptions>().mode},
                {"trajectory", std::to_string(facts.trajectory)}};
  return io::provenance(study.context.comm, input);
}

// Numbers of the equation that lie outside what training saw.
void warn_of_extrapolation(const Study& study, const hyper::ModelFacts& facts, const WeightPath& path) {
  if (!study.context.comm.is_root()) return;
  for (const auto& trained : facts.parameters) {
    int outside = 0;
    double example = 0;
    for (int b = 0; b < path.trajectories(); ++b)
      for (const auto& [name, value] : path.parameters(b))
        if (name == trained.name && std::abs(value - trained.centre) > (1 + 1e-9) * trained.scale) {
          ++outside;
          example = value;
        }
    if (outside > 0)
      study.context.log.warn("{} of {} trajectories have a {} outside [{:g}, {:g}], which training saw: {:g}",
                             outside, path.trajectories(), trained.name, trained.centre - trained.scale,
                             trained.centre + trained.scale, example);
  }
}

Exit stopped(const Study& study) {
  study.context.log.info(
      "stopped before the forecast was complete: run again and give it more time, a forecast is not kept in "
      "part");
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

// The last time before one of the paths leaves all bounds; the log warns, the file says it.
void note_bounds(const Study& study, const WeightPath& path, io::Provenance& origin) {
  double until = std::numeric_limits<double>::infinity();
  int lost = 0;
  for (int b = 0; b < path.trajectories(); ++b) {
    double first = std::numeric_limits<double>::infinity();
    for (int m = 0; m < path.members(); ++m) first = std::min(first, path.bounded_until(b, m));
    if (std::isfinite(first)) ++lost;
    until = std::min(until, first);
  }
  if (lost == 0) return;
  origin.emplace_back("bounded_until", fmt::format("{:.9g}", until));
  if (study.context.comm.is_root())
    study.context.log.warn(
        "the dynamics of {} of {} trajectories leave all bounds, the first after t = {:g}: fields are NaN "
        "from "
        "then on",
        lost, path.trajectories(), until);
}

Exit forecast_points(const Study& study, const ForecastOptions& options, const hyper::Model<float>& model,
                     WeightPath& path, const fs::path& folder, io::Provenance origin) {
  const auto dimensions = model.coordinates.dimensions();
  const auto rows = io::read_points(study.context.comm, options.points, static_cast<int>(dimensions));
  const fs::path file = folder / (model.facts.dataset_name + "_points.hdf5");
  const auto reference = options.mode == "direct" && model.facts.parameters.empty()
                             ? nullptr
                             : find_reference(study, options, model.facts);
  double latest = model.facts.window_start;
  for (std::size_t i = 0; i < rows.size(); i += dimensions + 1) latest = std::max(latest, rows[i]);
  if (!path.prepare(latest, reference.get())) return stopped(study);
  for (std::size_t i = 0; i < rows.size(); i += dimensions + 1)
    if (rows[i] < path.begins() - 1e-6 * model.facts.frame_interval)
      study.deck.fail("forecast", "points",
                      fmt::format("row {}: t = {:g}, but the forecast begins at t = {:g}",
                                  i / (dimensions + 1) + 1, rows[i], path.begins()));
  const int trajectory = is_own(options) ? 0 : options.trajectory;
  if (trajectory >= path.trajectories())
    study.deck.fail("forecast", "trajectory", fmt::format("there are {} trajectories", path.trajectories()));
  warn_of_extrapolation(study, model.facts, path);
  note_bounds(study, path, origin);
  if (!write_points(study.context, model, path, trajectory, rows, file, origin)) return stopped(study);
  study.context.log.info("points {} file {}", rows.size() / (dimensions + 1), file.string());
  return Exit::ok;
}

Exit forecast_frames(const Study& study, const ForecastOptions& options, const hyper::Model<float>& model,
                     WeightPath& path, const fs::path& folder, io::Provenance origin) {
  if (options.spectra && !Spectrum::possible(model.facts.axes))
    study.deck.fail("forecast", "spectra", "spectra need axes that are all periodic");
  const auto reference = find_reference(study, options, model.facts);
  warn_of_another_dataset(study, model.facts, reference.get());
  warn_of_parameters(study, options, model.facts, reference.get());
  auto times = frame_times(study.deck, options, reference.get(), model.facts);
  if (options.times.empty() && !reference && std::isfinite(path.begins()))  // a window from there on
    for (double& t : times) t += path.begins() - model.facts.window_start;
  drop_early_times(study.deck, options, path, model.facts.frame_interval, times);
  const fs::path file = folder / (model.facts.dataset_name + ".hdf5");
  check_memory(study, options, model);
  const auto axes = refined(model.facts.axes, options.refine);
  const double latest = times.back() + (wants_residual(study.deck) ? 2 * difference_step(model.facts) : 0);
  if (!path.prepare(latest, reference.get())) return stopped(study);
  warn_of_extrapolation(study, model.facts, path);
  note_bounds(study, path, origin);
  if (!write_frames(study.context, model, path, axes, times, file, origin)) return stopped(study);
  study.context.log.info("trajectories {} frames {} file {}", path.trajectories(), times.size(),
                         file.string());
  report(study, model, path, reference.get(), times, file, origin);
  return Exit::ok;
}

// What the checkpoint cannot do, and keys that would do nothing.
void check_fits(const Deck& deck, const ForecastOptions& options, const Checkpoint& checkpoint) {
  const auto& facts = checkpoint.facts();
  const bool code = facts.condition == hyper::Condition::code;
  if (options.mode == "latent" && !(code && checkpoint.dynamics()))
    throw UserError(Exit::refused, checkpoint.file() + (code ? " holds no latent dynamics yet: go on training"
                                                             : " is no model of codes: mode latent needs "
                                                               "[condition] encoder = \"code\""));
  if (options.mode == "direct" && code)
    throw UserError(Exit::refused,
                    checkpoint.file() + " is a model of codes: [forecast] mode must be latent or galerkin");
  if (!options.observations.empty() && !code)
    deck.fail("forecast", "observations",
              "only models of codes start from observations, in mode latent or galerkin");
  if (!options.observations.empty() && options.observed > 0)
    deck.fail("forecast", "observed", "thins a reference; of [forecast] observations all points are used");
  if (!options.parameters.empty() && options.parameters.size() != facts.parameters.size())
    deck.fail("forecast", "parameters",
              fmt::format("gives {} numbers, the model depends on {}", options.parameters.size(),
                          facts.parameters.size()));
}

std::unique_ptr<WeightPath> path_of(const Study& study, const Checkpoint& checkpoint,
                                    const ForecastOptions& options, const fs::path& stem,
                                    const io::Provenance& origin) {
  const auto& model = checkpoint.model();
  check_fits(study.deck, options, checkpoint);
  if (options.mode == "latent")
    return std::make_unique<Latent>(study, model, checkpoint.precise(), checkpoint.phi(),
                                    *checkpoint.dynamics(), checkpoint.dynamics_deck());
  if (options.mode == "galerkin")
    return std::make_unique<Galerkin>(study, model, checkpoint.precise(), checkpoint.phi(), stem, origin);
  return std::make_unique<Direct>(model, checkpoint.phi(), options.parameters);
}

}  // namespace

bool needs_solver(const Deck& deck) {
  return deck.read<ForecastOptions>().mode == "galerkin" || wants_residual(deck);
}

Exit forecast(const Study& study) {
  const auto options = study.deck.read<ForecastOptions>();
  const Checkpoint checkpoint(study);
  const auto& facts = checkpoint.facts();
  study.context.log.info("checkpoint {} dataset {} window [{:g}, {:g}]", checkpoint.file(),
                         facts.dataset_name, facts.window_start, facts.window_end);
  const auto origin = provenance(study, checkpoint);
  const fs::path folder = study.folder / "forecast";
  check_folder(study.context.comm, folder);
  const auto path = path_of(study, checkpoint, options, folder / facts.dataset_name, origin);
  return options.points.empty() ? forecast_frames(study, options, checkpoint.model(), *path, folder, origin)
                                : forecast_points(study, options, checkpoint.model(), *path, folder, origin);
}

std::string describe(const Study& study) {
  const Checkpoint checkpoint(study);
  const auto& facts = checkpoint.facts();
  std::string text =
      fmt::format("checkpoint {} dataset {} window [{:g}, {:g}] phi {}\n", checkpoint.file(),
                  facts.dataset_name, facts.window_start, facts.window_end, checkpoint.phi().size());
  if (facts.condition == hyper::Condition::code) {
    const auto& dynamics = checkpoint.dynamics();
    text +=
        fmt::format("codes of {} numbers, dynamics {}\n", facts.codes.size(),
                    dynamics ? fmt::format("{} of {} numbers, a frame takes {:g}", dynamics->members.size(),
                                           dynamics->members.front().size(), dynamics->interval)
                             : "none yet");
  }
  for (const auto& [name, centre, scale] : facts.parameters)
    text += fmt::format("{}: trained on [{:g}, {:g}]\n", name, centre - scale, centre + scale);
  const auto options = study.deck.read<ForecastOptions>();
  check_fits(study.deck, options, checkpoint);
  if (!options.observations.empty()) {
    const auto all =
        io::read_observations(study.context.comm, options.observations, facts.axes, facts.channels);
    std::size_t places = 0;
    for (const auto& one : all) places += one.values.size() / facts.channels.size();
    text += fmt::format("observations {}: {} at {} times from {:g} to {:g}\n", options.observations, places,
                        all.size(), all.front().time, all.back().time);
  }
  return text;
}

}  // namespace hypercast::forecast
