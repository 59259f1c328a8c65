#include "nn/kernels/kernels.hpp"

#include <type_traits>

#include "core/error.hpp"

namespace hypercast::nn {

#define HC_TABLES(isa)                           \
  namespace isa {                                \
  extern const Kernels<float> single_precision;  \
  extern const Kernels<double> double_precision; \
  }
HC_TABLES(portable)
#if defined(__x86_64__)
HC_TABLES(v2)
HC_TABLES(v3)
HC_TABLES(v4)
#endif
#undef HC_TABLES

namespace {

template <class Real>
const Kernels<Real>& pick(const Kernels<float>& single_precision, const Kernels<double>& double_precision) {
  if constexpr (std::is_same_v<Real, float>)
    return single_precision;
  else
    return double_precision;
}

}  // namespace

template <class Real>
const Kernels<Real>& kernels(Isa isa) {
  check(has_isa(isa), "kernels for another processor");
#if defined(__x86_64__)
  if (isa == Isa::v4) return pick<Real>(v4::single_precision, v4::double_precision);
  if (isa == Isa::v3) return pick<Real>(v3::single_precision, v3::double_precision);
  if (isa == Isa::v2) return pick<Real>(v2::single_precision, v2::double_precision);
#endif
  return pick<Real>(portable::single_precision, portable::double_precision);
}

template <class Real>
const Kernels<Real>& kernels() {
  static const Kernels<Real>& chosen = kernels<Real>(isa());
  return chosen;
}

template const Kernels<float>& kernels(Isa);
template const Kernels<double>& kernels(Isa);
template const Kernels<float>& kernels();
template const Kernels<double>& kernels();

}  // namespace hypercast::nn
