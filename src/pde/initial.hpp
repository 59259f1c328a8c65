#pragma once
// Initial states as functions of the point. They are pure: a value depends on (options, draw, point) alone,
// never on ranks. All of them satisfy the conditions at walls.
//
// Most families know nothing of a grid. The published ones (dino_*) are arrays on the N x N points of the
// deck's own grid: the domain they are made with is the deck's, whatever grid they are then evaluated on. At
// its points they give the array's numbers, elsewhere the smooth function through them
// (initial/grid_function.hpp).

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

// The random numbers of one trajectory (ensemble.hpp says which trajectory has which).
struct Draw {
  std::uint32_t stream = 0;  // of core/random.hpp: for families of our own
  std::uint32_t seed = 0;  // of the Mersenne twister: for published families; stands for the deck's seed too
};

std::vector<std::string> initial_families();
bool is_published(const std::string& family);  // starts from Draw::seed
// Why this family cannot start this equation on this domain, "" when it can; the key it is about.
struct Complaint {
  std::string key, text;
};
Complaint initial_complaint(const System& system, const Domain& domain, const InitialOptions& options);

// The state of one trajectory at `start`; `domain` is the deck's. Check initial_complaint first.
// Borrows the system.
State initial_state(const System& system, const Domain& domain, const InitialOptions& options, double start,
                    Draw draw);

// amplitude sin(phase + sum over periodic axes of k x) times, for every other axis, sin k(x - lower) on
// Dirichlet and cos k(x - lower) on Neumann walls.
struct Mode {
  double amplitude = 0;
  double phase = 0;
  std::array<double, 3> k{};
};
double evaluate(const Domain& domain, std::span<const Mode> modes, std::span<const double> x);
double mean_square(const Domain& domain, const Mode& mode);
// Why [amplitude, phase, one wave number an axis] is no mode of this domain; "" when it is.
std::string mode_complaint(const Domain& domain, const std::vector<double>& row);
// The n-th wave number that fits an axis: 2 pi n / L (periodic), pi n / L (walls).
double wavenumber(const DomainAxis& axis, int n);

// The families; one function a channel, the numbers drawn from a stream of their own.
using Scalar = std::function<double(std::span<const double> x)>;
Scalar fourier_state(const Domain&, const InitialOptions&, std::uint32_t trajectory, int channel);
Scalar gaussians_state(const Domain&, const InitialOptions&, std::uint32_t trajectory, int channel);
Scalar random_field_state(const Domain&, const InitialOptions&, std::uint32_t trajectory, int channel);

// The published families, all channels at once: initial/dino.hpp.
Complaint dino_complaint(const System& system, const Domain& domain, const InitialOptions& options);
State dino_state(const Domain& domain, const InitialOptions& options, std::uint32_t seed);

}  // namespace hypercast::pde
