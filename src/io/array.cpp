#include "io/array.hpp"

#include "core/error.hpp"
#include "io/array_source.hpp"
#include "io/hdf5.hpp"
#include "io/npy.hpp"
#include "io/posix.hpp"

namespace hypercast::io {

namespace {

// "/a//b/" as "a/b".
std::string tidy(const std::string& dataset) {
  std::string result;
  for (std::size_t at = 0; at < dataset.size();) {
    const auto end = std::min(dataset.find('/', at), dataset.size());
    if (end > at) result += (result.empty() ? "" : "/") + dataset.substr(at, end - at);
    at = end + 1;
  }
  return result;
}

std::unique_ptr<ArraySource> open(const ArrayPlace& place) {
  const std::string name = place.file.string();
  require_file(place.file, "an array");
  if (is_npy(place.file)) {
    if (place.dataset.empty()) return open_npy(place.file);
    throw UserError(Exit::data, name + ": an NPY file has no datasets, hence no '" + place.dataset + "'");
  }
  if (h5::has_signature(place.file)) return open_hdf5_array(place);
  throw UserError(Exit::data, name + ": neither HDF5 nor NPY as numpy.save writes it (unpack an .npz)");
}

}  // namespace

std::string ArrayPlace::text() const { return file.string() + (dataset.empty() ? "" : ":" + dataset); }

ArrayPlace array_place(const std::string& text) {
  std::error_code ignored;  // opening tells it better
  std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || std::filesystem::exists(text, ignored)) return {text, ""};
  for (auto at = text.find(':'); at < colon; at = text.find(':', at + 1))
    if (std::filesystem::is_regular_file(text.substr(0, at), ignored)) colon = at;
  return {text.substr(0, colon), tidy(text.substr(colon + 1))};
}

std::size_t ArrayInfo::row_size() const {
  std::size_t size = 1;
  for (std::size_t k = 1; k < shape.size(); ++k) size *= shape[k];
  return size;
}

ArrayReader::ArrayReader(const ArrayPlace& place) : source_(open(place)) {}
ArrayReader::ArrayReader(ArrayReader&&) noexcept = default;
ArrayReader& ArrayReader::operator=(ArrayReader&&) noexcept = default;
ArrayReader::~ArrayReader() = default;

const ArrayInfo& ArrayReader::info() const { return source_->info(); }

void ArrayReader::read(Range rows, std::span<double> out) {
  check(0 <= rows.begin && rows.begin <= rows.end && rows.end <= static_cast<std::int64_t>(info().rows()),
        "rows that an array does not have");
  check(out.size() == static_cast<std::size_t>(rows.size()) * info().row_size(), "no room for rows");
  if (!out.empty()) source_->read(rows, out);
}

}  // namespace hypercast::io
