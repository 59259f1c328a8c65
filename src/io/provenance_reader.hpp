#pragma once
// One provenance attribute of a finished file.

#include <filesystem>
#include <optional>
#include <string>

namespace hypercast::io {

// On this rank alone. Nothing when there is no such file; "" when it cannot be read or has no such attribute.
std::optional<std::string> read_provenance(const std::filesystem::path& path, const std::string& name);

}  // namespace hypercast::io
