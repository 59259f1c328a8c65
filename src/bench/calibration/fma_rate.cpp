#include "bench/calibration/fma_rate.hpp"

#include <type_traits>
#include <utility>

#include "bench/calibration/vectors.hpp"
#include "bench/rounds.hpp"

namespace hypercast::bench {

namespace {

constexpr int chains = 12;
constexpr int turns = 16384;

// x <- x a + b on every chain. An array that is only indexed by constants lives in registers.
template <class Register, std::size_t... I>
void turn(Register (&x)[chains], Register a, Register b, std::index_sequence<I...>) {
  ((x[I] = x[I] * a + b), ...);
}

}  // namespace

template <class Real>
double fma_rate(double seconds) {
  using Register = std::conditional_t<std::is_same_v<Real, float>, FloatRegister, DoubleRegister>;
  Register a = {}, b = {};
  a = a + Real(0.5);
  b = b + Real(0.5);                    // the fixed point is 1, so that nothing overflows or becomes denormal
  asm volatile("" : "+m"(a), "+m"(b));  // not known to the compiler
  Register sum = {};
  const double rate = passes_a_second(seconds, [&] {
    Register x[chains];
    for (int i = 0; i < chains; ++i) x[i] = b + Real(i);  // equal chains would be done once for all
    for (int t = 0; t < turns; ++t) turn(x, a, b, std::make_index_sequence<chains>());
    for (const Register& chain : x) sum = sum + chain;
  });
  asm volatile("" : : "m"(sum));
  return rate * 2.0 * turns * chains * (sizeof(Register) / sizeof(Real));
}

template double fma_rate<float>(double);
template double fma_rate<double>(double);

}  // namespace hypercast::bench
