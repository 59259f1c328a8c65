#include "train/run.hpp"

#include <fmt/format.h>

#include "core/memory.hpp"
#include "io/checkpoint_folder.hpp"
#include "io/on_root.hpp"
#include "train/leaves.hpp"

namespace hypercast::train {

namespace fs = std::filesystem;

DataOptions read_data_options(const Deck& deck) {
  const auto options = deck.read<DataOptions>();
  if (options.hold_out_every > 0 && options.hold_out_offset >= options.hold_out_every)
    deck.fail("data", "hold_out_offset", "must be below hold_out_every");
  return options;
}

TrainOptions read_train_options(const Deck& deck) {
  auto options = deck.read<TrainOptions>();
  if (const int leaves = leaves_of(options.batch, options); options.replicas > leaves)
    deck.fail("train", "replicas",
              fmt::format("must be at most the leaves of a batch, {} (batch / frames_per_leaf)", leaves));
  return options;
}

fs::path data_folder(const Study& study, const DataOptions& options) {
  const fs::path folder = options.in(study.folder);
  if (!hyper::is_there(study.context.comm, folder))
    throw UserError(Exit::no_input, folder.string() +
                                        " does not exist: run hypercast-solve first or name a folder "
                                        "of trajectories in [data] path");
  return folder;
}

fs::path validation_folder(const Study& study, const DataOptions& options) {
  const fs::path folder = options.valid_in(study.folder);
  if (!options.valid.empty() && !hyper::is_there(study.context.comm, folder))
    throw UserError(Exit::no_input, "[data] valid: " + folder.string() + " does not exist");
  return folder;
}

std::unique_ptr<Dataset> open_data(const Study& study, const hyper::FrameList& list,
                                   const DataOptions& options, const hyper::Conditioning& conditioning,
                                   const hyper::ModelFacts* normalised_as, const FramePlan& plan) {
  std::string source;
  auto observed = hyper::observed_points(study.context.comm, study.folder, options.choice(), list.layout.axes,
                                         list.pieces.size(), source);
  if (!observed.everywhere() && !normalised_as) study.context.log.info("observed: {}", source);
  return std::make_unique<Dataset>(study.context, list, options, conditioning, std::move(observed),
                                   normalised_as, plan);
}

void log_reading(const Context& context, const Dataset* data, const Dataset* valid) {
  std::int64_t frames = data->store().frames_read();
  if (valid) frames += valid->store().frames_read();
  const double mib = 1 << 20, mine = peak_memory(), node = context.node.sum(mine);
  context.log.info(
      "read {} frames, {:.1f} MiB a node; most memory of a rank {:.0f} MiB, of a node {:.0f} MiB", frames,
      static_cast<double>(frames) * static_cast<double>(sizeof(float) * data->frame_size()) / mib,
      context.comm.max(mine) / mib, context.comm.max(node) / mib);
}

std::optional<io::Checkpoint> checkpoint_to_resume(const Study& study) {
  const auto& comm = study.context.comm;
  const auto& log = study.context.log;
  if (!study.flag("resume")) return {};
  if (const std::string file = study.flags.at("resume"); file != "auto") {
    log.info("resume from {}", file);
    return io::open_checkpoint(comm, file, divided_entries());
  }
  auto newest = io::newest_valid(comm, study.folder / "ckpt", divided_entries());
  for (const auto& line : newest.skipped)
    if (comm.is_root()) log.warn("{}", line);
  if (!newest.found) {
    log.info("resume auto: no checkpoint that verifies, a fresh start");
    return {};
  }
  log.info("resume from {}", newest.found->file);
  return std::move(newest.found);
}

namespace {

// Relative to the run folder.
std::vector<fs::path> leftovers(const fs::path& folder, std::optional<std::int64_t> step) {
  std::vector<fs::path> names;
  if (!step) {
    for (const char* name : {"ckpt", "metrics.csv", "metrics.h5", "timing.csv"})
      if (fs::exists(folder / name)) names.emplace_back(name);
    return names;
  }
  for (const auto& stored : io::list_checkpoints(folder / "ckpt"))
    if (stored.step > *step) names.push_back("ckpt" / stored.path.filename());
  return names;
}

}  // namespace

void move_aside(const Study& study, std::optional<std::int64_t> step) {
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
  const auto what = step ? fmt::format("checkpoints beyond step {} were", *step)
                         : std::string("fresh start: the earlier training was");
  if (!moved.empty()) study.context.log.info("{} moved to {}", what, moved);
}

io::Provenance provenance(const Study& study, std::int64_t seed) {
  io::ProvenanceInput input;
  input.command_line = study.command_line;
  input.libraries = study.libraries;
  input.deck = study.deck.text();
  input.deck_resolved = study.deck.resolved();
  input.seed = static_cast<std::uint64_t>(seed);
  return io::provenance(study.context.comm, input);
}

std::string save_checkpoint(const Study& study, std::int64_t step, const io::Archive& archive,
                            const io::Streams& streams, const Comm& group, const io::Provenance& origin,
                            int keep_last) {
  const auto& comm = study.context.comm;
  std::string path;
  if (comm.is_root())
    path = io::save_checkpoint(study.folder / "ckpt", step, archive, origin, keep_last, streams).string();
  else if (comm.rank() == group.rank())
    for (const auto& [name, stream] : streams) stream.hand_over([](std::span<const float>) {});
  return comm.broadcast(path);
}

std::unique_ptr<io::Metrics> open_metrics(const Study& study, std::int64_t step) {
  if (!study.context.comm.is_root()) return nullptr;
  return std::make_unique<io::Metrics>(
      study.folder, std::vector<std::string>{"loss", "gradient_norm", "rate", "relative_l2"},
      step == 0 ? 0 : step + 1);
}

}  // namespace hypercast::train
