#include "train/latent.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <tuple>

#include "hyper/grid_modes.hpp"
#include "hyper/latent_file.hpp"
#include "hyper/symmetries.hpp"
#include "io/on_root.hpp"
#include "pde/setup.hpp"
#include "train/code_start.hpp"
#include "train/frame_loss.hpp"
#include "train/loop.hpp"
#include "train/projection.hpp"
#include "train/representation.hpp"
#include "train/rollout_loss.hpp"
#include "train/run.hpp"
#include "train/step_report.hpp"

namespace hypercast::train {

namespace {

// Everything that a checkpoint of latent training holds beside the state of its loop.
struct Progress {
  hyper::StoredModel model;
  Buffer<float> phi;  // of the model of codes, as far as it is known: small, and whole on every rank
  hyper::LatentDynamics dynamics;
  std::vector<float> codes;  // of the training frames, where they would not be found again without a table
};

io::Archive archive_of(const Progress& progress, const State& state) {
  io::Archive archive;
  hyper::put_model(archive, progress.model);
  hyper::put_phi(archive, progress.phi);
  hyper::put_dynamics(archive, progress.dynamics);
  put_state(archive, state);
  if (!progress.codes.empty())
    archive.put("train/codes", {static_cast<std::int64_t>(progress.codes.size())},
                std::span<const float>(progress.codes));
  return archive;
}

// Codes of frames that follow each other, and the numbers of their equations.
struct Sequences {
  std::size_t count = 0, frames = 0, code = 0;
  std::vector<float> codes, mu;  // [count][frames][code], [count][parameters]

  hyper::CodeSequences view() const {
    return {count, frames, code, count > 0 ? mu.size() / count : 0, codes, mu};
  }
  void scale(const hyper::CodeScaling& scaling) {
    scaling.scaled<float>(std::vector<float>(codes), codes);
    if (!mu.empty()) scaling.scaled_mu<float>(std::vector<float>(mu), mu);
  }
};

class LatentTraining {
 public:
  explicit LatentTraining(const Study& study);
  Exit run();
  void log_reading() const { train::log_reading(study_.context, data_.get(), valid_.get()); }

 private:
  void restore(const io::Checkpoint& from);
  std::unique_ptr<Objective> fields() const;
  State fresh(const Objective* fields) const;
  Buffer<float> modes() const;
  Exit run_loop(Objective& objective, const LoopOptions& options, const Modelled& modelled, State& state);
  std::string save(const State& state, const Comm& group);
  void find_representation(std::span<const float> phi);
  Exit learn_dynamics(State& state);
  Exit learn_member(const hyper::Dynamics<float>& flow, const RolloutLoss::Data& data, int member,
                    State& state);
  Sequences sequences_of(const Dataset& data, std::vector<float> codes) const;
  std::vector<float> codes_of(const Dataset& data, std::span<const float> start, const char* which) const;
  std::vector<float> parameters_of(const Dataset& data) const;
  hyper::CodeSymmetries symmetries() const;

