#pragma once
// Small models of codes, and numbers for them.

#include <string>

#include "core/random.hpp"
#include "hyper/model.hpp"

namespace hypercast::hyper {

inline constexpr std::size_t code = 4;

inline ModelFacts facts_of_waves() {
  ModelFacts facts;
  facts.channels = {"u", "v"};
  facts.mean = {0.5, -1};
  facts.scale = {2, 3};
  io::Axis x{"x", {}, io::Boundary::periodic}, y{"y", {}, io::Boundary::neumann};
  for (int i = 0; i < 8; ++i) x.points.push_back(0.125 * i);
  for (int i = 0; i < 6; ++i) y.points.push_back(0.25 + 0.5 * i);
  facts.axes = {x, y};
  facts.train_times = {0, 1};
  facts.condition = Condition::code;
  return facts;
}

inline std::string deck_text(const std::string& head, int depth, const std::string& parameters,
                             const std::string& inr = "siren") {
  return "[inr]\nname = \"" + inr +
         "\"\n[inr.siren]\nwidth = 7\ndepth = 2\nomega0 = 3\nomega = 2\n"
         "[inr.fourier]\nmax_wavenumber = 7\n[condition]\nencoder = \"code\"\nparameters = " +
         parameters + "\n[condition.code]\nsize = 4\n[hypernetwork]\nhead = \"" + head +
         "\"\nwidth = 5\ninit_scale = 0.5\ndepth = " + std::to_string(depth) +
         "\n[hypernetwork.low_rank]\nrank = 2\n";
}

inline Buffer<double> random_numbers(std::size_t size, std::uint32_t stream, double deviation = 1) {
  const Random random(3, Random::Purpose::test, stream);
  Buffer<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = deviation * random.normal(i);
  return values;
}

}  // namespace hypercast::hyper
