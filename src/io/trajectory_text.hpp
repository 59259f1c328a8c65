#pragma once
// What is known of a trajectory file as bytes that travel between processes of one program: from a child to
// its parent, from rank to rank.

#include <optional>
#include <string>
#include <string_view>

#include "io/trajectory.hpp"

namespace hypercast::io {

std::string to_bytes(const TrajectoryFile& file);

// Nothing when the bytes are not of to_bytes.
std::optional<TrajectoryFile> from_bytes(std::string_view bytes);

}  // namespace hypercast::io
