#pragma once
// What this rank runs on, as Linux tells. Fields that it does not tell are empty or 0; nothing here fails.

#include <filesystem>
#include <string>
#include <vector>

namespace hypercast::machine {

struct Cache {
  int level = 0;
  std::string type;  // "Data", "Instruction", "Unified"
  double bytes = 0;
  int shared_by = 1;  // logical processors
};

struct Facts {
  std::string processor;              // its model name
  int logical_processors = 0;         // of this machine
  int cores = 0;                      // of this machine; fewer than logical processors with SMT
  int threads_per_core = 1;           // that the system knows of; a hypervisor may hide them
  int usable_processors = 0;          // that this rank may run on
  std::string hypervisor;             // "", or "yes", or its maker's name
  double megahertz = 0;               // nominal, as the kernel gives it
  std::vector<std::string> isa;       // sse4_2, avx2, fma, avx512f, ... of those we care for
  std::vector<Cache> caches;          // of the first processor, data caches only, from the core outwards
  double memory = 0;                  // bytes
  std::string transparent_hugepages;  // "always", "madvise", "never"

  const Cache* level(int number) const;  // null when there is none
  const Cache* last() const;
  // Of all last caches of this machine together.
  double last_cache_bytes() const;
};

// Reads `root`/proc/cpuinfo and `root`/sys; tests have a root of their own.
Facts facts(const std::filesystem::path& root = "/");

// "0-3,8" -> 5; 0 when it is no such list.
int processors_in(const std::string& list);

// The instruction sets that this program was compiled for: "AVX2 FMA".
std::string compiled_isa();

}  // namespace hypercast::machine
