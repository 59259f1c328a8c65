#include <algorithm>
#include <cmath>

#include "similarity/families.hpp"
#include "similarity/kernel_sums.hpp"

namespace hypercast::similarity {

namespace {

std::vector<Kernel> kernels_of(const Measures& measures) {
  std::vector<Kernel> kernels;
  for (const auto* measure : measures)
    if (const Kernel kernel = as_kind<KernelMeasure>(measure).kernel();
        std::find(kernels.begin(), kernels.end(), kernel) == kernels.end())
      kernels.push_back(kernel);
  return kernels;
}

// One pass gives the jackknife too.
void compare_kernel(const Match& match, const Rows& centred, const Kernel& kernel, const Measures& measures,
                    const Sink& sink) {
  const auto give = [&](const KernelSums& sums, const auto& take) {
    for (std::size_t i = 0; i < measures.size(); ++i) {
      const auto& measure = as_kind<KernelMeasure>(measures[i]);
      if (measure.kernel() == kernel)
        take(i, scores_of_pairs(measure, match.models(), [&](std::size_t x, std::size_t y) {
               return measure.score(sums.pair(x, y));
             }));
    }
  };
  const auto first = std::find_if(measures.begin(), measures.end(), [&](const auto* measure) {
    return as_kind<KernelMeasure>(measure).kernel() == kernel;
  });
  const auto done = sink.done(static_cast<std::size_t>(first - measures.begin()));
  const int permutations = match.resampling.permutations;
  if (done.value && done.permuted == permutations) return;
  const KernelFeatures features(centred, kernel);
  auto sums = kernel_sums(match.context, features, match.groups(), match.resources);
  if (!done.value) {
    give(sums[0], sink.value);
    for (std::size_t g = 1; g < sums.size(); ++g) give(sums[g], sink.without);
  }
  sums.resize(1);
  for (int number = done.permuted; number < permutations; ++number)
    give(permuted_kernel_sums(match.context, features, match.order(number), sums[0], match.resources),
         sink.permuted);
}

void compare(const Match& match, const Measures& measures, const Sink& sink) {
  const Centred centred(match.rows);
  for (const auto& kernel : kernels_of(measures)) compare_kernel(match, centred, kernel, measures, sink);
}

Demand demand(const Outline& outline, const Measures& measures) {
  Demand demand;
  const double n = outline.rows(), m = outline.models(), d = outline.columns();
  const double sets = 1.0 + outline.resampling.groups;
  for (const auto& kernel : kernels_of(measures)) {
    const bool linear = kernel.kind == Kernel::Kind::linear;
    const Route route = cheaper_route(kernel, outline.n, outline.widths.size(), static_cast<std::size_t>(d));
    const double once = route == Route::covariances ? n * d * d : n * n * d + n * n * m * m / 2;
    // Of two sides all of a square, not half of it.
    demand.operations += once * (1 + 2.0 * outline.resampling.permutations);
    demand.route += std::string(demand.route.empty() ? "" : ", ") + (linear ? "linear" : "Gaussian") +
                    " by " + (route == Route::covariances ? "covariances" : "tiles of kernels");
    // Sums over every set of rows, those of a tree over blocks of rows above all.
    double memory = 12 * sets * m * m * sizeof(double);
    if (!linear)
      memory +=
          2 * n * outline.widest() * sizeof(double) + std::pow(std::min(n, 8192.0), 2) / 2 * sizeof(double);
    demand.memory = std::max(demand.memory, memory);
  }
  return demand;
}

}  // namespace

Family kernel_family() { return {"kernels", is_kind<KernelMeasure>, demand, compare}; }

}  // namespace hypercast::similarity
