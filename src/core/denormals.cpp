#include "core/denormals.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hypercast {

namespace {

#if defined(__x86_64__)
constexpr unsigned long long flush = 0x8040;  // of MXCSR: FTZ and DAZ
unsigned long long control() { return _mm_getcsr(); }
void set_control(unsigned long long value) { _mm_setcsr(static_cast<unsigned>(value)); }
#elif defined(__aarch64__)
constexpr unsigned long long flush = 1ull << 24;  // of FPCR: FZ
unsigned long long control() {
  unsigned long long value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void set_control(unsigned long long value) { __asm__ volatile("msr fpcr, %0" : : "r"(value)); }
#else
constexpr unsigned long long flush = 0;
unsigned long long control() { return 0; }
void set_control(unsigned long long) {}
#endif

}  // namespace

FlushDenormals::FlushDenormals() : before_(control()) { set_control(before_ | flush); }
FlushDenormals::~FlushDenormals() { set_control(before_); }

}  // namespace hypercast
