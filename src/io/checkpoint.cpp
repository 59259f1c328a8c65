#include "io/checkpoint.hpp"

#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "io/on_root.hpp"
#include "io/seal.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

constexpr std::string_view kind = "checkpoint";

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
  const H5T_class_t type = h5::type_class(dataset);
  const h5::Shape shape = h5::shape(dataset);
  if (type == H5T_STRING) return h5::read_text_dataset(file, name);
  if (shape.empty()) return h5::read_dataset<double>(file, name).at(0);
  Array array;
  array.shape.assign(shape.begin(), shape.end());
  if (type == H5T_INTEGER)
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

std::string verified_bytes(const std::filesystem::path& path) {
  std::string bytes = read_bytes(path);
  const std::string reason = verify_checkpoint(bytes);
  if (!reason.empty()) throw UserError(Exit::data, path.string() + ": " + reason);
  return bytes;
}

}  // namespace

std::vector<char> checkpoint_image(const Archive& archive, const Provenance& provenance) {
  const h5::File file = h5::create_in_memory(seal_size);
  h5::write(file, "payload_hash", payload_hash(archive));
  for (const auto& [name, entry] : archive.entries()) write_entry(file, name, entry);
  write_provenance(file, provenance);
  const std::vector<char> payload = h5::image(file);
  const std::string header = seal_of(payload, kind);
  std::vector<char> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

void write_checkpoint(const std::filesystem::path& path, const Archive& archive,
                      const Provenance& provenance) {
  write_durably(path, std::span<const char>(checkpoint_image(archive, provenance)));
}

std::string verify_checkpoint(std::span<const char> image) { return verify_sealed_bytes(image, kind); }

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
