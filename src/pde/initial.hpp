#pragma once
// Initial states as functions of the point. They are pure: a value depends on (options, trajectory, point)
// alone, never on ranks or on the grid. All of them satisfy the conditions at walls.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pde/options.hpp"
#include "pde/system.hpp"

namespace hypercast::pde {

// Writes the channels at the point x (one coordinate an axis).
using State = std::function<void(std::span<const double> x, std::span<double> u)>;

std::vector<std::string> initial_families();
// Why this family cannot start this equation on this domain, "" when it can; the key it is about.
struct Complaint {
  std::string key, text;
};
Complaint initial_complaint(const System& system, const Domain& domain, const InitialOptions& options);

// The state of one trajectory at `start`. Check initial_complaint first.
State initial_state(const System& system, const Domain& domain, const InitialOptions& options, double start,
                    std::uint32_t trajectory);

// amplitude sin(phase + sum over periodic axes of k x) times, for every other axis, sin k(x - lower) on
// Dirichlet and cos k(x - lower) on Neumann walls.
struct Mode {
  double amplitude = 0;
  double phase = 0;
  std::array<double, 3> k{};
};
double evaluate(const Domain& domain, std::span<const Mode> modes, std::span<const double> x);
double mean_square(const Domain& domain, const Mode& mode);
// The n-th wave number that fits an axis: 2 pi n / L (periodic), pi n / L (walls).
double wavenumber(const DomainAxis& axis, int n);

// The families; one function a channel, the numbers drawn from a stream of their own.
using Scalar = std::function<double(std::span<const double> x)>;
Scalar fourier_state(const Domain&, const InitialOptions&, std::uint32_t trajectory, int channel);
Scalar gaussians_state(const Domain&, const InitialOptions&, std::uint32_t trajectory, int channel);
Scalar random_field_state(const Domain&, const InitialOptions&, std::uint32_t trajectory, int channel);

}  // namespace hypercast::pde
