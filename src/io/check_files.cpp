#include "io/check_files.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "io/checkpoint.hpp"
#include "io/on_root.hpp"
#include "io/seal.hpp"
#include "io/trajectory.hpp"
#include "io/well_rules.hpp"

namespace hypercast::io {

namespace {

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string joined(const std::vector<std::string>& lines, const std::string& between) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : between) + line;
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// Of a UserError that names the file.
std::string without_name(const std::string& text, const std::filesystem::path& path) {
  const std::string name = path.string() + ": ";
  return text.starts_with(name) ? text.substr(name.size()) : text;
}

}  // namespace

// What a file holds, then its problems, each followed by a newline.
void check_file(const std::filesystem::path& path, std::span<const std::string>, const ChildAnswer& answer) {
  WellReport report;
  try {
    const h5::File file = h5::open(path);
    report = check_well(file, [&] { answer.progress(); });
  } catch (const h5::Failure& failure) {
    report.complaints.push_back("damaged or truncated HDF5 file: " + failure.plain);
  }
  std::vector<std::string> lines{counted(report.trajectories, "trajectory", "trajectories") + ", " +
                                 counted(report.frames, "frame", "frames") + ", " +
                                 (report.fields.size() == 1 ? "field " : "fields ") +
                                 joined(report.fields, ", ")};
  lines.insert(lines.end(), report.complaints.begin(), report.complaints.end());
  for (const auto& line : lines) answer.write(line + "\n");
}

namespace {

FileVerdict verdict_of(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {Exit::no_input, {"no such file"}};
  if (!std::filesystem::is_regular_file(path, ignored)) return {Exit::data, {"not a file"}};
  if (!std::ifstream(path))
    return {Exit::no_input, {std::string("cannot be opened: ") + std::strerror(errno)}};
  if (is_sealed_as(path, "checkpoint")) return {Exit::data, {"a hypercast checkpoint, no trajectory file"}};
  if (path.extension() == ".part") return {Exit::data, {"unfinished: not all of it is written"}};
  const bool sealed = claims_to_be_trajectory(path);
  const std::string broken = sealed ? verify_trajectory(path) : "";
  std::vector<std::string> problems;
  if (!broken.empty()) problems.push_back("its seal is broken: " + broken);
  std::string holds;
  try {
    if (!h5::has_signature(path)) throw UserError(Exit::data, "not an HDF5 file");
    const std::vector<std::string> lines = split(ask_child("check_file", path));
    check(!lines.empty(), "an answer of check_file");
    holds = lines[0];
    problems.insert(problems.end(), lines.begin() + 1, lines.end());
  } catch (const UserError& error) {
    problems.push_back(without_name(error.what(), path));
  }
  if (!problems.empty()) return {Exit::data, problems};
  return {Exit::ok, {holds + "; " + (sealed ? "sealed and intact" : "not written by hypercast")}};
}

// As text that travels: the code, then the lines.
std::string packed(const FileVerdict& verdict) {
  return std::to_string(static_cast<int>(verdict.code)) + "\n" + joined(verdict.lines, "\n");
}

FileVerdict unpacked(const std::string& text) {
  std::vector<std::string> lines = split(text);
  const auto code = static_cast<Exit>(std::stoi(lines.at(0)));
  lines.erase(lines.begin());
  return {code, lines};
}

}  // namespace

std::vector<FileVerdict> check_files(const Comm& comm, const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> mine(files.size());
  on_all(comm, [&] {
    for (std::size_t i = comm.rank(); i < files.size(); i += comm.size())
      mine[i] = packed(verdict_of(files[i]));
  });
  std::vector<FileVerdict> verdicts;
  for (std::size_t i = 0; i < files.size(); ++i)
    verdicts.push_back(unpacked(comm.broadcast(mine[i], static_cast<int>(i) % comm.size())));
  return verdicts;
}

}  // namespace hypercast::io
