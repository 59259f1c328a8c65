#include "forecast/checkpoint.hpp"

#include "hyper/difference.hpp"
#include "hyper/dynamics.hpp"
#include "io/checkpoint_folder.hpp"

namespace hypercast::forecast {

namespace {

io::Checkpoint load(const Study& study, const std::string& wanted) {
  const auto& comm = study.context.comm;
  if (!wanted.empty()) return io::open_checkpoint(comm, wanted, {});
  auto newest = io::newest_valid(comm, study.folder / "ckpt");
  for (const auto& line : newest.skipped)
    if (comm.is_root()) study.context.log.warn("{}", line);
  if (!newest.found)
    throw UserError(Exit::no_input, "no checkpoint in " + (study.folder / "ckpt").string() +
                                        ": run hypercast-train first or name one in [forecast] checkpoint");
  return std::move(*newest.found);
}

// The checkpoint decides; a deck that says something else is worth a word.
void warn_of_difference(const Study& study, const hyper::StoredModel& model) {
  const auto difference =
      hyper::mismatch(hyper::model_deck(study.deck), model.facts, model.deck, model.facts);
  if (!difference.empty() && study.context.comm.is_root())
    study.context.log.warn("the deck's model is not the checkpoint's ({}); the checkpoint's is used",
                           difference);
}

}  // namespace

Checkpoint::Checkpoint(const Study& study) {
  const auto loaded = load(study, study.deck.read<ForecastOptions>().checkpoint);
  file_ = loaded.file;
  stored_ = hyper::get_model(loaded.archive);
  phi_ = hyper::get_phi(loaded.archive);
  dynamics_ = hyper::get_dynamics(loaded.archive);
  warn_of_difference(study, stored_);
  if (dynamics_ && dynamics_->members.size() < dynamics_->wanted && study.context.comm.is_root())
    study.context.log.warn("training is not done: {} holds {} of {} dynamics", file_,
                           dynamics_->members.size(), dynamics_->wanted);
  hyper::add_model_sections(schema_);
  schema_.add<hyper::DynamicsOptions>();
  hyper::add_dynamics_kinds(schema_);
  model_ = std::make_unique<hyper::Model<float>>(
      hyper::make_model<float>(hyper::deck_of_model(schema_, stored_.deck), stored_.facts));
  if (phi_.size() != model_->params())
    throw UserError(Exit::refused, file_ + ": its parameters do not fit its own model");
}

hyper::Model<double> Checkpoint::precise() const {
  return hyper::make_model<double>(hyper::deck_of_model(schema_, stored_.deck), stored_.facts);
}

Deck Checkpoint::dynamics_deck() const { return Deck(schema_, dynamics_->deck, "checkpoint"); }

}  // namespace hypercast::forecast
