#include "forecast/errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hypercast::forecast {

FrameError frame_error(std::span<const float> forecast, std::span<const float> truth) {
  double squares = 0, size = 0, max = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double e = static_cast<double>(forecast[i]) - truth[i];
    squares += e * e;
    size += static_cast<double>(truth[i]) * truth[i];
    max = std::max(max, std::abs(e));
    if (!std::isfinite(e)) max = INFINITY;
  }
  return {squares / static_cast<double>(truth.size()), std::sqrt(size > 0 ? squares / size : squares), max};
}

ErrorTable compare(const Context& context, const Reference& reference, const hyper::ModelFacts& facts,
                   const std::vector<double>& times, const std::vector<Forecaster*>& forecasters) {
  const auto scope = context.timers.scope("errors");
  ErrorTable table;
  std::vector<std::size_t> frames;  // of the reference
  for (const double t : times) {
    const auto frame = reference.find(t);
    if (!frame) continue;
    frames.push_back(*frame);
    table.times.push_back(reference.times()[*frame]);
    table.windows.push_back(window_of(facts, table.times.back()));
  }
  table.trajectories = reference.trajectories();
  const auto count = static_cast<std::int64_t>(frames.size());
  const Range mine = share_of(count * table.trajectories, context.comm.rank(), context.comm.size());
  std::vector<double> numbers;  // [my frame][forecaster][3]
  std::vector<float> values(reference.frame_size());
  for (auto i = mine.begin; i < mine.end; ++i) {
    const int trajectory = static_cast<int>(i / count);
    const auto k = static_cast<std::size_t>(i % count);
    for (Forecaster* forecaster : forecasters) {
      forecaster->forecast(trajectory, table.times[k], values);
      const FrameError e = frame_error(values, reference.frame(trajectory, frames[k]));
      numbers.insert(numbers.end(), {e.mse, e.relative_l2, e.max});
    }
  }
  const auto all = context.comm.all_gather<double>(numbers);
  for (std::size_t f = 0; f < forecasters.size(); ++f) {
    table.names.push_back(forecasters[f]->name());
    auto& row = table.errors.emplace_back();
    for (std::size_t i = f; i < all.size() / 3; i += forecasters.size())
      row.push_back({all[3 * i], all[3 * i + 1], all[3 * i + 2]});
  }
  return table;
}

FrameError ErrorTable::mean(std::size_t forecaster, std::size_t time) const {
  FrameError mean;
  for (int b = 0; b < trajectories; ++b) {
    const FrameError& e = errors[forecaster][b * times.size() + time];
    mean.mse += e.mse / trajectories;
    mean.relative_l2 += e.relative_l2 / trajectories;
    mean.max = std::max(mean.max, e.max);
  }
  return mean;
}

namespace {

// Mean of one number over the frames of a window; "-" when the window has none.
std::string mean_text(const ErrorTable& table, std::size_t f, Window window, double FrameError::*number) {
  double sum = 0;
  int count = 0;
  for (std::size_t k = 0; k < table.times.size(); ++k) {
    if (table.windows[k] != window) continue;
    sum += table.mean(f, k).*number;
    ++count;
  }
  return count == 0 ? "-" : fmt::format("{:.2e}", sum / count);
}

std::string valid_text(const ErrorTable& table, std::size_t f, double threshold) {
  bool beyond = false;
  for (std::size_t k = 0; k < table.times.size(); ++k) {
    if (table.windows[k] != Window::out_t) continue;
    beyond = true;
    if (!(table.mean(f, k).relative_l2 <= threshold)) return fmt::format("at t = {:.4g}", table.times[k]);
  }
  return beyond ? "never" : "-";
}

}  // namespace

std::string summary(const ErrorTable& table, double valid_threshold) {
  constexpr const char* row = "{:<12} {:>9} {:>9} {:>9}   {:>9} {:>9} {:>9}   {}";
  std::string text = fmt::format("{:<12} {:^29}   {:^29}   first Out-t frame\n", "", "mean relative L2",
                                 "mean squared error");
  text += fmt::format(row, "", "fitted", "held out", "Out-t", "fitted", "held out", "Out-t",
                      fmt::format("with relative L2 > {:g}", valid_threshold));
  for (std::size_t f = 0; f < table.names.size(); ++f) {
    const auto mean = [&](Window window, double FrameError::*number) {
      return mean_text(table, f, window, number);
    };
    text +=
        "\n" + fmt::format(row, table.names[f], mean(Window::fitted, &FrameError::relative_l2),
                           mean(Window::held_out, &FrameError::relative_l2),
                           mean(Window::out_t, &FrameError::relative_l2),
                           mean(Window::fitted, &FrameError::mse), mean(Window::held_out, &FrameError::mse),
                           mean(Window::out_t, &FrameError::mse), valid_text(table, f, valid_threshold));
  }
  return text;
}

}  // namespace hypercast::forecast
