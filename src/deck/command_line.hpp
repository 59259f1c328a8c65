#pragma once
// What stands behind the name of an app on the command line, and what the app says about itself.

#include "deck/app.hpp"

namespace hypercast {

struct CommandLine {
  std::string deck;
  std::string output;  // "" when not given
  std::vector<std::string> overrides;
  std::map<std::string, std::string> flags;  // the app's own
  bool check = false, version = false, list = false, help = false;
  std::string help_section;        // "" for the general help, "all" for the key reference
  const FileMode* mode = nullptr;  // of the app; then there is no deck
  std::vector<std::string> files;
};

// UserError (usage) for an unknown flag, a missing value, a missing deck, or a mode with something else.
CommandLine parse_command_line(const App& app, int argc, char** argv);

std::string help_text(const App& app);
std::string version_text(const App& app);

// Arguments joined to what could be typed again.
std::string command_text(int argc, char** argv);

}  // namespace hypercast
