#include "machine/sincos_rate.hpp"

#include "core/buffer.hpp"
#include "machine/rounds.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::machine {

double sincos_rate(double seconds) {
  constexpr std::size_t count = 2048;  // three arrays of 8 kB
  constexpr float most = 30;           // as arguments of a SIREN are
  Buffer<float> x(count), values(count), slopes(count);
  for (std::size_t i = 0; i < count; ++i)
    x[i] = most * (2 * static_cast<float>(i) / static_cast<float>(count) - 1);
  const auto sine = nn::kernels<float>().activate[static_cast<std::size_t>(nn::Activation::sine)];
  return count * passes_a_second(seconds, [&] { sine(count, x.data(), values.data(), slopes.data()); });
}

}  // namespace hypercast::machine
