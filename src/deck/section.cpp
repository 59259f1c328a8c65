#include "deck/section.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "core/error.hpp"
#include "core/nearest.hpp"
#include "deck/value_text.hpp"

namespace hypercast {

namespace {

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};

// Applies `look` to a value or to each element of a list; the first text that is not empty.
template <class T, class Look>
std::string first_complaint(const T& value, Look look) {
  if constexpr (IsList<T>::value) {
    for (const auto& element : value)
      if (auto text = first_complaint(element, look); !text.empty()) return text;
    return "";
  } else {
    return look(value);
  }
}

std::string plain(bool value) { return toml_text(value); }
std::string plain(int value) { return toml_text(value); }
std::string plain(std::int64_t value) { return toml_text(value); }
std::string plain(double value) { return toml_text(value); }
std::string plain(const std::string& value) { return value; }

// A bound is written as people write it: 0, not 0.0.
std::string bound_text(double bound) {
  const std::string text = toml_text(bound);
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::string type_name(const bool*) { return "boolean"; }
std::string type_name(const int*) { return "integer"; }
std::string type_name(const std::int64_t*) { return "integer"; }
std::string type_name(const double*) { return "number"; }
std::string type_name(const std::string*) { return "string"; }
std::string type_name(const std::vector<std::vector<double>>*) { return "list of lists of numbers"; }
template <class T>
std::string type_name(const std::vector<T>*) {
  return "list of " + type_name(static_cast<const T*>(nullptr)) + "s";
}

}  // namespace

Key::Key(std::string name, KeyTarget target, std::string doc)
    : name_(std::move(name)), doc_(std::move(doc)), target_(target) {}

Key& Key::above(double bound) {
  bounds_.push_back({bound, "> ", [](double v, double b) { return v > b; }});
  return *this;
}
Key& Key::at_least(double bound) {
  bounds_.push_back({bound, ">= ", [](double v, double b) { return v >= b; }});
  return *this;
}
Key& Key::below(double bound) {
  bounds_.push_back({bound, "< ", [](double v, double b) { return v < b; }});
  return *this;
}
Key& Key::at_most(double bound) {
  bounds_.push_back({bound, "<= ", [](double v, double b) { return v <= b; }});
  return *this;
}
Key& Key::one_of(std::vector<std::string> words) {
  words_ = std::move(words);
  return *this;
}
Key& Key::unit(std::string text) {
  unit_ = std::move(text);
  return *this;
}
Key& Key::required() {
  required_ = true;
  return *this;
}

std::string Key::type() const {
  return std::visit([](auto* member) { return type_name(member); }, target_);
}

std::string Key::range() const {
  std::string text;
  for (const auto& bound : bounds_)
    text += (text.empty() ? "" : ", ") + bound.relation + bound_text(bound.value);
  for (const auto& word : words_) text += (text.empty() ? "" : ", ") + word;
  return text;
}

KeyValue Key::value() const {
  return std::visit([](auto* member) { return KeyValue(*member); }, target_);
}

std::string Key::value_text() const {
  return std::visit([](auto* member) { return toml_text(*member); }, target_);
}

void Key::assign(const KeyValue& value) const {
  check(value.index() == target_.index(), "a key is given a value of another type");
  std::visit([&](auto* member) { *member = std::get<std::remove_pointer_t<decltype(member)>>(value); },
             target_);
}

std::string Key::complaint(const KeyValue& value) const {
  const auto look = [this](const auto& one) -> std::string {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(one)>>) {
      if (!std::isfinite(static_cast<double>(one))) return "must be finite, not " + plain(one);
      for (const auto& bound : bounds_)
        if (!bound.holds(static_cast<double>(one), bound.value))
          return "must be " + bound.relation + bound_text(bound.value) + ", not " + plain(one);
    }
    if (words_.empty() || std::find(words_.begin(), words_.end(), plain(one)) != words_.end()) return "";
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(one)>>)
      return "must be one of " + range() + ", not " + plain(one);
    return "unknown choice '" + plain(one) + "'" + did_you_mean(plain(one), words_);
  };
  return std::visit([&](const auto& held) { return first_complaint(held, look); }, value);
}

}  // namespace hypercast
