#include "io/matches.hpp"

#include <algorithm>
#include <filesystem>

namespace hypercast::io {

namespace {

using Parts = std::vector<std::string>;

constexpr const char* digits = "0123456789";

bool fits(std::string_view pattern, std::string_view text, Parts& parts) {
  if (pattern.empty()) return text.empty();
  const char wanted = pattern[0];
  if (wanted != '*' && wanted != '?')
    return text.starts_with(wanted) && fits(pattern.substr(1), text.substr(1), parts);
  const std::size_t room = std::min(text.find('/'), text.size());
  const std::size_t least = wanted == '?' ? 1 : 0,
                    most = wanted == '?' ? std::min<std::size_t>(room, 1) : room;
  for (std::size_t size = least; size <= most; ++size) {
    parts.emplace_back(text.substr(0, size));
    if (fits(pattern.substr(1), text.substr(size), parts)) return true;
    parts.pop_back();
  }
  return false;
}

// The number that `text` begins with, without zeros in front; takes it and them off.
std::string_view take_number(std::string_view& text) {
  std::string_view number = text.substr(0, std::min(text.find_first_not_of(digits), text.size()));
  text.remove_prefix(number.size());
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

bool begins_with_digit(std::string_view text) { return text.find_first_of(digits) == 0; }

// Files below `folder` (empty, or with a slash at its end) whose path from there fits.
void find(const std::string& folder, std::string_view pattern, std::vector<std::string>& found) {
  const auto slash = pattern.find('/');
  const std::string_view name = pattern.substr(0, slash);
  const auto enter = [&](const std::string& entry) {
    std::error_code ignored;
    const bool is_folder = std::filesystem::is_directory(folder + entry, ignored);
    if (slash != std::string_view::npos) {
      if (is_folder || entry.empty()) find(folder + entry + "/", pattern.substr(slash + 1), found);
    } else if (!is_folder && std::filesystem::symlink_status(folder + entry, ignored).type() !=
                                 std::filesystem::file_type::not_found) {
      found.push_back(folder + entry);
    }
  };
  if (!has_wildcards(name)) return enter(std::string(name));
  using Entries = std::filesystem::directory_iterator;
  std::error_code failed;
  for (Entries at(folder.empty() ? "." : folder, failed); !failed && at != Entries(); at.increment(failed)) {
    const std::string entry = at->path().filename().string();
    const bool hidden = entry.starts_with('.') && !name.starts_with('.');
    if (!hidden && parts_that_match(name, entry)) enter(entry);
  }
}

}  // namespace

bool has_wildcards(std::string_view pattern) { return pattern.find_first_of("*?") != pattern.npos; }

std::optional<Parts> parts_that_match(std::string_view pattern, std::string_view text) {
  Parts parts;
  if (!fits(pattern, text, parts)) return {};
  return parts;
}

bool naturally_before(std::string_view a, std::string_view b) {
  std::string_view x = a, y = b;
  while (!x.empty() && !y.empty()) {
    if (begins_with_digit(x) && begins_with_digit(y)) {
      const std::string_view m = take_number(x), n = take_number(y);
      if (m.size() != n.size()) return m.size() < n.size();
      if (m != n) return m < n;
    } else {
      if (x[0] != y[0]) return static_cast<unsigned char>(x[0]) < static_cast<unsigned char>(y[0]);
      x.remove_prefix(1);
      y.remove_prefix(1);
    }
  }
  return x.empty() && y.empty() ? a < b : x.empty();
}

void sort_naturally(std::vector<Match>& matches) {
  std::sort(matches.begin(), matches.end(),
            [](const Match& a, const Match& b) { return naturally_before(a.text, b.text); });
}

std::vector<Match> matching_files(const std::string& pattern) {
  std::vector<std::string> found;
  find("", pattern, found);
  std::vector<Match> matches;
  for (const auto& path : found)
    if (auto parts = parts_that_match(pattern, path)) matches.push_back({path, std::move(*parts)});
  sort_naturally(matches);
  return matches;
}

}  // namespace hypercast::io
