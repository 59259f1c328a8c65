#include "io/provenance.hpp"

#include <sys/utsname.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <span>

#include "io/hash.hpp"
#include "io/hdf5.hpp"

namespace hypercast::io {

namespace {

std::string dotted(unsigned major, unsigned minor, unsigned patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

// The widest instructions this binary may use.
std::string simd() {
#if defined(__AVX512F__)
  return "avx512";
#elif defined(__AVX2__)
  return "avx2";
#elif defined(__SSE2__)
  return "sse2";
#else
  return "none";
#endif
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string machine() {
  utsname names{};
  return uname(&names) == 0 ? std::string(names.sysname) + " " + names.machine : "unknown";
}

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S%z", &local);
  std::string result = text.data();
  if (result.size() > 5) result.insert(result.size() - 2, ":");  // +02:00
  return result;
}

void add_software(Provenance& result, const Facts& libraries) {
  const Version version = hypercast::version();
  result.insert(result.end(), {{"software", "hypercast"},
                               {"softwareVersion", version.version},
                               {"git_hash", version.git_hash},
                               {"git_dirty", version.git_dirty ? "true" : "false"},
                               {"build_type", version.build_type},
                               {"compiler", version.compiler},
                               {"cxx_flags", version.cxx_flags}});
  std::string all;
  for (const auto& [name, value] : libraries) {
    all += (all.empty() ? "" : ";") + name + "@" + value;
    if (name == "mpi") result.emplace_back("mpi_library", value);
    if (name == "petsc" || name == "hdf5" || name == "eigen") result.emplace_back(name + "_version", value);
  }
  result.emplace_back("softwareDependencies", all);
}

}  // namespace

std::string value_of(const Provenance& provenance, const std::string& name) {
  for (const auto& [key, value] : provenance)
    if (key == name) return value;
  return "";
}

Provenance provenance(const Comm& comm, const ProvenanceInput& input) {
  Provenance result;
  add_software(result, input.libraries);
  const std::size_t local = result.size();
  result.insert(result.end(), {{"machine", machine()},
                               {"hostname", host_name()},
                               {"cpu_model", cpu_model()},
                               {"simd", simd()},
                               {"date", date()},
                               {"omp_threads", environment("OMP_NUM_THREADS", "1")},
                               {"slurm_job_id", environment("SLURM_JOB_ID", "")},
                               {"slurm_restart_count", environment("SLURM_RESTART_COUNT", "")}});
  for (std::size_t i = local; i < result.size(); ++i) result[i].second = comm.broadcast(result[i].second);
  result.insert(result.end(), {{"n_ranks", std::to_string(comm.size())},
                               {"command_line", input.command_line},
                               {"deck_toml", input.deck},
                               {"deck_resolved", input.deck_resolved},
                               {"deck_xxh3", hash(std::span(input.deck.data(), input.deck.size()))},
                               {"seed", std::to_string(input.seed)}});
  for (const auto& one : input.more) {
    const auto same =
        std::find_if(result.begin(), result.end(), [&](const auto& old) { return old.first == one.first; });
    if (same == result.end())
      result.push_back(one);
    else
      same->second = one.second;
  }
  return result;
}

Facts io_libraries() {
  unsigned major = 0, minor = 0, patch = 0;
  H5get_libversion(&major, &minor, &patch);
  const unsigned xxhash = XXH_versionNumber();
  return {{"hdf5", dotted(major, minor, patch)},
          {"xxhash", dotted(xxhash / 10000, xxhash / 100 % 100, xxhash % 100)}};
}

}  // namespace hypercast::io
