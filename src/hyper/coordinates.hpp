#pragma once
// Where a network lives: physical coordinates turned into what an INR is fed. A periodic axis becomes
// (cos, sin) of its phase, so periodicity is exact; other axes are scaled to [-1, 1].

#include <span>
#include <vector>

#include "io/trajectory.hpp"

namespace hypercast::hyper {

// One axis of the domain, without its grid.
struct DomainAxis {
  std::string name;
  io::Boundary boundary = io::Boundary::periodic;
  double lower = 0;
  double length = 1;
  bool periodic() const { return boundary == io::Boundary::periodic; }
};

class Coordinates {
 public:
  explicit Coordinates(std::vector<DomainAxis> axes);
  static Coordinates of(const std::vector<io::Axis>& axes);

  std::size_t dimensions() const { return axes_.size(); }
  std::size_t inputs() const { return inputs_; }
  const std::vector<DomainAxis>& axes() const { return axes_; }

  // points[n][dimensions] -> inputs[n][inputs()]
  template <class Real>
  void embed(std::span<const double> points, std::span<Real> inputs) const;

 private:
  std::vector<DomainAxis> axes_;
  std::size_t inputs_ = 0;
};

// All points of a grid, last axis fastest: [points][dimensions].
std::vector<double> grid_points(const std::vector<io::Axis>& axes);

}  // namespace hypercast::hyper
