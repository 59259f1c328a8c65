#include "machine/clock_rate.hpp"

#include <cstdint>
#include <utility>

#include "machine/rounds.hpp"

namespace hypercast::machine {

namespace {

constexpr int chain = 64;
constexpr int turns = 2048;

// An addition of its own, which the compiler can neither drop nor join with the next one.
inline std::uint64_t add(std::uint64_t x, std::uint64_t k) {
  x += k;
  asm volatile("" : "+r"(x));
  return x;
}

template <std::size_t... I>
std::uint64_t add_in_turn(std::uint64_t x, std::uint64_t k, std::index_sequence<I...>) {
  ((static_cast<void>(I), x = add(x, k)), ...);
  return x;
}

}  // namespace

double clock_rate(double seconds) {
  std::uint64_t x = 0, k = 1;
  asm volatile("" : "+r"(k));  // not known to the compiler
  return chain * turns * passes_a_second(seconds, [&] {
           for (int t = 0; t < turns; ++t) x = add_in_turn(x, k, std::make_index_sequence<chain>());
         });
}

}  // namespace hypercast::machine
