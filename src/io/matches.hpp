#pragma once
// Names and paths that fit a pattern: * stands for any characters, none too, and ? for one byte; neither
// stands for a slash. There is no other wildcard. Everything sorts in natural order: numbers by their size,
// layer2 before layer10.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hypercast::io {

struct Match {
  std::string text;
  std::vector<std::string> parts;  // what each wildcard stands for, in the order of the pattern
};

bool has_wildcards(std::string_view pattern);

// What the wildcards stand for when all of `text` fits, each for as little as possible, the first one first;
// nothing when it does not fit.
std::optional<std::vector<std::string>> parts_that_match(std::string_view pattern, std::string_view text);

bool naturally_before(std::string_view a, std::string_view b);
void sort_naturally(std::vector<Match>& matches);  // by text

// Files whose path fits, as the pattern writes it ("runs/*/features.h5": relative to the working folder).
// Folders are no match, and a wildcard in front of a name does not stand for a dot that hides it. Of one
// rank; folders that cannot be
// looked at are passed over; links that lead nowhere are there, and whoever opens them finds out.
std::vector<Match> matching_files(const std::string& pattern);

}  // namespace hypercast::io