  const Study& study_;
  TrainOptions options_;
  DataOptions data_options_;
  DynamicsTraining dynamics_options_;
  hyper::Conditioning conditioning_;
  hyper::FrameList list_, valid_list_;
  std::unique_ptr<Dataset> data_, valid_;
  std::unique_ptr<hyper::Model<float>> model_;         // of codes
  std::unique_ptr<hyper::Model<float>> auto_decoder_;  // null: the head moves the readout only
  io::Provenance origin_;
  std::unique_ptr<io::Metrics> metrics_;
  Progress progress_;
  StepReport report_;
};

LatentTraining::LatentTraining(const Study& study)
    : study_(study),
      options_(read_train_options(study.deck)),
      data_options_(read_data_options(study.deck)),
      dynamics_options_(study.deck.read<DynamicsTraining>()),
      conditioning_(hyper::conditioning_of(study.deck)),
      origin_(provenance(study, options_.seed)),
      report_(study, options_.calibrate) {
  const auto& comm = study.context.comm;
  dynamics_options_.keep_best = true;
  dynamics_options_.checkpoint_every = options_.checkpoint_every;
  dynamics_options_.checkpoint_interval = options_.checkpoint_interval;
  if (!options_.init_from.empty())
    study.deck.fail("train", "init_from", "models of codes cannot start from parameters; use --resume");
  list_ = window_frames(comm, data_folder(study, data_options_), data_options_, conditioning_);
  valid_list_ =
      take_validation(comm, validation_folder(study, data_options_), static_cast<int>(list_.frames()), list_);
  check_dynamics(study.deck, dynamics_options_, list_.frames());
  const auto demand = demand_of(list_, data_options_, conditioning_, options_.batch),
             valid_demand = demand_of(valid_list_, data_options_, conditioning_, 0);
  const std::size_t frame_size = list_.layout.frame_size();
  const auto plans = plan_frames(study.deck, data_options_.memory, frame_size, demand, valid_demand);
  data_ = open_data(study, list_, data_options_, conditioning_, nullptr, plans.fitted);
  if (!valid_list_.pieces.empty())
    valid_ = open_data(study, valid_list_, data_options_, conditioning_, &data_->facts(), plans.valid);
  model_ = std::make_unique<hyper::Model<float>>(hyper::make_model<float>(study.deck, data_->facts()));
  check_codes(study.deck, *model_, list_.samples());
  const bool projected =
      model_->hypernetwork.head().moves_readout_only() && !model_->hypernetwork.has_trunk();
  if (!projected)
    auto_decoder_ =
        std::make_unique<hyper::Model<float>>(hyper::make_auto_decoder<float>(study.deck, data_->facts()));
  progress_.model = {hyper::model_deck(study.deck), hyper::layout_text(*model_), model_->facts};
  progress_.phi.resize(model_->params());
  progress_.dynamics.deck = hyper::dynamics_deck(study.deck);
  progress_.dynamics.wanted = static_cast<std::size_t>(dynamics_options_.members);
  progress_.dynamics.interval = data_->facts().frame_interval;
  const auto& log = study.context.log;
  log.info("data {} trajectories of {} frames, {} for validation, of {} points {} channels",
           data_->trajectories(), data_->frames(), valid_ ? valid_->trajectories() : 0,
           data_->facts().points(), data_->facts().channels.size());
  log.info("training: {}", text_of(plans.fitted, demand, frame_size));
  if (valid_) log.info("validation: {}", text_of(plans.valid, valid_demand, frame_size));
  for (const auto& field : list_.files.front().passed_over) log.info("not learned: {}", field);
  log.info("model phi {} theta {} code {} by {} ranks {}", model_->params(), model_->inr.params(),
           hyper::code_size(study.deck), projected ? "projection" : "auto-decoding", comm.size());
}

// COLLECTIVE. What stage 0 minimises; null where the features are not trained.
std::unique_ptr<Objective> LatentTraining::fields() const {
  const auto warned = [&](auto objective) {
    warn_of_idle_ranks(study_.context, objective->leaves());
    return objective;
  };
  const auto& context = study_.context;
  if (auto_decoder_) return warned(std::make_unique<FrameLoss>(context, *data_, *auto_decoder_, options_));
  if (model_->inr.hidden() == 0 || hyper::wants_modes(study_.deck)) return nullptr;
  return warned(std::make_unique<Projection>(context, *data_, valid_.get(), *model_, options_));
}

State LatentTraining::fresh(const Objective* fields) const {
  if (auto_decoder_) {
    State state = initial_state(fields->shards(), *auto_decoder_, options_.seed);
    if (options_.code_start == "pod" && data_->observed().own()) {
      study_.context.log.info("codes start at random: every trajectory is observed at points of its own");
    } else if (options_.code_start == "pod") {
      const auto codes = principal_start(study_.context, *data_, hyper::code_size(study_.deck));
      std::copy(codes.begin(), codes.end(), state.phi.begin());
    }
    return state;
  }
  const auto shards = replicate(study_.context.comm, model_->inr.hidden());
  if (hyper::wants_modes(study_.deck)) return {shards, modes()};
  Buffer<float> theta(model_->inr.params());
  model_->inr.initialise(theta, Random(options_.seed, Random::Purpose::weights, 0));
  theta.resize(model_->inr.hidden());
  return {shards, std::move(theta)};
}

// COLLECTIVE. theta_h of an INR of modes: rank 0 finds those of the training frames, or of as many as fit.
Buffer<float> LatentTraining::modes() const {
  const auto scope = study_.context.timers.scope("modes");
  if (!data_->observed().everywhere())
    study_.deck.fail("data", "observed", "the modes of [inr] name = \"pod\" need frames at all points");
  const std::size_t count = model_->inr.features().outputs(), channels = model_->inr.channels();
  Buffer<float> theta(model_->inr.hidden());
  const auto samples = data_->fitted_in_memory();
  data_->visit(samples, samples.size(), [&](std::span<const int> part) {
    std::vector<std::span<const float>> frames;
    for (const int sample : part) frames.push_back(data_->frame(sample));
    io::on_root(study_.context.comm, [&] { theta = hyper::grid_modes(frames, channels, count); });
  });
  study_.context.comm.broadcast<float>(theta);
  return theta;
}

// COLLECTIVE. All of a checkpoint but its state.
void LatentTraining::restore(const io::Checkpoint& from) {
  const auto& comm = study_.context.comm;
  progress_.model = same_model(from, progress_.model.deck, data_->facts());
  progress_.phi = stored_part(comm, from, hyper::phi_entry, replicate(comm, model_->params()));
  if (from.archive.entries().contains("train/codes")) {
    const auto codes = from.archive.values<float>("train/codes");
    progress_.codes.assign(codes.begin(), codes.end());
  }
  if (from.archive.number("train/stage") > 0 && from.archive.text("dynamics/deck") != progress_.dynamics.deck)
    throw UserError(Exit::refused, from.file + " holds other dynamics than the deck's [dynamics]");
  if (auto dynamics = hyper::get_dynamics(from.archive)) {
    dynamics->wanted = progress_.dynamics.wanted;
    progress_.dynamics = std::move(*dynamics);
  }
}

std::string LatentTraining::save(const State& state, const Comm& group) {
  return save_checkpoint(study_, state.steps(), archive_of(progress_, state),
                         streams_of(group, state, params_entry), group, origin_, options_.keep_last);
}

Exit LatentTraining::run_loop(Objective& objective, const LoopOptions& options, const Modelled& modelled,
                              State& state) {
  Loop loop(
      study_.context, objective, options, study_.deck.read<RunOptions>().progress_interval,
      [&](const State& now) { return save(now, objective.group()); }, metrics_.get());
  const auto first = state.step;
  report_.begin(state.stage, modelled, grid_of(options_, study_.context.comm.size()), options.steps - first);
  const Exit exit = loop.run(state);
  report_.end(state.step - first);
  return exit;
}

Exit LatentTraining::run() {
  const auto& [comm, log] = std::tie(study_.context.comm, study_.context.log);
  const auto found = checkpoint_to_resume(study_);
  if (found) restore(*found);
  auto objective = found && found->archive.number("train/stage") > 0 ? nullptr : fields();
  State state = !found      ? fresh(objective.get())
                : objective ? stored_state(objective->group(), *found, params_entry, objective->shards())
                            : stored_state(comm, *found, params_entry,
                                           replicate(comm, found->array(params_entry).size));
  move_aside(study_, state.resumed());
  if (state.stage > dynamics_options_.members) {
    log.info("fields and {} dynamics are trained already: nothing to train",
             progress_.dynamics.members.size());
    return Exit::ok;
  }
  metrics_ = open_metrics(study_, state.steps());
  if (state.stage == 0) {
    if (objective) {
      log.info("memory: {}", memory_text(state.shards, auto_decoder_ && options_.replicas > 1));
      const auto model = auto_decoder_
                             ? modelled(*auto_decoder_, *data_, options_)
                             : Modelled{{}, "the cost model does not know bases fitted by projection"};
      if (const Exit exit = run_loop(*objective, options_, model, state); exit != Exit::ok) return exit;
      state.phi = gather_everywhere(objective->group(), state.shards, state.phi);
      objective.reset();
    }
    find_representation(state.phi);
    state = state.following();
    state.file = save(state, comm);  // codes may have taken long to find
  }
  return learn_dynamics(state);
}

// COLLECTIVE. From what stage 0 has learned, whole.
void LatentTraining::find_representation(std::span<const float> phi) {
  auto& model = progress_.model;
  if (!auto_decoder_) {
    auto found = linear_representation(study_.context, *data_, *model_, phi, hyper::code_size(study_.deck));
    progress_.phi = std::move(found.phi);
    model.facts.codes = std::move(found.codes);
    return;
  }
  // The table's codes, then those at their optimum.
  const auto table = static_cast<std::ptrdiff_t>(auto_decoder_->hypernetwork.encoder_params());
  std::vector<float> codes(phi.begin(), phi.begin() + table);
  progress_.phi.assign(phi.begin() + table, phi.end());
  model.facts.codes = code_facts(study_.context, *data_, *model_, progress_.phi, codes);
  study_.context.log.info("codes of the table: mean squared error {:.3e} in units of the scale",
                          model.facts.codes.noise);
  if (options_.code_iterations > 0) {
    codes = codes_of(*data_, codes, "training");
    model.facts.codes = code_facts(study_.context, *data_, *model_, progress_.phi, codes);
  }
  progress_.codes = std::move(codes);
}

std::vector<float> LatentTraining::parameters_of(const Dataset& data) const {
  std::vector<float> all;
  for (int b = 0; b < data.trajectories(); ++b)
    for (const double value : data.parameters(b)) all.push_back(static_cast<float>(value));
  return all;
}

// Codes of all frames as found from their observed points.
std::vector<float> LatentTraining::codes_of(const Dataset& data, std::span<const float> start,
                                            const char* which) const {
  const auto model = hyper::make_model<double>(study_.deck, progress_.model.facts);
  const Buffer<double> phi(progress_.phi.begin(), progress_.phi.end());
  double error = 0;
  CodeSearch search{start, options_.code_points};
  search.seed = options_.seed;
  if (!start.empty()) search.iterations = options_.code_iterations;
  const double before = wall_seconds();
  auto codes = encode(study_.context, data, model, phi, search, error);
  study_.context.log.info("codes of {} frames: {} trajectories, mean squared error {:.3e}, {:.1f} s", which,
                          data.trajectories(), error, wall_seconds() - before);
  return codes;
}

// Of the deck's equation, as they act on codes.
hyper::CodeSymmetries LatentTraining::symmetries() const {
  if (dynamics_options_.images <= 1) return {};
  const auto& facts = progress_.model.facts;
  if (auto_decoder_ || !facts.parameters.empty())
    study_.deck.fail(
        "dynamics", "images",
        "images need a code that is linear in the field (head last_layer, depth 0) and no parameters");
  const auto setup = pde::read_setup(study_.deck);
  if (!io::grid_difference(setup.domain.io_axes(), facts.axes).empty())
    study_.deck.fail("dynamics", "images", "the grid of the deck's equation is not that of the data");
  const auto found = setup.system->symmetries(setup.domain);
  if (found.empty())
    study_.deck.fail("dynamics", "images", "the equation of [pde] declares no symmetries here");
  std::vector<hyper::FieldMap> maps;
  for (auto& image : pde::images(found, setup.domain, facts.channels.size(),
                                 static_cast<std::size_t>(dynamics_options_.images),
                                 static_cast<std::uint64_t>(dynamics_options_.seed)))
    maps.push_back({std::move(image.from), std::move(image.signs)});
  study_.context.log.info("symmetries of {}: every sequence has {} images", setup.name, maps.size());
  const auto model = hyper::make_model<double>(study_.deck, facts);
  const Buffer<double> phi(progress_.phi.begin(), progress_.phi.end());
  Buffer<double> x(facts.points() * model.inr.inputs());
  model.coordinates.embed<double>(hyper::grid_points(facts.axes), x);
  hyper::CodeField grid(model, phi, x);
  return hyper::symmetries_of_codes(grid, facts, progress_.dynamics.scaling, maps);
}

Sequences LatentTraining::sequences_of(const Dataset& data, std::vector<float> codes) const {
  return {static_cast<std::size_t>(data.trajectories()), static_cast<std::size_t>(data.frames()),
          progress_.model.facts.codes.size(), std::move(codes), parameters_of(data)};
}

Exit LatentTraining::learn_dynamics(State& state) {
  auto& dynamics = progress_.dynamics;
  auto fitted =
      sequences_of(*data_, progress_.codes.empty() ? codes_of(*data_, {}, "training") : progress_.codes);
  dynamics.scaling = hyper::CodeScaling::of(fitted.view());
  fitted.scale(dynamics.scaling);
  Sequences held_out;
  if (valid_) held_out = sequences_of(*valid_, codes_of(*valid_, {}, "validation"));
  held_out.scale(dynamics.scaling);
  const auto images = symmetries();
  const RolloutLoss::Data data{fitted.view(), held_out.view(), images.empty() ? nullptr : &images,
                               dynamics.scaling.deviation};
  const auto flow = hyper::make_dynamics<float>(study_.deck, dynamics.scaling);
  for (int member = state.stage - 1; member < dynamics_options_.members; ++member)
    if (const Exit exit = learn_member(*flow, data, member, state); exit != Exit::ok) return exit;
  state.file = save(state, study_.context.comm);
  study_.context.log.info("checkpoint step {} {}", state.steps(), state.file);
  return Exit::ok;
}

Exit LatentTraining::learn_member(const hyper::Dynamics<float>& flow, const RolloutLoss::Data& data,
                                  int member, State& state) {
  const auto& log = study_.context.log;
  auto& dynamics = progress_.dynamics;
  if (state.phi.empty()) {
    state.shards = replicate(study_.context.comm, flow.params());
    for (Buffer<float>* values : {&state.phi, &state.first_moment, &state.second_moment})
      values->resize(flow.params());
    flow.initialise(state.phi, data.fitted,
                    Random(dynamics_options_.seed + member, Random::Purpose::weights, 7));
  }
  const std::vector<float> mean_mu(dynamics.scaling.parameters());
  if (const auto growth = flow.growth(state.phi, mean_mu))
    log.info("linear dynamics: the fastest code grows by {:.6g} a frame", *growth);
  RolloutLoss loss(study_.context, flow, data, dynamics_options_, member);
  LoopOptions options = dynamics_options_;
  if (flow.is_fitted()) options.steps = 0;
  const Modelled unknown{{}, "the cost model does not know latent dynamics"};
  if (const Exit exit = run_loop(loss, options, unknown, state); exit != Exit::ok) return exit;
  const auto& chosen = state.best.empty() ? state.phi : state.best;
  const double error = loss.validate(chosen);
  log.info("dynamics {} of {}: relative L2 of rollouts {:.3e} on {}", member + 1, dynamics_options_.members,
           error, loss.validated_on());
  if (!(error < 1) && study_.context.comm.is_root())
    log.warn("these dynamics are worse than none: try a lower [dynamics] rate or more steps");
  dynamics.members.resize(member);
  dynamics.members.push_back(chosen);
  state = state.following();
  return Exit::ok;
}

}  // namespace

Exit train_latent(const Study& study) {
  LatentTraining training(study);
  const Exit exit = training.run();
  training.log_reading();
  return exit;
}

}  // namespace hypercast::train
