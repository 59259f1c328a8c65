#include "similarity/progress.hpp"

#include <algorithm>
#include <tuple>

#include "io/checkpoint.hpp"
#include "io/on_root.hpp"
#include "similarity/results.hpp"

namespace hypercast::similarity {

namespace {

std::string name_of(const NamedMeasure& one, const std::string& what) {
  return "measures/" + one.name + "/" + what;
}

void put_moments(const NamedMeasure& one, const std::string& kind, const Moments& moments,
                 io::Archive& archive) {
  archive.put_number(name_of(one, kind + "_count"), moments.count);
  archive.put(name_of(one, kind + "_mean"), moments.mean);
  archive.put(name_of(one, kind + "_squares"), moments.squares);
}

std::vector<double> numbers(const io::Archive& archive, const std::string& name) {
  const auto values = archive.values<double>(name);
  return {values.begin(), values.end()};
}

Moments moments_of(const NamedMeasure& one, const std::string& kind, const io::Archive& archive) {
  return {archive.number(name_of(one, kind + "_count")), numbers(archive, name_of(one, kind + "_mean")),
          numbers(archive, name_of(one, kind + "_squares"))};
}

void put(const NamedMeasure& one, const Compared& compared, io::Archive& archive) {
  std::vector<double> value;
  std::vector<std::int64_t> status;
  for (const auto& score : compared.scores.value.entries) {
    value.push_back(score.value);
    status.push_back(static_cast<std::int64_t>(score.status));
  }
  archive.put_text(name_of(one, "parameters"), one.measure->parameters());
  archive.put_number(name_of(one, "complete"), compared.complete ? 1 : 0);
  archive.put(name_of(one, "value"), value);
  archive.put(name_of(one, "status"), status);
  put_moments(one, "without", compared.scores.without, archive);
  put_moments(one, "permuted", compared.scores.permuted, archive);
  archive.put(name_of(one, "as_similar"), compared.scores.as_similar);
  for (const auto& [name, values] : compared.more) archive.put(name_of(one, "more/" + name), values);
}

void get(const NamedMeasure& one, const io::Archive& archive, Compared& compared) {
  const auto value = archive.values<double>(name_of(one, "value"));
  const auto status = archive.values<std::int64_t>(name_of(one, "status"));
  compared.complete = archive.number(name_of(one, "complete")) > 0;
  for (std::size_t i = 0; i < value.size(); ++i)
    compared.scores.value.entries.push_back({value[i], static_cast<Status>(static_cast<int>(status[i]))});
  compared.scores.without = moments_of(one, "without", archive);
  compared.scores.permuted = moments_of(one, "permuted", archive);
  compared.scores.as_similar = numbers(archive, name_of(one, "as_similar"));
  const std::string more = name_of(one, "more/");
  for (const auto& [name, entry] : archive.entries())
    if (name.starts_with(more)) compared.more.push_back({name.substr(more.size()), numbers(archive, name)});
}

// All measures of a family or none, since they go on together.
void restore_family(const Family& family, const std::vector<NamedMeasure>& measures,
                    const io::Archive& archive, std::vector<Compared>& found) {
  const auto is_known = [&](const NamedMeasure& one) {
    const auto name = name_of(one, "parameters");
    return archive.entries().contains(name) && archive.text(name) == one.measure->parameters();
  };
  const auto own = members(family, measures);
  if (!std::all_of(own.places.begin(), own.places.end(), [&](auto i) { return is_known(measures[i]); }))
    return;
  for (const auto i : own.places) get(measures[i], archive, found[i]);
}

}  // namespace

Progress::Progress(const Study& study, std::filesystem::path file, std::string key)
    : study_(study), file_(std::move(file)), key_(std::move(key)) {}

void Progress::restore(const std::vector<NamedMeasure>& measures, std::vector<Compared>& found) const {
  const auto& [comm, log] = std::tie(study_.context.comm, study_.context.log);
  bool there = false;
  io::on_root(comm, [&] { there = std::filesystem::exists(file_); });
  if (comm.max(there ? 1 : 0) == 0) return;
  try {
    const auto archive = io::read_checkpoint(comm, file_);
    if (archive.text("key") != key_) {
      log.info("{} is of another comparison: begins anew", file_.string());
      return;
    }
    for (const auto& family : families()) restore_family(family, measures, archive, found);
    log.info("goes on from {}", file_.string());
  } catch (const UserError& damaged) {
    found = nothing_compared(measures);
    if (comm.is_root()) log.warn("{}: begins anew", damaged.what());
  }
}

void Progress::save(const std::vector<NamedMeasure>& measures, const std::vector<Compared>& found) const {
  io::Archive archive;
  archive.put_text("key", key_);
  for (std::size_t i = 0; i < measures.size(); ++i) put(measures[i], found[i], archive);
  const auto origin = provenance_of(study_);
  io::on_root(study_.context.comm, [&] { io::write_checkpoint(file_, archive, origin); });
}

void Progress::remove() const {
  io::on_root(study_.context.comm, [&] {
    std::error_code none;
    std::filesystem::remove(file_, none);
  });
}

}  // namespace hypercast::similarity
