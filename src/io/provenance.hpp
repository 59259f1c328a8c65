#pragma once
// Where a file came from: the attributes of its /provenance group. Never part of the payload.

#include <string>
#include <utility>
#include <vector>

namespace hypercast::io {

// Ordered names and values; names follow openPMD where it has one (files-and-formats: FORMATS.md).
using Provenance = std::vector<std::pair<std::string, std::string>>;

}  // namespace hypercast::io
