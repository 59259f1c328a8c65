#pragma once
// What goes through the pipe from a child to its parent. Seen by the two sides only.

#include <cstdint>

namespace hypercast::io {

inline constexpr int child_pipe = 3;  // descriptor of the child's end
inline constexpr const char* child_flag = "--child";

// An answer is messages: a header, then so many bytes.
enum class ChildMessage : std::uint32_t {
  bytes,       // a piece of the answer, perhaps empty
  user_error,  // its text; `code` is the exit code. The last message
  error,       // the same for an Error
  end,         // all is answered. The last message
};
struct ChildHeader {
  ChildMessage kind = ChildMessage::end;
  std::int32_t code = 0;
  std::uint64_t size = 0;
};

}  // namespace hypercast::io
