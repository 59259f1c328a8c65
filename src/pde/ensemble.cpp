#include "pde/ensemble.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

namespace hypercast::pde {

Draw draw_of(const Setup& setup, Split split, int index) {
  const auto i = static_cast<std::uint32_t>(index), seed = static_cast<std::uint32_t>(setup.initial.seed);
  switch (split) {
    case Split::train:
      return {i, seed + i};
    case Split::valid:
      return {(1u << 30) + i, seed + static_cast<std::uint32_t>(setup.ensemble.train) + i};
    case Split::test:
      break;
  }
  return {(2u << 30) + i, 2147483647u - i};
}

std::vector<FilePlan> plan_files(const Setup& setup, const std::filesystem::path& folder) {
  const auto& ensemble = setup.ensemble;
  const struct {
    const char* name;
    Split split;
    int count;
  } splits[] = {{"train", Split::train, ensemble.train},
                {"valid", Split::valid, ensemble.valid},
                {"test", Split::test, ensemble.test}};
  std::vector<FilePlan> files;
  int total = 0;
  for (const auto& [name, split, count] : splits)
    for (int i = 0; i < count; ++i) {
      const int index = i / ensemble.trajectories_per_file;
      if (i % ensemble.trajectories_per_file == 0)
        files.push_back(
            {folder / "data" / name / fmt::format("{}_{:06}.hdf5", setup.name, index), {}, total});
      files.back().draws.push_back(draw_of(setup, split, i));
      ++total;
    }
  return files;
}

int group_size(const Setup& setup, int ranks) {
  const auto& ensemble = setup.ensemble;
  const bool divides = !setup.discretisation.is_spectral() || setup.domain.dims() > 1;
  const int automatic = ensemble.trajectories() == 1 && divides ? ranks : 1;
  const int size = ensemble.ranks_per_group == 0 ? automatic : ensemble.ranks_per_group;
  if (ranks % size != 0)
    throw UserError(
        Exit::data,
        fmt::format("ensemble.ranks_per_group = {} does not divide the {} ranks of this run", size, ranks));
  return size;
}

void vary_parameter(const Setup& setup, Draw draw) {
  const auto& ensemble = setup.ensemble;
  if (ensemble.vary.empty()) return;
  const Random random(setup.initial.seed, Random::Purpose::initial_state, draw.stream);
  const double part = random.uniform(std::uint64_t{1} << 40);  // beyond what initial states draw
  set_parameter(*setup.system, ensemble.vary,
                std::lerp(ensemble.vary_range[0], ensemble.vary_range[1], part));
}

std::string solve_hash(const Deck& deck, const Setup& setup, const FilePlan& file) {
  std::string hash = deck.hash({"pde", "pde." + setup.name, "grid", "time", "initial", "certify", "petsc"});
  const auto& ensemble = setup.ensemble;
  hash += fmt::format("-{}x{}", file.trajectories(), ensemble.sequences);
  if (is_published(setup.initial.family)) hash += fmt::format("-seed:{}", file.draws.front().seed);
  if (!ensemble.vary.empty())
    hash += fmt::format("-{}:{}:{}", ensemble.vary, ensemble.vary_range[0], ensemble.vary_range[1]);
  return hash;
}

std::string frames_text(const Setup& setup) {
  const auto& time = setup.time;
  std::string text = fmt::format("{} frames on [{:g}, {:g}]", time.frames, time.start, time.end);
  if (setup.ensemble.sequences > 1)
    text += fmt::format(", in each of {} sequences", setup.ensemble.sequences);
  if (time.burn_in > 0) text += fmt::format(", after a burn-in of {:g}", time.burn_in);
  return text;
}

namespace {

double unknowns(const Setup& setup) {
  return static_cast<double>(setup.domain.points()) * static_cast<double>(setup.system->channels().size());
}

}  // namespace

double disk_bytes(const Setup& setup) {
  return unknowns(setup) * setup.time.frames * setup.ensemble.trajectories() * setup.ensemble.sequences *
         sizeof(float);
}

double memory_bytes(const Setup& setup, int ranks_per_group) {
  // Vectors of stages and scratch; two matrices and a factorisation with a value and an index an entry.
  double each = 30 * sizeof(double);
  const bool matrices = !setup.discretisation.is_spectral();
  if (matrices && find_integrator(setup.time.integrator).linear == Integrator::Linear::solved) {
    double row = 1;
    for (const auto& term : setup.system->linear(setup.domain.dims()))
      for (int order : term.orders) row += order > 0 ? setup.discretisation.order : 0;
    each += 30 * sizeof(double) + 3 * row * (sizeof(double) + sizeof(int));
  }
  return unknowns(setup) * each / ranks_per_group;
}

}  // namespace hypercast::pde
