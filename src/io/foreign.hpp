#pragma once
// Trajectory files without a seal of hypercast, which are read by child processes (io/child.hpp) and never
// opened in this one. Not collective. UserError (Exit::data) naming the file, whatever is wrong with it.

#include "io/child.hpp"
#include "io/trajectory.hpp"

namespace hypercast::io {

TrajectoryFile look_at_foreign(const std::filesystem::path& path);

// values[frame][point][channel]; the file must be as it was when it was looked at.
void read_foreign(const TrajectoryFile& file, int trajectory, Range frames, std::span<float> values);

// The children's part: answer with what is known of the file, and with frames.
void answer_with_layout(const std::filesystem::path& path, std::span<const std::string> arguments,
                        const ChildAnswer& answer);
void answer_with_frames(const std::filesystem::path& path, std::span<const std::string> arguments,
                        const ChildAnswer& answer);

}  // namespace hypercast::io
