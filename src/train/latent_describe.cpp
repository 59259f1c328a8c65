#include <fmt/format.h>

#include <algorithm>

#include "hyper/grid_modes.hpp"
#include "train/latent.hpp"
#include "train/rollout_loss.hpp"
#include "train/run.hpp"
#include "train/sharded_map.hpp"

namespace hypercast::train {

void check_dynamics(const Deck& deck, const DynamicsTraining& options, std::size_t frames) {
  if (frames < 2)
    deck.fail("data", "window_frames", "latent dynamics need training sequences of at least two frames");
  const int longest = static_cast<int>(frames) - 1;
  for (const auto& [key, value] :
       {std::pair{"rollout_first", options.rollout_first}, {"rollout_last", options.rollout_last}})
    if (value > longest)
      deck.fail("dynamics", key, fmt::format("the training window has frames for rollouts of {}", longest));
  const std::size_t code = hyper::code_size(deck);
  const hyper::CodeScaling scaling{std::vector<double>(code), 1, std::vector<double>(code, 1.0), 0, {}, {}};
  if (!hyper::make_dynamics<float>(deck, scaling)->is_fitted()) return;
  const std::string closed = "dynamics of kind " + options.kind + " are fitted in closed form: ";
  if (options.members > 1) deck.fail("dynamics", "members", closed + "there is one member");
  if (options.images > 1) deck.fail("dynamics", "images", closed + "they are not shown images of sequences");
}

void check_codes(const Deck& deck, const hyper::Model<float>& model, std::size_t frames) {
  const std::size_t code = hyper::code_size(deck), known = model.facts.parameters.size() + 1;
  if (model.hypernetwork.head().moves_readout_only() && !model.hypernetwork.has_trunk()) {
    const std::size_t most = std::min(frames - std::min(frames, known), model.inr.readout());
    if (code > most)
      deck.fail("condition.code", "size",
                fmt::format("{} frames to train on and {} numbers of the readout have at most {} independent "
                            "components",
                            frames, model.inr.readout(), most));
  }
  if (hyper::wants_modes(deck))
    hyper::check_modes(model.inr.features().outputs(), model.facts.channels.size(), model.facts.points(),
                       frames);
}

std::string describe_latent(const Study& study) {
  const auto& comm = study.context.comm;
  const auto options = read_train_options(study.deck);
  const auto dynamics = study.deck.read<DynamicsTraining>();
  const auto data_options = read_data_options(study.deck);
  const auto condition = hyper::conditioning_of(study.deck);
  const std::size_t code = hyper::code_size(study.deck), parameters = condition.parameters.size();
  const hyper::CodeScaling scaling{std::vector<double>(code),       1,
                                   std::vector<double>(code, 1.0),  0,
                                   std::vector<double>(parameters), std::vector<double>(parameters, 1.0)};
  const auto flow = hyper::make_dynamics<float>(study.deck, scaling);
  const int steps = flow->is_fitted() ? 0 : dynamics.steps;
  const std::string moves =
      fmt::format("dynamics {}: {} members of {} numbers, steps {} batch {} useful ranks at most {}\n",
                  dynamics.kind, dynamics.members, flow->params(), steps, dynamics.batch,
                  (dynamics.batch + dynamics.sequences_per_leaf - 1) / dynamics.sequences_per_leaf);
  const auto folder = data_options.in(study.folder);
  if (!hyper::is_there(comm, folder)) return moves + fmt::format("data {}: not there yet\n", folder.string());

  auto list = window_frames(comm, folder, data_options, condition);
  const auto valid =
      take_validation(comm, validation_folder(study, data_options), static_cast<int>(list.frames()), list);
  check_dynamics(study.deck, dynamics, list.frames());
  const auto facts = facts_of(list, data_options, condition);
  const auto model = hyper::make_model<float>(study.deck, facts);
  check_codes(study.deck, model, list.samples());
  std::string seen;
  hyper::observed_points(comm, study.folder, data_options.choice(), list.layout.axes, list.pieces.size(),
                         seen);
  const bool projected = model.hypernetwork.head().moves_readout_only() && !model.hypernetwork.has_trunk();
  const std::size_t learned = projected ? model.inr.hidden() : model.params() + list.samples() * code;
  const double mib = 1.0 / (1 << 20);
  const auto demand = demand_of(list, data_options, condition, options.batch),
             valid_demand = demand_of(valid, data_options, condition, 0);
  const std::size_t frame_size = list.layout.frame_size();
  const auto plans = plan_frames(study.deck, data_options.memory, frame_size, demand, valid_demand);
  std::string text = fmt::format(
      "data {}: {} trajectories of {} frames, {} for validation, points {} channels {}\n", folder.string(),
      list.pieces.size(), list.frames(), valid.pieces.size(), facts.points(), facts.channels.size());
  text += "training: " + text_of(plans.fitted, demand, frame_size) + "\n";
  if (!valid.pieces.empty()) text += "validation: " + text_of(plans.valid, valid_demand, frame_size) + "\n";
  text += "observed: " + seen + "\n";
  for (const auto& field : list.files.front().passed_over) text += "not learned: " + field + "\n";
  text += fmt::format("codes of {} numbers by {}: {} learned, {}\n", code,
                      projected ? "projection" : "auto-decoding", learned,
                      learned == 0 ? "no steps"
                                   : fmt::format("steps {} batch {} points {}", options.steps, options.batch,
                                                 options.points));
  text += moves;
  const Replicas replicas(study.context, options.replicas);
  const auto shards =
      projected ? replicate(comm, learned)
                : shards_of(replicas.group, hyper::make_auto_decoder<float>(study.deck, facts).hypernetwork);
  text += "memory: " + memory_text(shards, !projected && options.replicas > 1) + "\n";
  return text + fmt::format("model phi {} theta {} checkpoint {:.1f} MiB\n", model.params(),
                            model.inr.params(),
                            4 * mib *
                                static_cast<double>(model.params() + 3 * std::max(learned, flow->params()) +
                                                    dynamics.members * flow->params()));
}

}  // namespace hypercast::train
