#include "hyper/model_file.hpp"

namespace hypercast::hyper {

namespace {

std::string axis_place(std::size_t k) { return "model/facts/axes/" + std::to_string(k) + "/"; }
std::string parameter_place(std::size_t i) { return "model/facts/parameters/" + std::to_string(i) + "/"; }
std::string channel_place(std::size_t c) { return "model/facts/channels/" + std::to_string(c) + "/"; }

const std::pair<io::Boundary, const char*> boundary_words[] = {{io::Boundary::periodic, "periodic"},
                                                               {io::Boundary::dirichlet, "dirichlet"},
                                                               {io::Boundary::neumann, "neumann"},
                                                               {io::Boundary::open, "open"}};

std::string word_of(io::Boundary boundary) {
  for (const auto& [kind, word] : boundary_words)
    if (kind == boundary) return word;
  throw Error("a boundary kind without a name");
}

io::Boundary boundary_of(const std::string& text) {
  for (const auto& [kind, word] : boundary_words)
    if (word == text) return kind;
  throw UserError(Exit::refused, "checkpoint: unknown boundary kind '" + text + "'");
}

const std::pair<Condition, const char*> condition_words[] = {
    {Condition::time, "time"}, {Condition::index, "index"}, {Condition::code, "code"}};

Condition condition_named(const std::string& text) {
  for (const auto& [condition, word] : condition_words)
    if (word == text) return condition;
  throw UserError(Exit::refused, "checkpoint: unknown kind of condition '" + text + "'");
}

std::vector<double> doubles(const io::Archive& archive, const std::string& name) {
  const auto values = archive.values<double>(name);
  return {values.begin(), values.end()};
}

void put_conditions(io::Archive& archive, const ModelFacts& facts) {
  archive.put_text("model/facts/condition", name_of(facts.condition));
  archive.put_number("model/facts/condition_count", static_cast<double>(facts.conditions.count));
  std::vector<double> real, imaginary;
  for (const auto& rate : facts.conditions.rates) {
    real.push_back(rate.real());
    imaginary.push_back(rate.imag());
  }
  archive.put("model/facts/rates_real", real);
  archive.put("model/facts/rates_imaginary", imaginary);
  archive.put_number("model/facts/parameter_count", static_cast<double>(facts.parameters.size()));
  for (std::size_t i = 0; i < facts.parameters.size(); ++i) {
    archive.put_text(parameter_place(i) + "name", facts.parameters[i].name);
    archive.put_number(parameter_place(i) + "centre", facts.parameters[i].centre);
    archive.put_number(parameter_place(i) + "scale", facts.parameters[i].scale);
  }
  archive.put("model/facts/codes/mean", facts.codes.mean);
  archive.put("model/facts/codes/covariance", facts.codes.covariance);
  archive.put_number("model/facts/codes/noise", facts.codes.noise);
  archive.put_number("model/facts/observed", facts.observed);
  archive.put_number("model/facts/own_masks", facts.own_masks ? 1 : 0);
  archive.put_number("model/facts/mask_seed", static_cast<double>(facts.mask_seed));
}

void get_conditions(const io::Archive& archive, ModelFacts& facts) {
  facts.condition = condition_named(archive.text("model/facts/condition"));
  facts.conditions.count = static_cast<std::size_t>(archive.number("model/facts/condition_count"));
  const auto real = doubles(archive, "model/facts/rates_real");
  const auto imaginary = doubles(archive, "model/facts/rates_imaginary");
  if (real.size() != imaginary.size())
    throw UserError(Exit::refused, "checkpoint: rates without imaginary part");
  for (std::size_t k = 0; k < real.size(); ++k) facts.conditions.rates.emplace_back(real[k], imaginary[k]);
  for (std::size_t i = 0; i < archive.number("model/facts/parameter_count"); ++i)
    facts.parameters.push_back({archive.text(parameter_place(i) + "name"),
                                archive.number(parameter_place(i) + "centre"),
                                archive.number(parameter_place(i) + "scale")});
  facts.codes = {doubles(archive, "model/facts/codes/mean"), doubles(archive, "model/facts/codes/covariance"),
                 archive.number("model/facts/codes/noise")};
  if (facts.codes.covariance.size() != facts.codes.size() * facts.codes.size())
    throw UserError(Exit::refused, "checkpoint: mean and covariance of its codes do not fit together");
  facts.observed = archive.number("model/facts/observed");
  facts.own_masks = archive.number("model/facts/own_masks") != 0;
  facts.mask_seed = static_cast<std::int64_t>(archive.number("model/facts/mask_seed"));
}

}  // namespace

std::string name_of(Condition condition) {
  for (const auto& [kind, word] : condition_words)
    if (kind == condition) return word;
  throw Error("a condition without a name");
}

void put_model(io::Archive& archive, const StoredModel& model) {
  const ModelFacts& facts = model.facts;
  archive.put_text("model/layout", model.layout);
  archive.put_text("model/deck", model.deck);
  archive.put_text("model/facts/dataset_name", facts.dataset_name);
  archive.put_number("model/facts/dimensions", static_cast<double>(facts.axes.size()));
  archive.put_number("model/facts/channel_count", static_cast<double>(facts.channels.size()));
  for (std::size_t c = 0; c < facts.channels.size(); ++c)
    archive.put_text(channel_place(c) + "name", facts.channels[c]);
  archive.put("model/facts/mean", facts.mean);
  archive.put("model/facts/scale", facts.scale);
  for (std::size_t k = 0; k < facts.axes.size(); ++k) {
    archive.put_text(axis_place(k) + "name", facts.axes[k].name);
    archive.put_text(axis_place(k) + "boundary", word_of(facts.axes[k].boundary));
    archive.put(axis_place(k) + "points", facts.axes[k].points);
  }
  archive.put_number("model/facts/window_start", facts.window_start);
  archive.put_number("model/facts/window_end", facts.window_end);
  archive.put_number("model/facts/frame_interval", facts.frame_interval);
  archive.put_number("model/facts/trajectory", facts.trajectory);
  archive.put("model/facts/train_times", facts.train_times);
  archive.put("model/facts/held_out_times", facts.held_out_times);
  put_conditions(archive, facts);
}

StoredModel get_model(const io::Archive& archive) {
  StoredModel model;
  ModelFacts& facts = model.facts;
  model.layout = archive.text("model/layout");
  model.deck = archive.text("model/deck");
  facts.dataset_name = archive.text("model/facts/dataset_name");
  for (std::size_t c = 0; c < archive.number("model/facts/channel_count"); ++c)
    facts.channels.push_back(archive.text(channel_place(c) + "name"));
  facts.mean = doubles(archive, "model/facts/mean");
  facts.scale = doubles(archive, "model/facts/scale");
  for (std::size_t k = 0; k < archive.number("model/facts/dimensions"); ++k)
    facts.axes.push_back({archive.text(axis_place(k) + "name"), doubles(archive, axis_place(k) + "points"),
                          boundary_of(archive.text(axis_place(k) + "boundary"))});
  facts.window_start = archive.number("model/facts/window_start");
  facts.window_end = archive.number("model/facts/window_end");
  facts.frame_interval = archive.number("model/facts/frame_interval");
  facts.trajectory = static_cast<int>(archive.number("model/facts/trajectory"));
  facts.train_times = doubles(archive, "model/facts/train_times");
  facts.held_out_times = doubles(archive, "model/facts/held_out_times");
  get_conditions(archive, facts);
  const std::size_t channels = facts.channels.size();
  bool sound =
      channels > 0 && facts.mean.size() == channels && facts.scale.size() == channels && !facts.axes.empty();
  for (const auto& axis : facts.axes) sound = sound && axis.points.size() >= 2;
  if (!sound)
    throw UserError(Exit::refused, "checkpoint: its fields, grid and normalisation do not fit together");
  return model;
}

void put_phi(io::Archive& archive, std::span<const float> phi) {
  archive.put(phi_entry, {static_cast<std::int64_t>(phi.size())}, phi);
}

Buffer<float> get_phi(const io::Archive& archive) {
  const auto phi = archive.values<float>(phi_entry);
  return {phi.begin(), phi.end()};
}

}  // namespace hypercast::hyper
