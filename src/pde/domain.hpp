#pragma once
// The box an equation lives on, and its grid points.
//
// Along an axis of length L with N points:  periodic   x_i = lower + i L/N
//                                           dirichlet  x_i = lower + i L/(N-1), both walls are nodes
//                                           neumann    x_i = lower + (i + 1/2) L/N, walls between points

#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "io/trajectory.hpp"

namespace hypercast::pde {

using io::Boundary;

struct DomainAxis {
  std::string name = "x";
  double lower = 0;
  double length = 2 * std::numbers::pi;
  int points = 64;
  Boundary boundary = Boundary::periodic;

  double spacing() const;
  double point(std::int64_t i) const;
  bool is_periodic() const { return boundary == Boundary::periodic; }
};

struct Domain {
  std::vector<DomainAxis> axes;  // 1 to 3; fields are stored with the last axis fastest
  double wall_value = 0;         // what the field equals on Dirichlet walls

  int dims() const { return static_cast<int>(axes.size()); }
  std::int64_t points() const;
  std::vector<int> extents() const;    // points along each axis
  bool is_periodic() const;            // along every axis
  bool has_only(Boundary kind) const;  // along every axis
  bool has_any(Boundary kind) const;   // along at least one
  std::vector<io::Axis> io_axes() const;
};

std::string to_text(Boundary boundary);
// "64 x 64 periodic, 33 dirichlet": for logs.
std::string to_text(const Domain& domain);

}  // namespace hypercast::pde
