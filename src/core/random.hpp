#pragma once
// Counter-based random numbers: a value is a pure function of (seed, stream, index), so a draw never depends
// on how many draws came before it or on how many ranks there are.
//
// Philox4x32-10: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC'11.

#include <array>
#include <cstdint>

namespace hypercast {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

// A family of independent sequences. `stream` names what the numbers are for (a step, a layer, a trajectory);
// `purpose` separates users of one seed.
class Random {
 public:
  enum class Purpose : std::uint32_t {
    initial_state = 1,
    weights = 2,
    frames = 3,
    points = 4,
    test = 5,
    masks = 6,
    noise = 7,
    rows = 8
  };

  Random(std::uint64_t seed, Purpose purpose, std::uint32_t stream = 0)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        purpose_(static_cast<std::uint32_t>(purpose)),
        stream_(stream) {}

  double uniform(std::uint64_t index) const;                            // in (0, 1), 53 bits
  double normal(std::uint64_t index) const;                             // mean 0, variance 1 (Box-Muller)
  std::uint32_t below(std::uint32_t bound, std::uint64_t index) const;  // in [0, bound)

 private:
  std::array<std::uint32_t, 4> block(std::uint64_t index) const;

  std::array<std::uint32_t, 2> key_;
  std::uint32_t purpose_;
  std::uint32_t stream_;
};

}  // namespace hypercast
