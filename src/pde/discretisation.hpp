#pragma once
// How derivatives in space are taken.

#include <string>

namespace hypercast::pde {

struct Discretisation {
  enum class Kind {
    fd,        // central finite differences of an order, see finite_differences.hpp
    spectral,  // Fourier series on periodic axes, products dealiased by the 2/3 rule
  };
  Kind kind = Kind::fd;
  int order = 4;  // of finite differences

  bool is_spectral() const { return kind == Kind::spectral; }
};

inline Discretisation differences(int order) { return {Discretisation::Kind::fd, order}; }
inline Discretisation fourier() { return {Discretisation::Kind::spectral, 0}; }

inline std::string to_text(const Discretisation& d) {
  return d.is_spectral() ? "spectral" : "fd order " + std::to_string(d.order);
}

}  // namespace hypercast::pde
