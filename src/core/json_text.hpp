#pragma once
// Pieces of JSON (RFC 8259), for what we write. Nothing here reads JSON.

#include <string>

namespace hypercast {

std::string json_text(const std::string& text);  // in quotes, escaped; bytes beyond ASCII as they are
std::string json_number(double value);           // the shortest text that reads back; null unless finite

}  // namespace hypercast
