#include "train/code_start.hpp"

#include <algorithm>
#include <cmath>

#include "io/on_root.hpp"
#include "nn/pod.hpp"

namespace hypercast::train {

namespace {

// Observed values of frames, [sample][value], at points that are the same in all of them.
Buffer<float> seen_of(const Dataset& data, std::span<const int> samples) {
  const std::size_t channels = data.facts().channels.size();
  const auto observed = data.observed(0);
  Buffer<float> seen;
  seen.reserve(samples.size() * (observed.empty() ? data.frame_size() : observed.size() * channels));
  for (const int sample : samples) {
    const auto frame = data.frame(sample);
    if (observed.empty()) seen.insert(seen.end(), frame.begin(), frame.end());
    for (const auto point : observed)
      seen.insert(seen.end(), frame.begin() + point * channels, frame.begin() + (point + 1) * channels);
  }
  return seen;
}

nn::Pod pod_of(const Dataset& data, std::span<const int> samples, std::size_t rank) {
  Buffer<float> seen;  // frames at all points need no copy
  if (!data.observed().everywhere()) seen = seen_of(data, samples);
  const std::size_t each = seen.size() / samples.size();
  std::vector<std::span<const float>> snapshots;
  for (std::size_t k = 0; k < samples.size(); ++k)
    snapshots.push_back(seen.empty() ? data.frame(samples[k]) : std::span(seen).subspan(k * each, each));
  return nn::pod(snapshots, {.max_rank = static_cast<int>(rank), .centred = true});
}

}  // namespace

Buffer<float> principal_start(const Context& context, const Dataset& data, std::size_t size) {
  const auto scope = context.timers.scope("codes");
  const auto& fitted = data.split().fitted;
  nn::Pod pod;
  const auto some = data.fitted_in_memory();
  data.visit(some, some.size(), [&](std::span<const int> part) {
    io::on_root(context.comm, [&] { pod = pod_of(data, part, size); });
  });
  Buffer<float> codes(fitted.size() * size);
  std::size_t first = 0;  // of the part
  data.visit(fitted, 1, [&](std::span<const int> part) {
    io::on_root(context.comm, [&] {
      Buffer<double> z(part.size() * pod.rank());
      pod.encode(seen_of(data, part), z);
      for (std::size_t k = 0; k < part.size(); ++k)
        for (std::size_t j = 0; j < pod.rank(); ++j)
          codes[(first + k) * size + j] =
              static_cast<float>(z[k * pod.rank() + j] / std::sqrt(pod.singular_values[j]));
    });
    first += part.size();
  });
  double squares = 0;
  for (const float code : codes) squares += static_cast<double>(code) * code;
  const double scale = std::sqrt(static_cast<double>(codes.size()) / std::max(squares, 1e-300));
  for (float& code : codes) code = static_cast<float>(scale * code);
  context.comm.broadcast<float>(codes);
  return codes;
}

}  // namespace hypercast::train
