#include "io/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "io/on_root.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

constexpr std::size_t header_size = 512;
constexpr std::string_view magic = "hypercast checkpoint ";

std::string header_of(std::span<const char> payload) {
  std::string text =
      std::string(magic) + "1 size=" + std::to_string(payload.size()) + " xxh3=" + hash(payload) + "\n";
  text.resize(header_size, '\0');
  return text;
}

void write_entry(hid_t file, const std::string& name, const Archive::Entry& entry) {
  if (const auto* text = std::get_if<std::string>(&entry)) return h5::write_text_dataset(file, name, *text);
  if (const auto* value = std::get_if<double>(&entry))
    return h5::write_dataset<double>(file, name, {}, std::span(value, 1));
  const Array& array = std::get<Array>(entry);
  const h5::Shape shape(array.shape.begin(), array.shape.end());
  std::visit(
      [&]<class T>(const std::vector<T>& values) {
        h5::write_dataset<T>(file, name, shape, std::span(values));
      },
      array.values);
}

Archive::Entry read_entry(hid_t file, const std::string& name) {
  const h5::Dataset dataset = h5::open_dataset(file, name);
  const H5T_class_t kind = h5::type_class(dataset);
  const h5::Shape shape = h5::shape(dataset);
  if (kind == H5T_STRING) return h5::read_text_dataset(file, name);
  if (shape.empty()) return h5::read_dataset<double>(file, name).at(0);
  Array array;
  array.shape.assign(shape.begin(), shape.end());
  if (kind == H5T_INTEGER)
    array.values = h5::read_dataset<std::int64_t>(file, name);
  else if (h5::type_size(dataset) == sizeof(float))
    array.values = h5::read_dataset<float>(file, name);
  else
    array.values = h5::read_dataset<double>(file, name);
  return array;
}

void read_group(hid_t file, const std::string& group, Archive& archive) {
  const h5::Object opened(h5::call(H5Oopen(file, group.empty() ? "/" : group.c_str(), H5P_DEFAULT),
                                   "cannot open '" + group + "'"));
  for (const auto& link : h5::names(opened)) {
    const std::string name = group.empty() ? link : group + "/" + link;
    if (name == "provenance") continue;
    if (h5::is_group(file, name))
      read_group(file, name, archive);
    else
      archive.put_entry(name, read_entry(file, name));
  }
}

// The number after `key` in the header's line; -1 when there is none.
long long field(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string::npos) return -1;
  long long value = -1;
  std::from_chars(line.data() + at + key.size(), line.data() + line.size(), value);
  return value;
}

std::string verified_bytes(const std::filesystem::path& path) {
  std::string bytes = read_bytes(path);
  const std::string reason = verify_checkpoint(bytes);
  if (!reason.empty()) throw UserError(Exit::data, path.string() + ": " + reason);
  return bytes;
}

}  // namespace

std::vector<char> checkpoint_image(const Archive& archive, const Provenance& provenance) {
  const h5::File file = h5::create_in_memory(header_size);
  h5::write(file, "payload_hash", payload_hash(archive));
  for (const auto& [name, entry] : archive.entries()) write_entry(file, name, entry);
  write_provenance(file, provenance);
  const std::vector<char> payload = h5::image(file);
  const std::string header = header_of(payload);
  std::vector<char> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

void write_checkpoint(const std::filesystem::path& path, const Archive& archive,
                      const Provenance& provenance) {
  write_durably(path, std::span<const char>(checkpoint_image(archive, provenance)));
}

std::string verify_checkpoint(std::span<const char> image) {
  const std::string start(image.data(), std::min(image.size(), header_size));
  if (!start.starts_with(magic)) return "not a hypercast checkpoint";
  if (start.size() < header_size) return "truncated within its header";
  const long long version = field(start, magic);
  if (version > 1) return "written by a newer hypercast (checkpoint format " + std::to_string(version) + ")";
  const long long size = field(start, " size="), have = static_cast<long long>(image.size() - header_size);
  if (size > have)
    return "truncated: " + std::to_string(have) + " of " + std::to_string(size) + " bytes are there";
  if (start != header_of(image.subspan(header_size))) return "damaged: its content does not fit its checksum";
  return {};
}

Archive parse_checkpoint(std::span<const char> image) {
  Archive archive;
  const h5::File file = h5::open_image(image);
  read_group(file, "", archive);
  return archive;
}

Archive read_checkpoint(const Comm& comm, const std::filesystem::path& path) {
  std::string bytes;
  on_root(comm, [&] { bytes = verified_bytes(path); });
  bytes = comm.broadcast(bytes);
  Archive archive;
  on_all(comm, [&] { archive = parse_checkpoint(bytes); });
  return archive;
}

}  // namespace hypercast::io
