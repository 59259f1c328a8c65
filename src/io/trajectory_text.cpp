#include "io/trajectory_text.hpp"

#include <cstdint>
#include <cstring>

namespace hypercast::io {

namespace {

// Appends; numbers as they are in memory, lists and texts after their length.
class Packer {
 public:
  std::string bytes;

  void operator()(double value) { raw(&value, sizeof value); }
  void operator()(std::uint64_t value) { raw(&value, sizeof value); }
  void operator()(const std::string& text) {
    (*this)(std::uint64_t{text.size()});
    raw(text.data(), text.size());
  }
  void operator()(const std::vector<double>& values) {
    (*this)(std::uint64_t{values.size()});
    raw(values.data(), values.size() * sizeof(double));
  }
  template <class T>
  void operator()(const std::vector<T>& list) {
    (*this)(std::uint64_t{list.size()});
    for (const auto& one : list) (*this)(one);
  }
  void operator()(const std::pair<std::string, double>& named) {
    (*this)(named.first);
    (*this)(named.second);
  }
  void operator()(const Axis& axis) {
    (*this)(axis.name);
    (*this)(axis.points);
    (*this)(static_cast<std::uint64_t>(axis.boundary));
  }

 private:
  void raw(const void* data, std::size_t size) { bytes.append(static_cast<const char*>(data), size); }
};

// Takes off the front. From the first thing that is not there, `good` is false and nothing is changed.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  bool good = true;
  bool done() const { return good && rest_.empty(); }

  void operator()(double& value) { raw(&value, sizeof value); }
  void operator()(std::uint64_t& value) { raw(&value, sizeof value); }
  void operator()(std::string& text) {
    text.resize(length(1));
    raw(text.data(), text.size());
  }
  void operator()(std::vector<double>& values) {
    values.resize(length(sizeof(double)));
    raw(values.data(), values.size() * sizeof(double));
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    list.resize(length(sizeof(std::uint64_t)));
    for (auto& one : list) (*this)(one);
  }
  void operator()(std::pair<std::string, double>& named) {
    (*this)(named.first);
    (*this)(named.second);
  }
  void operator()(Axis& axis) {
    std::uint64_t boundary = 0;
    (*this)(axis.name);
    (*this)(axis.points);
    (*this)(boundary);
    good = good && boundary <= static_cast<std::uint64_t>(Boundary::open);
    if (good) axis.boundary = static_cast<Boundary>(boundary);
  }

 private:
  // Of a list whose entries take `least` bytes or more; 0 when there are not so many.
  std::size_t length(std::size_t least) {
    std::uint64_t count = 0;
    (*this)(count);
    good = good && count <= rest_.size() / least;
    return good ? count : 0;
  }
  void raw(void* data, std::size_t size) {
    good = good && size <= rest_.size();
    if (!good || size == 0) return;
    std::memcpy(data, rest_.data(), size);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
};

}  // namespace

std::string to_bytes(const TrajectoryFile& file) {
  Packer pack;
  pack(file.path.string());
  pack(std::uint64_t{file.sealed});
  pack(file.passed_over);
  pack(file.layout.dataset_name);
  pack(file.layout.channels);
  pack(file.layout.axes);
  pack(file.layout.times);
  pack(static_cast<std::uint64_t>(file.layout.trajectories));
  pack(file.layout.parameters);
  return pack.bytes;
}

std::optional<TrajectoryFile> from_bytes(std::string_view bytes) {
  TrajectoryFile file;
  std::string path;
  std::uint64_t sealed = 0, trajectories = 0;
  Unpacker unpack(bytes);
  unpack(path);
  unpack(sealed);
  unpack(file.passed_over);
  unpack(file.layout.dataset_name);
  unpack(file.layout.channels);
  unpack(file.layout.axes);
  unpack(file.layout.times);
  unpack(trajectories);
  unpack(file.layout.parameters);
  if (!unpack.done()) return std::nullopt;
  file.path = path;
  file.sealed = sealed != 0;
  file.layout.trajectories = static_cast<int>(trajectories);
  return file;
}

}  // namespace hypercast::io
