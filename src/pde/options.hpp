#pragma once
// The solver's deck sections (all but the equations' own tables and the free section [petsc]).

#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "deck/section.hpp"
#include "pde/discretisation.hpp"

namespace hypercast::pde {

struct PdeOptions {
  static constexpr const char* section = "pde";
  std::string name = "heat";
  void describe(Section& s);
};

struct GridOptions {
  static constexpr const char* section = "grid";
  std::vector<int> points{256};
  std::vector<double> lower{0.0};
  std::vector<double> upper{2 * std::numbers::pi};
  std::vector<std::string> boundary{"periodic"};
  double wall_value = 0;
  std::string backend = "fd";
  int order = 4;
  void describe(Section& s);

  Discretisation discretisation() const;
};

struct TimeOptions {
  static constexpr const char* section = "time";
  double start = 0;
  double end = 1;
  int frames = 101;
  double burn_in = 0;
  double step = 1e-3;
  std::string integrator = "arkimex";
  std::string method;
  double tolerance = 0;
  void describe(Section& s);

  double interval() const { return (end - start) / (frames - 1); }  // between frames
  double frame_time(int frame) const;                               // exact at both ends
  int steps_for(double duration) const;                             // the fewest no longer than step
  int steps_per_frame() const { return steps_for(interval()); }     // of the fixed step
  double fixed_step() const { return interval() / steps_per_frame(); }
  std::string method_in_force() const;  // the family's default when none is given
  bool can_adapt() const;               // whether the method estimates the error that tolerance speaks of
};

std::string to_text(const TimeOptions& time);  // "arkimex 4, 10 steps of 1e-3 a frame"

// PETSc's integrators that the solver can drive, and their methods.
struct Integrator {
  // What becomes of the linear part.
  enum class Linear {
    evaluated,  // as part of the right-hand side
    solved,     // implicit
    by_modes,   // acts on Fourier modes; needs the spectral backend
  };
  std::string name;
  Linear linear;
  std::vector<std::string> methods;  // the first is the default; empty: there is nothing to choose
  std::string summary;
  std::vector<std::string> fixed;  // methods that estimate no error, so that their steps are fixed
};
const std::vector<Integrator>& integrators();
const Integrator& find_integrator(const std::string& name);

struct InitialOptions {
  static constexpr const char* section = "initial";
  std::string family = "fourier";
  std::int64_t seed = 0;
  double amplitude = 1;
  std::vector<std::vector<double>> modes;
  int count = 4;
  int max_wavenumber = 4;
  double decay = 1;
  std::vector<double> width{0.05, 0.15};
  double alpha = 2.5;
  double tau = 3;
  int points = 0;
  void describe(Section& s);
};

struct EnsembleOptions {
  static constexpr const char* section = "ensemble";
  int train = 1;
  int valid = 0;
  int test = 0;
  int trajectories_per_file = 1;
  int sequences = 1;
  int ranks_per_group = 0;
  std::string vary;
  std::vector<double> vary_range;
  double checkpoint_interval = 600;
  bool keep_states = false;
  void describe(Section& s);

  int trajectories() const { return train + valid + test; }  // to solve; files hold `sequences` times as many
};

struct ObservationOptions {
  static constexpr const char* section = "observation";
  std::vector<double> rates;
  std::int64_t seed = 1;
  void describe(Section& s);
};

struct CertifyOptions {
  static constexpr const char* section = "certify";
  int every = 0;
  bool time = true;
  bool space = true;
  bool agreement = true;
  double horizon = 1e-2;
  double until = 0;
  double tolerance = 0;
  void describe(Section& s);
};

}  // namespace hypercast::pde
