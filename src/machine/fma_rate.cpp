#include "machine/fma_rate.hpp"

#include "machine/rounds.hpp"
#include "nn/kernels/kernels.hpp"

namespace hypercast::machine {

template <class Real>
double fma_rate(double seconds) {
  constexpr std::size_t turns = 16384;
  const auto& kernels = nn::kernels<Real>();
  // x <- x / 2 + 1 / 2 goes to 1, so that nothing overflows or becomes denormal.
  volatile Real sink = 0;
  const double rate =
      passes_a_second(seconds, [&] { sink = kernels.fma_rounds(turns, Real(0.5), Real(0.5)); });
  return rate * static_cast<double>(turns * kernels.flops_of_round);
}

template double fma_rate<float>(double);
template double fma_rate<double>(double);

}  // namespace hypercast::machine
