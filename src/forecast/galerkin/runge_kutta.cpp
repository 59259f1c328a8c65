#include "forecast/galerkin/runge_kutta.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace hypercast::forecast {

namespace {

const std::vector<Tableau>& tableaus() {
  static const std::vector<Tableau> all{
      {"bogacki_shampine",
       3,
       {0, 1. / 2, 3. / 4, 1},
       {{}, {1. / 2}, {0, 3. / 4}, {2. / 9, 1. / 3, 4. / 9}},
       {2. / 9, 1. / 3, 4. / 9, 0},
       {2. / 9 - 7. / 24, 1. / 3 - 1. / 4, 4. / 9 - 1. / 3, -1. / 8}},
      {"dormand_prince",
       5,
       {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
       {{},
        {1. / 5},
        {3. / 40, 9. / 40},
        {44. / 45, -56. / 15, 32. / 9},
        {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
        {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
        {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}},
       {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
       {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}},
      {"rk4",
       4,
       {0, 1. / 2, 1. / 2, 1},
       {{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}},
       {1. / 6, 1. / 3, 1. / 3, 1. / 6},
       {}}};
  return all;
}

// to += h sum of weights[s] stages[s]
void add(std::span<double> to, double h, const std::vector<double>& weights,
         const std::vector<Buffer<double>>& stages) {
  for (std::size_t s = 0; s < weights.size() && s < stages.size(); ++s)
    if (weights[s] != 0)
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += h * weights[s] * stages[s][i];
}

}  // namespace

const std::vector<std::string>& tableau_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const auto& one : tableaus()) found.push_back(one.name);
    return found;
  }();
  return names;
}

const Tableau& tableau(const std::string& name) {
  const auto found = std::find_if(tableaus().begin(), tableaus().end(),
                                  [&](const Tableau& one) { return one.name == name; });
  check(found != tableaus().end(), "a Runge-Kutta method that does not exist");
  return *found;
}

Step take_step(const Tableau& method, const Rate& rate, double t, double h, std::span<const double> q,
               std::span<const double> first) {
  std::vector<Buffer<double>> stages{Buffer<double>(first.begin(), first.end())};
  Buffer<double> place(q.size());
  for (std::size_t s = 1; s < method.nodes.size(); ++s) {
    std::copy(q.begin(), q.end(), place.begin());
    add(place, h, method.coefficients[s], stages);
    stages.push_back(rate(t + method.nodes[s] * h, place));
  }
  Step step;
  step.end.assign(q.begin(), q.end());
  add(step.end, h, method.weights, stages);
  if (method.estimates()) {
    step.error.assign(q.size(), 0.0);
    add(step.error, h, method.error_weights, stages);
  }
  return step;
}

}  // namespace hypercast::forecast
