#include "forecast/still.hpp"

#include <algorithm>

namespace hypercast::forecast {

std::vector<float> mean_of(const FrameSpans& frames) {
  std::vector<double> sum(frames[0].size());
  for (const auto& frame : frames)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += frame[i];
  std::vector<float> mean;
  for (const double s : sum) mean.push_back(static_cast<float>(s / static_cast<double>(frames.size())));
  return mean;
}

void Still::forecast(int trajectory, double, std::span<float> values) {
  const auto& field = fields_.size() == 1 ? fields_[0] : fields_[trajectory];
  std::copy(field.begin(), field.end(), values.begin());
}

}  // namespace hypercast::forecast
