#include "machine/facts.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "core/memory.hpp"

namespace hypercast::machine {

namespace {

namespace fs = std::filesystem;

constexpr const char* known_isa[] = {"sse2",     "sse4_2",      "avx",      "f16c",     "fma",
                                     "avx2",     "bmi2",        "avx512f",  "avx512dq", "avx512bw",
                                     "avx512vl", "avx512_bf16", "amx_bf16", "asimd",    "sve"};

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

double number_of(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "32768K" -> 33554432
double bytes_of(const std::string& text) {
  const double factor = text.ends_with('K') ? 1024 : text.ends_with('M') ? 1024 * 1024 : 1;
  return factor * number_of(text);
}

std::vector<Cache> caches_of(const fs::path& processor) {
  std::vector<Cache> caches;
  for (int index = 0; fs::exists(processor / "cache" / ("index" + std::to_string(index))); ++index) {
    const auto folder = processor / "cache" / ("index" + std::to_string(index));
    const auto type = first_line(folder / "type");
    if (type == "Instruction") continue;
    caches.push_back({static_cast<int>(number_of(first_line(folder / "level"))), type,
                      bytes_of(first_line(folder / "size")),
                      std::max(1, processors_in(first_line(folder / "shared_cpu_list")))});
  }
  std::sort(caches.begin(), caches.end(), [](const auto& a, const auto& b) { return a.level < b.level; });
  return caches;
}

void read_processors(const fs::path& cpuinfo, Facts& facts) {
  std::ifstream in(cpuinfo);
  std::string package;
  std::set<std::pair<std::string, std::string>> cores;
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const auto value = colon + 2 <= line.size() ? line.substr(colon + 2) : "";
    if (key == "processor") ++facts.logical_processors;
    if (key == "model name") facts.processor = value;
    if (key == "cpu MHz" && facts.megahertz == 0) facts.megahertz = number_of(value);
    if (key == "physical id") package = value;
    if (key == "core id") cores.insert({package, value});
    if ((key == "flags" || key == "Features") && facts.isa.empty()) {
      std::istringstream words(value);
      const std::set<std::string> flags{std::istream_iterator<std::string>(words), {}};
      for (const char* name : known_isa)
        if (flags.contains(name)) facts.isa.push_back(name);
      if (flags.contains("hypervisor")) facts.hypervisor = "yes";
    }
  }
  facts.cores = cores.empty() ? facts.logical_processors : static_cast<int>(cores.size());
}

// "always [madvise] never" -> "madvise"
std::string chosen_word(const std::string& line) {
  const auto open = line.find('['), close = line.find(']');
  return open == std::string::npos || close == std::string::npos ? ""
                                                                 : line.substr(open + 1, close - open - 1);
}

}  // namespace

const Cache* Facts::level(int number) const {
  const auto at =
      std::find_if(caches.begin(), caches.end(), [&](const Cache& c) { return c.level == number; });
  return at == caches.end() ? nullptr : &*at;
}

const Cache* Facts::last() const { return caches.empty() ? nullptr : &caches.back(); }

double Facts::last_cache_bytes() const {
  if (!last()) return 0;
  return last()->bytes * std::max(1, logical_processors / last()->shared_by);
}

Facts facts(const fs::path& root) {
  Facts facts;
  read_processors(root / "proc/cpuinfo", facts);
  const auto processor = root / "sys/devices/system/cpu/cpu0";
  facts.threads_per_core =
      std::max(1, processors_in(first_line(processor / "topology/thread_siblings_list")));
  facts.caches = caches_of(processor);
  const auto maker = first_line(root / "sys/class/dmi/id/sys_vendor");
  if (!facts.hypervisor.empty() && !maker.empty()) facts.hypervisor = maker;
  facts.transparent_hugepages = chosen_word(first_line(root / "sys/kernel/mm/transparent_hugepage/enabled"));
  facts.memory = physical_memory();
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) facts.usable_processors = CPU_COUNT(&set);
  return facts;
}

int processors_in(const std::string& list) {
  int count = 0;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto dash = part.find('-');
    int first = 0, last = 0;
    const char* end = part.data() + part.size();
    const auto head = std::from_chars(part.data(), end, first);
    if (head.ec != std::errc()) return 0;
    last = first;
    if (dash != std::string::npos && std::from_chars(part.data() + dash + 1, end, last).ec != std::errc())
      return 0;
    count += last - first + 1;
  }
  return count;
}

std::string compiled_isa() {
  std::string sets;
#ifdef __SSE2__
  sets = "SSE2";
#endif
#ifdef __SSE4_2__
  sets = "SSE4.2";
#endif
#ifdef __AVX2__
  sets = "AVX2";
#endif
#ifdef __AVX512F__
  sets = "AVX-512";
#endif
#ifdef __FMA__
  sets += " FMA";
#endif
  return sets.empty() ? "baseline" : sets;
}

}  // namespace hypercast::machine
