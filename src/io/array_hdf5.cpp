// Arrays in HDF5: the parent's part.

#include <algorithm>
#include <charconv>
#include <sstream>

#include "core/error.hpp"
#include "io/array_source.hpp"
#include "io/posix.hpp"

namespace hypercast::io {

namespace {

constexpr ChildLimits limits{.cpu = 120, .silence = 600, .memory = 8192};
constexpr std::size_t most = std::size_t{1} << 20;  // bytes that are taken at once

class Hdf5Source final : public ArraySource {
 public:
  Hdf5Source(ArrayPlace place, const ArrayInfo& info) : ArraySource(info), place_(std::move(place)) {}

  void read(Range rows, std::span<double> out) override {
    auto stream = std::move(stream_);  // an exception ends it
    if (!stream || rows.begin != next_) stream = start(rows.begin);
    const std::size_t width = info().type.bytes, piece = most / width;
    for (std::size_t done = 0; done < out.size(); done += piece) {
      const auto some = out.subspan(done, std::min(piece, out.size() - done));
      bytes_.resize(some.size() * width);
      stream->take(bytes_);
      to_doubles(info().type, bytes_, some);
    }
    next_ = rows.end;
    if (next_ < static_cast<std::int64_t>(info().rows()))
      stream_ = std::move(stream);
    else
      stream->finish();
  }

 private:
  std::unique_ptr<ChildStream> start(std::int64_t row) const {
    require_file(place_.file, "an array");
    const std::vector<std::string> arguments{place_.dataset, to_text(info()), std::to_string(row)};
    return std::make_unique<ChildStream>("rows", place_.file, arguments, limits);
  }

  ArrayPlace place_;
  std::unique_ptr<ChildStream> stream_;  // of the rows from next_ on
  std::int64_t next_ = 0;
  std::vector<char> bytes_;
};

// Of to_text; nothing when it is no such text.
std::optional<ArrayInfo> info_of(const std::string& text) {
  std::istringstream words(text);
  std::string word;
  words >> word;
  const auto type = number_type(word);
  if (!type) return {};
  ArrayInfo info{{}, *type};
  while (words >> word) {
    std::size_t extent = 0;
    if (std::from_chars(word.data(), word.data() + word.size(), extent).ec != std::errc()) return {};
    info.shape.push_back(extent);
  }
  return info;
}

}  // namespace

std::string to_text(const ArrayInfo& info) {
  std::string text = info.type.code();
  for (const std::size_t extent : info.shape) text += " " + std::to_string(extent);
  return text;
}

std::unique_ptr<ArraySource> open_hdf5_array(const ArrayPlace& place) {
  const auto info = info_of(ask_child("array", place.file, {place.dataset}, limits));
  if (!info) throw UserError(Exit::data, place.text() + ": damaged: reading it went astray");
  return std::make_unique<Hdf5Source>(place, *info);
}

std::vector<Match> matching_datasets(const std::filesystem::path& file, const std::string& pattern) {
  require_file(file, "an HDF5 file");
  const std::string said = ask_child("datasets", file, {pattern}, limits);
  std::vector<Match> found;
  for (std::size_t at = 0; at < said.size();) {
    const auto end = std::min(said.find('\0', at), said.size());
    const std::string path = said.substr(at, end - at);
    const auto parts = parts_that_match(pattern, path);
    if (!parts) throw UserError(Exit::data, file.string() + ": damaged: reading it went astray");
    found.push_back({path, *parts});
    at = end + 1;
  }
  sort_naturally(found);
  return found;
}

}  // namespace hypercast::io
