#include "train/train.hpp"

#include <fmt/format.h>

#include "train/frame_loss.hpp"
#include "train/latent.hpp"
#include "train/loop.hpp"
#include "train/run.hpp"
#include "train/step_report.hpp"

namespace hypercast::train {

namespace {

// The state to go on from, as --resume and init_from say.
State starting_state(const Study& study, const TrainOptions& options, const hyper::Model<float>& model,
                     const std::string& model_deck, const FrameLoss& loss) {
  const Shards& shards = loss.shards();
  if (const auto found = checkpoint_to_resume(study)) {
    same_model(*found, model_deck, model.facts);
    return stored_state(loss.group(), *found, hyper::phi_entry, shards);
  }
  if (options.init_from.empty()) return initial_state(shards, model, options.seed);
  study.context.log.info("parameters from {}", options.init_from);
  const auto from = io::open_checkpoint(study.context.comm, options.init_from, divided_entries());
  same_deck(from, model_deck, model.facts);
  return {shards, stored_part(loss.group(), from, hyper::phi_entry, shards)};
}

}  // namespace

Exit train(const Study& study) {
  const auto& log = study.context.log;
  const auto options = read_train_options(study.deck);
  const auto data_options = read_data_options(study.deck);
  const auto conditioning = hyper::conditioning_of(study.deck);
  if (conditioning.kind == hyper::Condition::code) return train_latent(study);

  // 1. Data, and the model they and the deck make.
  const auto list =
      window_frames(study.context.comm, data_folder(study, data_options), data_options, conditioning);
  const auto demand = demand_of(list, data_options, conditioning, options.batch);
  const std::size_t frame_size = list.layout.frame_size();
  const auto plan = plan_frames(study.deck, data_options.memory, frame_size, demand).fitted;
  const auto data = open_data(study, list, data_options, conditioning, nullptr, plan);
  if (const int most = hyper::wanted_rates(study.deck); most > 0) data->find_rates(study.context.comm, most);
  const auto model = hyper::make_model<float>(study.deck, data->facts());
  const std::string model_deck = hyper::model_deck(study.deck);
  log.info("data {} frames {} held out {} of {} points {} channels", data->split().fitted.size(),
           data->split().held_out.size(), data->facts().dataset_name, data->facts().points(),
           data->facts().channels.size());
  log.info("training: {}", text_of(plan, demand, frame_size));
  for (const auto& field : list.files.front().passed_over) log.info("not learned: {}", field);
  log.info("model phi {} theta {} ranks {}", model.params(), model.inr.params(), study.context.comm.size());

  // 2. Where to start. The machine is measured before parameters take its memory.
  StepReport report(study, options.calibrate);
  report.begin(0, modelled(model, *data, options), grid_of(options, study.context.comm.size()),
               options.steps);
  FrameLoss loss(study.context, *data, model, options);
  log.info("memory: {}", memory_text(loss.shards(), options.replicas > 1));
  State state = starting_state(study, options, model, model_deck, loss);
  if (state.step >= options.steps)
    log.info("already at step {} of {}: nothing to train", state.step, options.steps);
  else
    warn_of_idle_ranks(study.context, loss.leaves());
  move_aside(study, state.resumed());

  // 3. Fit.
  const auto origin = provenance(study, options.seed);
  const hyper::StoredModel stored{model_deck, hyper::layout_text(model), model.facts};
  const auto save = [&](const State& now) {
    io::Archive archive;
    hyper::put_model(archive, stored);
    put_state(archive, now);
    return save_checkpoint(study, now.step, archive, streams_of(loss.group(), now, hyper::phi_entry),
                           loss.group(), origin, options.keep_last);
  };
  const auto metrics = open_metrics(study, state.step);
  Loop loop(study.context, loss, options, study.deck.read<RunOptions>().progress_interval, save,
            metrics.get());
  const auto first = state.step;
  const Exit exit = loop.run(state);
  log_reading(study.context, data.get());
  report.end(state.step - first);
  return exit;
}

std::string describe(const Study& study) {
  const auto& comm = study.context.comm;
  if (hyper::conditioning_of(study.deck).kind == hyper::Condition::code) return describe_latent(study);
  const auto options = read_train_options(study.deck);
  const auto data_options = read_data_options(study.deck);
  const auto condition = hyper::conditioning_of(study.deck);
  const auto folder = data_options.in(study.folder);
  const int leaves = leaves_of(options.batch, options);
  std::string text = fmt::format("steps {} batch {} points {} useful ranks at most {}\n", options.steps,
                                 options.batch, options.points, leaves);
  if (!hyper::is_there(comm, folder)) return text + fmt::format("data {}: not there yet\n", folder.string());
  const auto list = window_frames(comm, folder, data_options, condition);
  const auto facts = facts_of(list, data_options, condition);
  const double mib = 1.0 / (1 << 20);
  text += fmt::format("data {}: fitted {} held out {} points {} channels {}\n", folder.string(),
                      facts.train_times.size(), facts.held_out_times.size(), facts.points(),
                      facts.channels.size());
  const auto demand = demand_of(list, data_options, condition, options.batch);
  const std::size_t frame_size = list.layout.frame_size();
  const auto plan = plan_frames(study.deck, data_options.memory, frame_size, demand).fitted;
  text += "training: " + text_of(plan, demand, frame_size) + "\n";
  for (const auto& field : list.files.front().passed_over) text += "not learned: " + field + "\n";
  if (hyper::wanted_rates(study.deck) > 0) return text + "model: its size follows from the data's spectrum\n";
  const auto model = hyper::make_model<float>(study.deck, facts);
  const Replicas replicas(study.context, options.replicas);
  return text + fmt::format("model phi {} theta {} checkpoint {:.1f} MiB\nmemory: {}\n", model.params(),
                            model.inr.params(), 12 * mib * static_cast<double>(model.params()),
                            memory_text(shards_of(replicas.group, model.hypernetwork), options.replicas > 1));
}

}  // namespace hypercast::train
