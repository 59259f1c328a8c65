#include "deck/convert.hpp"

#include <limits>

namespace hypercast {

namespace {

// take() fills `out` or returns false and leaves what it stumbled over in `culprit`.
template <class T>
bool take(const RawValue& raw, T& out, const RawValue*& culprit) {
  const auto* held = std::get_if<T>(&raw.data);
  if (held) out = *held;
  if (!held) culprit = &raw;
  return held != nullptr;
}

bool take(const RawValue& raw, int& out, const RawValue*& culprit) {
  const auto* held = std::get_if<std::int64_t>(&raw.data);
  const bool fits =
      held && *held >= std::numeric_limits<int>::min() && *held <= std::numeric_limits<int>::max();
  if (fits) out = static_cast<int>(*held);
  if (!fits) culprit = &raw;
  return fits;
}

bool take(const RawValue& raw, double& out, const RawValue*& culprit) {
  const auto* integer = std::get_if<std::int64_t>(&raw.data);
  if (!integer) return take<double>(raw, out, culprit);
  out = static_cast<double>(*integer);
  return true;
}

template <class T>
bool take(const RawValue& raw, std::vector<T>& out, const RawValue*& culprit) {
  const auto* list = std::get_if<RawValue::List>(&raw.data);
  if (!list) culprit = &raw;
  if (!list) return false;
  for (const auto& item : *list)
    if (!take(item, out.emplace_back(), culprit)) return false;
  return true;
}

bool is_wide(const RawValue& raw) {
  const auto* integer = std::get_if<std::int64_t>(&raw.data);
  return integer && *integer != static_cast<int>(*integer);
}

Fault wrong_type(const RawValue& raw, const RawValue& culprit, const Key& key) {
  if (is_wide(culprit) && key.type().find("integer") != std::string::npos)
    return {culprit.place, culprit.text() + " does not fit into 32 bits"};
  if (&culprit == &raw) return {raw.place, wanted(key) + ", not " + raw.kind()};
  return {culprit.place, wanted(key) + "; an item is " + culprit.kind()};
}

}  // namespace

std::string wanted(const Key& key) {
  const std::string type = key.type();
  return (type.starts_with('i') ? "must be an " : "must be a ") + type;
}

std::optional<Fault> convert(const RawValue& raw, const Key& key, KeyValue& value) {
  value = std::visit([](auto* member) { return KeyValue(std::remove_pointer_t<decltype(member)>{}); },
                     key.target());
  const RawValue* culprit = nullptr;
  if (!std::visit([&](auto& held) { return take(raw, held, culprit); }, value))
    return wrong_type(raw, *culprit, key);
  if (auto text = key.complaint(value); !text.empty()) return Fault{raw.place, text};
  return {};
}

}  // namespace hypercast
