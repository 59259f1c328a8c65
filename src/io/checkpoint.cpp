#include "io/checkpoint.hpp"

#include <fcntl.h>

#include "io/hdf5.hpp"
#include "io/on_root.hpp"
#include "io/posix.hpp"
#include "io/seal.hpp"

namespace hypercast::io {

namespace {

// What one rank finds in a file: all of it, or all but `left`, whose places are told instead.
struct Content {
  std::map<std::string, Archive::Entry> entries;
  std::map<std::string, ArrayInFile> arrays;
};

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

// False when it is none that can be left in its file.
bool leave(hid_t file, const std::string& name, Content& content) {
  const h5::Dataset dataset = h5::open_dataset(file, name);
  const h5::Shape shape = h5::shape(dataset);
  if (h5::type_class(dataset) != H5T_FLOAT || h5::type_size(dataset) != sizeof(float) || shape.size() != 1)
    return false;
  const std::uint64_t offset = shape[0] == 0 ? 0 : h5::offset(dataset);
  content.arrays[name] = {{}, static_cast<std::int64_t>(shape[0]), offset};
  return true;
}

void read_group(hid_t file, const std::string& group, const std::set<std::string>& left, Content& content) {
  const h5::Object opened(h5::call(H5Oopen(file, group.empty() ? "/" : group.c_str(), H5P_DEFAULT),
                                   "cannot open '" + group + "'"));
  for (const auto& link : h5::names(opened)) {
    const std::string name = group.empty() ? link : group + "/" + link;
    if (name == "provenance") continue;
    if (h5::is_group(file, name))
      read_group(file, name, left, content);
    else if (!left.contains(name) || !leave(file, name, content))
      content.entries[name] = read_entry(file, name);
  }
}

Content read_verified(const std::filesystem::path& path, const std::set<std::string>& left) {
  require_file(path, "a checkpoint");
  const std::string reason = verify_seal(path, checkpoint_kind);
  if (!reason.empty()) throw UserError(Exit::data, path.string() + ": " + reason);
  const h5::File file = h5::open(path);
  Content content;
  read_group(file, "", left, content);
  return content;
}

// --- from rank 0 to all

template <class T>
void share(const Comm& comm, std::vector<T>& values) {
  auto size = static_cast<std::int64_t>(values.size());
  comm.broadcast(std::span(&size, 1));
  values.resize(static_cast<std::size_t>(size));
  comm.broadcast(std::span(values));
}

void share(const Comm& comm, Array& array) {
  auto type = static_cast<int>(array.values.index());
  comm.broadcast(std::span(&type, 1));
  if (!comm.is_root() && type == 1) array.values = std::vector<double>();
  if (!comm.is_root() && type == 2) array.values = std::vector<std::int64_t>();
  share(comm, array.shape);
  std::visit([&](auto& values) { share(comm, values); }, array.values);
}

Archive::Entry shared(const Comm& comm, Archive::Entry entry) {
  auto kind = static_cast<int>(entry.index());
  comm.broadcast(std::span(&kind, 1));
  if (!comm.is_root() && kind == 1) entry = std::string();
  if (!comm.is_root() && kind == 2) entry = 0.0;
  if (auto* text = std::get_if<std::string>(&entry)) *text = comm.broadcast(*text);
  if (auto* value = std::get_if<double>(&entry)) comm.broadcast(std::span(value, 1));
  if (auto* array = std::get_if<Array>(&entry)) share(comm, *array);
  return entry;
}

// use(name, value) on every rank for each of rank 0's values, which are its own only there.
template <class Value, class Use>
void for_each(const Comm& comm, std::map<std::string, Value> values, const Use& use) {
  auto count = static_cast<std::int64_t>(values.size());
  comm.broadcast(std::span(&count, 1));
  for (; count > 0; --count) {
    auto first = comm.is_root() ? values.extract(values.begin()) : typename decltype(values)::node_type();
    const std::string name = comm.broadcast(first ? first.key() : std::string());
    use(name, first ? std::move(first.mapped()) : Value());
  }
}

}  // namespace

void ArrayInFile::read(std::int64_t at, std::span<float> values) const {
  check(at >= 0 && at + static_cast<std::int64_t>(values.size()) <= size, "a stretch leaves its array");
  Descriptor(file, O_RDONLY)
      .read_at({reinterpret_cast<char*>(values.data()), values.size_bytes()},
               offset + static_cast<std::uint64_t>(at) * sizeof(float));
}

const ArrayInFile& Checkpoint::array(const std::string& name) const {
  const auto found = arrays.find(name);
  if (found != arrays.end()) return found->second;
  if (!archive.entries().contains(name))
    throw UserError(Exit::refused, "the checkpoint has no '" + name + "'");
  throw UserError(Exit::refused, "'" + name + "' of the checkpoint is not a float32 array of one axis");
}

Checkpoint open_checkpoint(const Comm& comm, const std::filesystem::path& path,
                           const std::set<std::string>& left) {
  Content found;
  on_root(comm, [&] { found = read_verified(path, left); });
  Checkpoint checkpoint{path.string(), {}, {}};
  for_each(comm, std::move(found.entries), [&](const std::string& name, Archive::Entry entry) {
    checkpoint.archive.put_entry(name, shared(comm, std::move(entry)));
  });
  for_each(comm, std::move(found.arrays), [&](const std::string& name, ArrayInFile array) {
    comm.broadcast(std::span(&array.size, 1));
    comm.broadcast(std::span(&array.offset, 1));
    checkpoint.arrays[name] = {path, array.size, array.offset};
  });
  return checkpoint;
}

Archive read_checkpoint(const Comm& comm, const std::filesystem::path& path) {
  return open_checkpoint(comm, path, {}).archive;
}

}  // namespace hypercast::io
