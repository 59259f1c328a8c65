#include <fcntl.h>

#include "io/checkpoint.hpp"
#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "io/posix.hpp"
#include "io/seal.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

// entry(name, entry) and stream(name, stream) for all, in order of the names.
template <class UseEntry, class UseStream>
void in_order(const Archive& archive, const Streams& streams, const UseEntry& use_entry,
              const UseStream& use_stream) {
  auto next = streams.begin();
  for (const auto& [name, entry] : archive.entries()) {
    for (; next != streams.end() && next->first < name; ++next) use_stream(next->first, next->second);
    check(next == streams.end() || next->first != name, "an entry and a stream of one name");
    use_entry(name, entry);
  }
  for (; next != streams.end(); ++next) use_stream(next->first, next->second);
}

// Not less than the file will have.
std::uint64_t size_bound(const Archive& archive, const Streams& streams, const Provenance& provenance) {
  std::uint64_t arrays = 0, texts = 0, names = provenance.size();
  for (const auto& [name, value] : provenance) texts += name.size() + value.size();
  const auto add_entry = [&](const std::string&, const Archive::Entry& entry) {
    ++names;
    if (const auto* text = std::get_if<std::string>(&entry)) texts += text->size();
    if (const auto* array = std::get_if<Array>(&entry))
      std::visit([&](const auto& values) { arrays += values.size() * sizeof values[0]; }, array->values);
  };
  const auto add_stream = [&](const std::string&, const Stream& stream) {
    ++names;
    arrays += static_cast<std::uint64_t>(stream.size) * sizeof(float);
  };
  in_order(archive, streams, add_entry, add_stream);
  return arrays + 2 * texts + 2048 * names + (1 << 14);
}

using Places = std::map<std::string, std::uint64_t>;  // of arrays: where their numbers begin

// The file with everything but the numbers of arrays and the hash of all.
Places lay_out(const std::filesystem::path& part, const Archive& archive, const Streams& streams,
               const Provenance& provenance) {
  h5::File file = h5::create(part, seal_size);
  Places places;
  const auto add_array = [&](const std::string& name, hid_t type, const h5::Shape& shape) {
    const h5::Dataset dataset = h5::create_dataset(file, name, type, shape);
    places[name] = h5::volume(shape) == 0 ? 0 : h5::offset(dataset);
  };
  const auto add_entry = [&](const std::string& name, const Archive::Entry& entry) {
    if (const auto* text = std::get_if<std::string>(&entry)) return h5::write_text_dataset(file, name, *text);
    if (const auto* value = std::get_if<double>(&entry))
      return h5::write_dataset<double>(file, name, {}, std::span(value, 1));
    const Array& array = std::get<Array>(entry);
    std::visit(
        [&]<class T>(const std::vector<T>&) {
          add_array(name, h5::stored<T>(), {array.shape.begin(), array.shape.end()});
        },
        array.values);
  };
  in_order(archive, streams, add_entry, [&](const std::string& name, const Stream& stream) {
    add_array(name, h5::stored<float>(), {static_cast<hsize_t>(stream.size)});
  });
  write_provenance(file, provenance);
  h5::close(file);
  return places;
}

template <class T>
void write_at(Descriptor& file, std::span<const T> values, std::uint64_t offset) {
  file.write_at({reinterpret_cast<const char*>(values.data()), values.size_bytes()}, offset);
}

// The numbers of arrays; returns the hash of all.
std::string fill(const std::filesystem::path& part, const Archive& archive, const Streams& streams,
                 const Places& places) {
  Descriptor file(part, O_WRONLY);
  Hasher hasher;
  const auto add_entry = [&](const std::string& name, const Archive::Entry& entry) {
    add_to_hash(hasher, name, entry);
    if (const auto* array = std::get_if<Array>(&entry))
      std::visit([&]<class T>(const std::vector<T>& values) { write_at<T>(file, values, places.at(name)); },
                 array->values);
  };
  in_order(archive, streams, add_entry, [&](const std::string& name, const Stream& stream) {
    begin_in_hash(hasher, name, stream);
    std::uint64_t at = places.at(name);
    const std::uint64_t end = at + static_cast<std::uint64_t>(stream.size) * sizeof(float);
    stream.hand_over([&](std::span<const float> piece) {
      check(at + piece.size_bytes() <= end, "a stream is longer than it said");
      hasher.bytes(piece.data(), piece.size_bytes());
      write_at(file, piece, at);
      at += piece.size_bytes();
    });
    check(at == end, "a stream is shorter than it said");
  });
  file.sync_and_close();
  return hasher.hex();
}

}  // namespace

// HDF5 takes space as it goes and, on a full disk, fails where the program cannot go on; so space is taken
// before it comes to work. It gives back what it does not need.
void write_checkpoint(const std::filesystem::path& path, const Archive& archive, const Provenance& provenance,
                      const Streams& streams) {
  write_durably(path, [&](const std::filesystem::path& part) {
    const std::uint64_t size = size_bound(archive, streams, provenance);
    Descriptor(part, O_WRONLY | O_CREAT | O_TRUNC).reserve(size);
    const Places places = lay_out(part, archive, streams, provenance);
    Descriptor(part, O_WRONLY).reserve(size);
    const std::string hash = fill(part, archive, streams, places);
    h5::File file = h5::open_to_change(part);
    h5::write(file, "payload_hash", hash);
    h5::close(file);
    seal_file(part, checkpoint_kind);
  });
}

}  // namespace hypercast::io
