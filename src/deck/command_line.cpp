#include "deck/command_line.hpp"

#include <CLI/CLI.hpp>

#include "core/nearest.hpp"
#include "deck/toml_reader.hpp"

namespace hypercast {

namespace {

const std::vector<Flag> frame_flags{
    {"output", "DIR", "folder of the run (default runs/<deck stem>)"},
    {"set", "SECTION.KEY=VALUE", "overrides a key of the deck; may be repeated"},
    {"check", "", "checks everything, prints the resolved deck, writes nothing"},
    {"help", "[SECTION]", "this text, or the keys of a section, or of all as Markdown (--help all)"},
    {"version", "", "version, build and libraries"},
    {"list", "", "everything that a deck can name"},
};

constexpr int most_files = 1 << 20;  // of a mode

[[noreturn]] void usage_error(const App& app, const std::string& text) {
  throw UserError(Exit::usage, text + "; see " + app.name + " --help");
}

// What the parser could not place: a misspelt flag or a second deck.
void refuse_extras(const App& app, const std::vector<std::string>& extras) {
  if (extras.empty()) return;
  if (!extras.front().starts_with("-"))
    usage_error(app, "one deck at a time; what is '" + extras.front() + "'?");
  std::vector<std::string> known;
  for (const auto& flag : frame_flags) known.push_back("--" + flag.name);
  for (const auto& flag : app.flags) known.push_back("--" + flag.name);
  for (const auto& mode : app.modes) known.push_back("--" + mode.name);
  throw UserError(Exit::usage, "unknown flag " + extras.front() + did_you_mean(extras.front(), known));
}

// A mode stands alone.
void refuse_company(const App& app, const CommandLine& line) {
  const std::string mode = "--" + line.mode->name;
  if (!line.deck.empty()) usage_error(app, mode + " needs no deck; what is '" + line.deck + "'?");
  if (!line.output.empty() || !line.overrides.empty() || !line.flags.empty() || line.check)
    usage_error(app, mode + " goes with no other flag");
}

// The parser's texts may span lines.
std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

std::string flag_line(const Flag& flag) {
  return fmt::format("  {:<28}  {}\n",
                     "--" + flag.name + (flag.value_name.empty() ? "" : " " + flag.value_name), flag.doc);
}

}  // namespace

CommandLine parse_command_line(const App& app, int argc, char** argv) {
  CommandLine line;
  CLI::App parser;
  parser.set_help_flag();
  parser.allow_extras();
  parser.add_option("deck", line.deck);
  auto* output = parser.add_option("--output", line.output);
  parser.add_option("--set", line.overrides)->allow_extra_args(false);
  parser.add_flag("--check", line.check);
  parser.add_flag("--version", line.version);
  parser.add_flag("--list", line.list);
  auto* help = parser.add_option("-h,--help", line.help_section)->expected(0, 1);
  std::vector<CLI::Option*> own;
  for (const auto& flag : app.flags)
    own.push_back(flag.value_name.empty() ? parser.add_flag("--" + flag.name)
                                          : parser.add_option("--" + flag.name)->expected(1));
  std::vector<CLI::Option*> modes;
  for (const auto& mode : app.modes)
    modes.push_back(parser.add_option("--" + mode.name)->expected(1, most_files));
  try {
    parser.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    usage_error(app, one_line(error.what()));
  }
  line.help = help->count() > 0;
  for (std::size_t i = 0; i < own.size(); ++i)
    if (own[i]->count() > 0)
      line.flags[app.flags[i].name] = app.flags[i].value_name.empty() ? "" : own[i]->results().back();
  refuse_extras(app, parser.remaining());
  for (std::size_t i = 0; i < modes.size(); ++i) {
    if (modes[i]->count() == 0) continue;
    if (line.mode)
      usage_error(app, "--" + line.mode->name + " and --" + app.modes[i].name + " exclude each other");
    line.mode = &app.modes[i];
    line.files = modes[i]->results();
  }
  if (line.help || line.version || line.list) return line;
  if (line.mode) {
    refuse_company(app, line);
    return line;
  }
  if (line.deck.empty()) usage_error(app, "no deck given");
  if (output->count() > 0 && line.output.empty()) usage_error(app, "--output is empty");
  return line;
}

std::string help_text(const App& app) {
  std::string text = app.name + ": " + app.summary + "\n\nusage: " + app.name + " DECK [flags]\n";
  for (const auto& mode : app.modes) text += "       " + app.name + " --" + mode.name + " FILE...\n";
  text += "\nflags:\n";
  for (const auto& flag : app.flags) text += flag_line(flag);
  for (const auto& flag : frame_flags) text += flag_line(flag);
  for (const auto& mode : app.modes) text += flag_line({mode.name, "FILE...", mode.doc});
  return text + "\nsections of a deck (--help SECTION shows the keys):\n" + app.schema.help();
}

std::string version_text(const App& app) {
  const Version v = version();
  Facts facts{{"git", v.git_hash + (v.git_dirty ? " (with changes)" : "")},
              {"build", v.build_type},
              {"compiler", v.compiler},
              {"flags", v.cxx_flags}};
  facts.insert(facts.end(), app.libraries.begin(), app.libraries.end());
  std::string text = app.name + " " + v.version;
  for (const auto& [name, value] : facts) text += fmt::format("\n{:<10}  {}", name, value);
  return text;
}

Facts deck_libraries() { return {{"toml++", toml_library_version()}, {"cli11", CLI11_VERSION}}; }

std::string command_text(int argc, char** argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) {
    const std::string word = argv[i];
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n\"'\\$&|;<>()*?`[]{}~#!") == std::string::npos;
    text += i ? " " : "";
    if (plain) text += word;
    if (plain) continue;
    text += '\'';
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

}  // namespace hypercast
