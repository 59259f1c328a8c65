#include "io/trajectory_part.hpp"

#include <fcntl.h>

#include "io/foreign.hpp"
#include "io/posix.hpp"
#include "io/seal.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

// Not less than the file will have.
std::uint64_t size_bound(const TrajectoryLayout& layout, const Provenance& provenance) {
  std::uint64_t texts = 0, coordinates = layout.times.size();
  for (const auto& [name, value] : provenance) texts += name.size() + value.size();
  for (const auto& axis : layout.axes) coordinates += axis.points.size();
  return layout.trajectories * layout.times.size() * layout.frame_size() * sizeof(float) + 2 * texts +
         8 * coordinates + (1 << 18);
}

// Tells why the file cannot be made, before anything was computed and before HDF5 touches it: HDF5 does not
// say why, and once it failed to close a file the program crashes at its end.
void check_creatable(const std::filesystem::path& part, std::uint64_t size) {
  std::error_code ignored;  // opening tells it better
  if (part.has_parent_path()) std::filesystem::create_directories(part.parent_path(), ignored);
  try {
    Descriptor(part, O_WRONLY | O_CREAT | O_TRUNC).reserve(size);
  } catch (const Error& error) {
    const std::string text = error.what();
    throw UserError(Exit::cannot_create,
                    text.substr(0, text.rfind(" [")));  // without the place in the source
  }
}

std::string settings_difference(const h5::File& file, const Provenance& provenance) {
  const char* name = "solve_hash";
  if (!h5::exists(file, "provenance")) return "it does not tell its settings";
  const h5::Object group(h5::call(H5Oopen(file, "provenance", H5P_DEFAULT), "cannot open /provenance"));
  const std::string found = h5::has_attribute(group, name) ? h5::read_text(group, name) : "";
  return found == value_of(provenance, name) ? "" : "it was made with other settings";
}

// HDF5 takes space as it goes and, on a full disk, fails where the program cannot go on; so take it first. It
// gives back what it does not need.
void add_measurements(const std::filesystem::path& part, const Measurements& measured) {
  std::uint64_t room = 1 << 16;
  for (const auto& [name, values] : measured) room += name.size() + sizeof(double) * values.size() + 1024;
  Descriptor(part, O_WRONLY).reserve(std::filesystem::file_size(part) + room);
  h5::File file = h5::open_to_change(part);
  write_measurements(file, measured);
  h5::close(file);
}

}  // namespace

std::vector<std::uint64_t> create_part(const std::filesystem::path& part, const TrajectoryLayout& layout,
                                       const Provenance& provenance) {
  check_creatable(part, size_bound(layout, provenance));
  h5::File file = h5::create(part, seal_size);
  const auto offsets = write_layout(file, layout, provenance);
  h5::close(file);
  Descriptor(part, O_WRONLY).reserve(std::filesystem::file_size(part));
  return offsets;
}

PartFound find_part(const std::filesystem::path& part, const TrajectoryLayout& layout,
                    const Provenance& provenance) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(part, ignored)) return {"there is no such file", {}};
  if (!h5::has_signature(part)) return {"it is not an HDF5 file", {}};
  try {
    look_at_foreign(part);  // a power failure may have left what crashes HDF5
  } catch (const UserError& error) {
    return {std::string("it is damaged, or no trajectory: ") + error.what(), {}};
  }
  try {
    const h5::File file = h5::open(part);
    std::string reason = settings_difference(file, provenance);
    if (reason.empty()) reason = layout_difference(file, part.filename().string(), layout);
    if (!reason.empty()) return {reason, {}};
    return {"", field_offsets(file, layout)};
  } catch (const h5::Failure& failure) {
    return {"it is damaged: " + failure.plain, {}};
  }
}

void unseal_part(const std::filesystem::path& part) {
  Descriptor(part, O_WRONLY).write_at(std::string(seal_size, '\0'), 0);
}

void finish_part(const std::filesystem::path& part, const Measurements& measured) {
  if (!measured.empty()) add_measurements(part, measured);
  seal_file(part, trajectory_kind);
}

}  // namespace hypercast::io
