#pragma once
// What the user probably meant.

#include <string>
#include <vector>

namespace hypercast {

// Insertions, deletions, substitutions and swaps of neighbours that turn a into b (optimal string alignment).
int edit_distance(const std::string& a, const std::string& b);

// "; did you mean 'x'?" for the nearest known name if one is near enough, else "; known: a, b, c".
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

}  // namespace hypercast
