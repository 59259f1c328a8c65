#include "io/archive.hpp"

#include <numeric>

namespace hypercast::io {

namespace {

template <class Kind>
const Kind& get(const Archive& archive, const std::string& name, const char* kind) {
  const auto entry = archive.entries().find(name);
  if (entry == archive.entries().end())
    throw UserError(Exit::refused, "the checkpoint has no '" + name + "'");
  if (const auto* value = std::get_if<Kind>(&entry->second)) return *value;
  throw UserError(Exit::refused, "'" + name + "' of the checkpoint is not " + kind);
}

// In front of an array's bytes; `type`: which of Array's.
void begin_array(Hasher& hasher, std::size_t type, std::span<const std::int64_t> shape) {
  hasher.number(static_cast<std::int64_t>(Archive::Entry(Array{}).index()));
  hasher.number(static_cast<std::int64_t>(type));
  hasher.number(static_cast<std::int64_t>(shape.size()));
  for (const std::int64_t extent : shape) hasher.number(extent);
}

bool is_good_name(const std::string& name) {
  return !name.empty() && name.front() != '/' && name.back() != '/' && name.find("//") == std::string::npos &&
         !name.starts_with("provenance");
}

}  // namespace

void Archive::put_entry(const std::string& name, Entry entry) {
  check(is_good_name(name), "a checkpoint entry with an impossible name");
  entries_.insert_or_assign(name, std::move(entry));
}

template <class T>
void Archive::put(const std::string& name, std::vector<std::int64_t> shape, std::span<const T> values) {
  const auto size = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  check(!shape.empty() && size == static_cast<std::int64_t>(values.size()),
        "a checkpoint array does not fit its shape");
  put_entry(name, Array{std::move(shape), std::vector<T>(values.begin(), values.end())});
}

void Archive::put_text(const std::string& name, const std::string& value) { put_entry(name, value); }
void Archive::put_number(const std::string& name, double value) { put_entry(name, value); }

const Array& Archive::array(const std::string& name) const { return get<Array>(*this, name, "an array"); }
const std::string& Archive::text(const std::string& name) const {
  return get<std::string>(*this, name, "a text");
}
double Archive::number(const std::string& name) const { return get<double>(*this, name, "a number"); }

template <class T>
std::span<const T> Archive::values(const std::string& name) const {
  const auto* typed = std::get_if<std::vector<T>>(&array(name).values);
  if (!typed)
    throw UserError(Exit::refused, "'" + name + "' of the checkpoint holds numbers of another type");
  return *typed;
}

void add_to_hash(Hasher& hasher, const std::string& name, const Archive::Entry& entry) {
  hasher.text(name);
  if (const auto* array = std::get_if<Array>(&entry)) {
    begin_array(hasher, array->values.index(), array->shape);
    std::visit([&](const auto& values) { hasher.bytes(values.data(), values.size() * sizeof values[0]); },
               array->values);
    return;
  }
  hasher.number(static_cast<std::int64_t>(entry.index()));
  if (const auto* text = std::get_if<std::string>(&entry)) return hasher.text(*text);
  hasher.bytes(&std::get<double>(entry), sizeof(double));
}

void begin_in_hash(Hasher& hasher, const std::string& name, const Stream& stream) {
  hasher.text(name);
  begin_array(hasher, decltype(Array::values)(std::vector<float>()).index(), std::span(&stream.size, 1));
}

std::string payload_hash(const Archive& archive) {
  Hasher hasher;
  for (const auto& [name, entry] : archive.entries()) add_to_hash(hasher, name, entry);
  return hasher.hex();
}

#define HYPERCAST_ARCHIVE(T)                                                                     \
  template void Archive::put(const std::string&, std::vector<std::int64_t>, std::span<const T>); \
  template std::span<const T> Archive::values(const std::string&) const;
HYPERCAST_ARCHIVE(float)
HYPERCAST_ARCHIVE(double)
HYPERCAST_ARCHIVE(std::int64_t)
#undef HYPERCAST_ARCHIVE

}  // namespace hypercast::io
