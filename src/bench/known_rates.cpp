#include "bench/known_rates.hpp"

#include <algorithm>

namespace hypercast::bench {

machine::Rates known_rates(const Bench& bench, const Assumed& assumed) {
  auto& notes = bench.results.notes;
  const auto before = notes;
  const auto rates = machine_model(bench, assumed);
  const auto is_old = [&](const std::string& note) {
    return std::find(before.begin(), before.end(), note) != before.end();
  };
  notes.erase(std::remove_if(notes.begin() + static_cast<std::ptrdiff_t>(before.size()), notes.end(), is_old),
              notes.end());
  return rates;
}

}  // namespace hypercast::bench
