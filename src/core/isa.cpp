#include "core/isa.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "core/error.hpp"
#include "core/nearest.hpp"

namespace hypercast {

namespace {

constexpr std::array best_first{Isa::v4, Isa::v3, Isa::v2, Isa::portable};

Isa named(const std::string& name) {
  std::vector<std::string> names;
  for (const Isa isa : best_first)
    if (has_isa(isa)) names.push_back(isa_name(isa));
  for (const Isa isa : best_first) {
    if (name != isa_name(isa)) continue;
    if (has_isa(isa)) return isa;
    throw UserError(Exit::environment, "HYPERCAST_ISA=" + name + ": this processor lacks its instructions");
  }
  throw UserError(Exit::environment,
                  "HYPERCAST_ISA=" + name + ": no such instruction set" + did_you_mean(name, names));
}

Isa choose() {
  if (const char* name = std::getenv("HYPERCAST_ISA"); name && *name) return named(name);
  return *std::find_if(best_first.begin(), best_first.end(), has_isa);
}

}  // namespace

std::string isa_name(Isa isa) {
  switch (isa) {
    case Isa::v4:
      return "v4";
    case Isa::v3:
      return "v3";
    case Isa::v2:
      return "v2";
    case Isa::portable:
      break;
  }
  return "portable";
}

bool has_isa(Isa isa) {
#if defined(__x86_64__)
  switch (isa) {
    case Isa::v4:
      return has_isa(Isa::v3) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    case Isa::v3:
      return has_isa(Isa::v2) && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("bmi2");
    case Isa::v2:
      return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    case Isa::portable:
      break;
  }
#endif
  return isa == Isa::portable;
}

Isa isa() {
  static const Isa chosen = choose();
  return chosen;
}

}  // namespace hypercast
