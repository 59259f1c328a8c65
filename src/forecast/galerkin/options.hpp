#pragma once
// The deck section [galerkin].

#include <cstdint>
#include <string>

#include "deck/section.hpp"

namespace hypercast::forecast {

struct GalerkinOptions {
  static constexpr const char* section = "galerkin";
  std::string unknowns = "all";
  double overlap = 0;
  int polish = 10;
  double polish_regularisation = 1e-3;
  int points = 0;
  std::int64_t seed = 0;
  std::string solver = "dense";
  double regularisation = 1e-8;
  double lsqr_tolerance = 1e-4;
  int lsqr_iterations = 200;
  std::string method = "bogacki_shampine";
  double step = 0;
  double tolerance = 1e-6;
  double least_step = 1e-6;
  double most_residual = 0.5;
  void describe(Section& s);
};

}  // namespace hypercast::forecast
