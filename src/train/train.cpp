#include "train/train.hpp"

#include <fmt/format.h>

#include "io/checkpoint_folder.hpp"
#include "io/on_root.hpp"
#include "train/frame_loss.hpp"
#include "train/loop.hpp"

namespace hypercast::train {

namespace fs = std::filesystem;

namespace {

DataOptions read_data_options(const Deck& deck) {
  const auto options = deck.read<DataOptions>();
  if (options.hold_out_every > 0 && options.hold_out_offset >= options.hold_out_every)
    deck.fail("data", "hold_out_offset", "must be below hold_out_every");
  return options;
}

// What a run that goes on from `step` would mix with its own: all of an earlier training when it starts
// afresh, else the checkpoints beyond that step, which a later --resume auto would take. Relative to the run
// folder.
std::vector<fs::path> leftovers(const fs::path& folder, std::int64_t step) {
  std::vector<fs::path> names;
  if (step == 0) {
    for (const char* name : {"ckpt", "metrics.csv", "metrics.h5"})
      if (fs::exists(folder / name)) names.emplace_back(name);
    return names;
  }
  for (const auto& stored : io::list_checkpoints(folder / "ckpt"))
    if (stored.step > step) names.push_back("ckpt" / stored.path.filename());
  return names;
}

// COLLECTIVE. Moves leftovers to DIR/previous-N, so that nothing is lost.
void move_aside(const Study& study, std::int64_t step) {
  std::string moved;
  io::on_root(study.context.comm, [&] {
    try {
      int n = 1;
      while (fs::exists(study.folder / fmt::format("previous-{}", n))) ++n;
      const fs::path to = study.folder / fmt::format("previous-{}", n);
      for (const auto& name : leftovers(study.folder, step)) {
        fs::create_directories((to / name).parent_path());
        fs::rename(study.folder / name, to / name);
        moved = to.string();
      }
    } catch (const fs::filesystem_error& error) {
      throw UserError(Exit::cannot_create, error.what());
    }
  });
  const auto what = step == 0 ? std::string("fresh start: the earlier training was")
                              : fmt::format("checkpoints beyond step {} were", step);
  if (!moved.empty()) study.context.log.info("{} moved to {}", what, moved);
}

// The state to go on from, as --resume and init_from say.
State starting_state(const Study& study, const TrainOptions& options, const hyper::Model<float>& model,
                     const std::string& model_deck) {
  const auto& comm = study.context.comm;
  const auto& log = study.context.log;
  if (study.flag("resume") && study.flags.at("resume") != "auto") {
    const std::string file = study.flags.at("resume");
    log.info("resume from {}", file);
    return from_archive(io::read_checkpoint(comm, file), file, model_deck, model.facts);
  }
  if (study.flag("resume")) {
    const auto newest = io::newest_valid(comm, study.folder / "ckpt");
    for (const auto& line : newest.skipped)
      if (comm.is_root()) log.warn("{}", line);
    if (newest.found) {
      log.info("resume from {}", newest.found->path.string());
      return from_archive(newest.archive, newest.found->path.string(), model_deck, model.facts);
    }
    log.info("resume auto: no checkpoint that verifies, a fresh start");
  }
  if (options.init_from.empty()) return State(model.initial(options.seed));
  log.info("parameters from {}", options.init_from);
  return State(
      parameters(io::read_checkpoint(comm, options.init_from), options.init_from, model_deck, model.facts));
}

io::Provenance provenance(const Study& study, const TrainOptions& options) {
  io::ProvenanceInput input;
  input.command_line = study.command_line;
  input.libraries = study.libraries;
  input.deck = study.deck.text();
  input.deck_resolved = study.deck.resolved();
  input.seed = static_cast<std::uint64_t>(options.seed);
  return io::provenance(study.context.comm, input);
}

}  // namespace

Exit train(const Study& study) {
  const auto& [comm, node, log, timers, signals] = study.context;
  const auto options = study.deck.read<TrainOptions>();
  const auto data_options = read_data_options(study.deck);
  const auto condition = hyper::conditioning_of(study.deck);

  // 1. Data, and the model they and the deck make.
  const fs::path folder = data_options.in(study.folder);
  if (!hyper::is_there(comm, folder))
    throw UserError(Exit::no_input, folder.string() +
                                        " does not exist: run hypercast-solve first or name a folder "
                                        "of trajectories in [data] path");
  const auto list = window_frames(comm, folder, data_options, condition);
  std::string source;
  auto observed = hyper::observed_points(comm, study.folder, data_options.choice(), list.layout.axes,
                                         list.pieces.size(), source);
  if (!observed.everywhere()) log.info("observed: {}", source);
  Dataset data(study.context, list, data_options, condition, std::move(observed));
  if (const int most = hyper::wanted_rates(study.deck); most > 0) data.find_rates(most);
  const auto model = hyper::make_model<float>(study.deck, data.facts());
  const std::string model_deck = hyper::model_deck(study.deck);
  log.info("data {} frames {} held out {} of {} points {} channels", data.split().fitted.size(),
           data.split().held_out.size(), data.facts().dataset_name, data.facts().points(),
           data.facts().channels.size());
  for (const auto& field : list.files.front().passed_over) log.info("not learned: {}", field);
  log.info("model phi {} theta {} ranks {}", model.params(), model.inr.params(), comm.size());

  // 2. Where to start.
  State state = starting_state(study, options, model, model_deck);
  if (state.step >= options.steps)
    log.info("already at step {} of {}: nothing to train", state.step, options.steps);
  move_aside(study, state.step);

  // 3. Fit.
  const auto origin = provenance(study, options);
  const hyper::StoredModel stored{model_deck, hyper::layout_text(model), model.facts, {}};
  const auto save = [&](const State& present) {
    std::string path;
    if (comm.is_root())
      path = io::save_checkpoint(study.folder / "ckpt", present.step, to_archive(present, stored), origin,
                                 options.keep_last)
                 .string();
    return comm.broadcast(path);
  };
  std::unique_ptr<io::Metrics> metrics;
  if (comm.is_root())
    metrics = std::make_unique<io::Metrics>(
        study.folder, std::vector<std::string>{"loss", "gradient_norm", "rate", "relative_l2"},
        state.step == 0 ? 0 : state.step + 1);
  FrameLoss loss(study.context, data, model, options);
  Loop loop(study.context, loss, options, study.deck.read<RunOptions>().progress_interval, save,
            metrics.get());
  return loop.run(state);
}

std::string describe(const Study& study) {
  const auto& comm = study.context.comm;
  const auto options = study.deck.read<TrainOptions>();
  const auto data_options = read_data_options(study.deck);
  const auto condition = hyper::conditioning_of(study.deck);
  const auto folder = data_options.in(study.folder);
  const int leaves = (options.batch + options.frames_per_leaf - 1) / options.frames_per_leaf;
  std::string text = fmt::format("steps {} batch {} points {} useful ranks at most {}\n", options.steps,
                                 options.batch, options.points, leaves);
  if (!hyper::is_there(comm, folder)) return text + fmt::format("data {}: not there yet\n", folder.string());
  const auto list = window_frames(comm, folder, data_options, condition);
  const auto facts = facts_of(list, data_options, condition);
  const double mib = 1.0 / (1 << 20);
  text += fmt::format("data {}: fitted {} held out {} points {} channels {} ({:.1f} MiB a node)\n",
                      folder.string(), facts.train_times.size(), facts.held_out_times.size(), facts.points(),
                      facts.channels.size(),
                      4 * mib * static_cast<double>(list.samples() * list.layout.frame_size()));
  for (const auto& field : list.files.front().passed_over) text += "not learned: " + field + "\n";
  if (hyper::wanted_rates(study.deck) > 0) return text + "model: its size follows from the data's spectrum\n";
  const auto model = hyper::make_model<float>(study.deck, facts);
  return text + fmt::format("model phi {} theta {} checkpoint {:.1f} MiB\n", model.params(),
                            model.inr.params(), 12 * mib * static_cast<double>(model.params()));
}

}  // namespace hypercast::train
