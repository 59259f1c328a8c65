#include "forecast/errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "forecast/metrics.hpp"

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
                   const std::vector<double>& times, const std::vector<Forecaster*>& forecasters,
                   const hyper::Observed* observed) {
  const auto scope = context.timers.scope("errors");
  ErrorTable table;
  table.unseen = is_of_many(facts);
  table.split = observed && !observed->everywhere();
  std::vector<std::size_t> frames;  // of the reference
  for (const double t : times) {
    const auto frame = reference.find(t);
    if (!frame) continue;
    frames.push_back(*frame);
    table.times.push_back(reference.times()[*frame]);
    table.windows.push_back(window_of(facts, table.times.back()));
  }
  table.trajectories = reference.trajectories();
  constexpr std::size_t each = 6;
  const auto count = static_cast<std::int64_t>(frames.size());
  const Range mine = share_of(count * table.trajectories, context.comm.rank(), context.comm.size());
  std::vector<double> numbers;  // [my frame][forecaster][each]
  std::vector<float> values(reference.frame_size());
  for (auto i = mine.begin; i < mine.end; ++i) {
    const int trajectory = static_cast<int>(i / count);
    const auto k = static_cast<std::size_t>(i % count);
    const auto truth = reference.frame(trajectory, frames[k]);
    for (Forecaster* forecaster : forecasters) {
      forecaster->forecast(trajectory, table.times[k], values);
      FrameError e = frame_error(values, truth);
      if (table.split) {
        const auto parts = split_error(values, truth, observed->of(trajectory), facts.channels.size());
        e.mse_inside = parts.inside.mse;
        e.mse_outside = parts.outside.mse;
      }
      double spread = 0;
      if (forecaster->has_spread()) {
        forecaster->spread(trajectory, table.times[k], values);
        for (const float value : values) spread += static_cast<double>(value) * value;
        spread = std::sqrt(spread / static_cast<double>(values.size()));
      }
      numbers.insert(numbers.end(), {e.mse, e.relative_l2, e.max, e.mse_inside, e.mse_outside, spread});
    }
  }
  const auto all = context.comm.all_gather<double>(numbers);
  for (std::size_t f = 0; f < forecasters.size(); ++f) {
    table.names.push_back(forecasters[f]->name());
    auto& row = table.errors.emplace_back();
    auto& spread = table.spread.emplace_back();
    for (std::size_t i = f; i < all.size() / each; i += forecasters.size()) {
      const double* e = all.data() + each * i;
      row.push_back({e[0], e[1], e[2], e[3], e[4]});
      if (forecasters[f]->has_spread()) spread.push_back(e[5]);
    }
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
    mean.mse_inside += e.mse_inside / trajectories;
    mean.mse_outside += e.mse_outside / trajectories;
  }
  return mean;
}

double ErrorTable::mean_spread(std::size_t forecaster, std::size_t time) const {
  double squares = 0;
  for (int b = 0; b < trajectories; ++b) squares += std::pow(spread[forecaster][b * times.size() + time], 2);
  return std::sqrt(squares / trajectories);
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

// The relative errors of a forecaster, [trajectory][time].
std::vector<double> relative_errors(const ErrorTable& table, std::size_t f) {
  std::vector<double> all;
  for (const auto& e : table.errors[f]) all.push_back(e.relative_l2);
  return all;
}

std::string valid_text(const ErrorTable& table, std::size_t f, double threshold) {
  if (table.unseen) {
    const auto valid = valid_time(relative_errors(table, f), table.times, table.times.front(), threshold);
    return fmt::format(
        "{:.3g}{}", valid.mean,
        valid.never > 0 ? fmt::format(" ({} of {} to the end)", valid.never, valid.trajectories) : "");
  }
  bool beyond = false;
  for (std::size_t k = 0; k < table.times.size(); ++k) {
    if (table.windows[k] != Window::out_t) continue;
    beyond = true;
    if (!(table.mean(f, k).relative_l2 <= threshold)) return fmt::format("at t = {:.4g}", table.times[k]);
  }
  return beyond ? "never" : "-";
}

std::string split_text(const ErrorTable& table, std::size_t f) {
  const auto mean = [&](Window window, double FrameError::*number) {
    return mean_text(table, f, window, number);
  };
  return fmt::format(
      "\n{} MSE at observed points In-t {} Out-t {}, elsewhere In-t {} Out-t {}", table.names[f],
      mean(Window::fitted, &FrameError::mse_inside), mean(Window::out_t, &FrameError::mse_inside),
      mean(Window::fitted, &FrameError::mse_outside), mean(Window::out_t, &FrameError::mse_outside));
}

std::string spread_text(const ErrorTable& table, std::size_t f) {
  std::vector<double> error;
  for (const auto& e : table.errors[f]) error.push_back(std::sqrt(e.mse));
  const auto skill = spread_skill(table.spread[f], error, table.times.size());
  return fmt::format(
      "\n{} spread / error {:.2f}, correlation over all frames {:.2f}, among trajectories at one time {:.2f}",
      table.names[f], skill.ratio, skill.correlation, skill.among_trajectories);
}

}  // namespace

std::string summary(const ErrorTable& table, double valid_threshold) {
  constexpr const char* row = "{:<13} {:>9} {:>9} {:>9}   {:>9} {:>9} {:>9}   {}";
  std::string text =
      fmt::format("{:<13} {:^29}   {:^29}   {}\n", "", "mean relative L2", "mean squared error",
                  table.unseen ? "mean time until" : "first Out-t frame");
  const char* fitted = table.unseen ? "In-t" : "fitted";
  text += fmt::format(row, "", fitted, "held out", "Out-t", fitted, "held out", "Out-t",
                      fmt::format("{}relative L2 > {:g}", table.unseen ? "" : "with ", valid_threshold));
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
  if (table.split) text += split_text(table, 0);
  for (std::size_t f = 0; f < table.names.size(); ++f)
    if (!table.spread[f].empty()) text += spread_text(table, f);
  return text;
}

}  // namespace hypercast::forecast
