#include "forecast/physics_residual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "forecast/fields.hpp"

namespace hypercast::forecast {

double difference_step(const hyper::ModelFacts& facts) {
  if (facts.frame_interval > 0) return 0.1 * facts.frame_interval;
  return facts.window_end > facts.window_start ? 1e-3 * (facts.window_end - facts.window_start) : 1e-3;
}

namespace {

// A frame and its difference quotient: [2][point][channel]. Where the path begins, a quotient of the same
// order that looks ahead.
void put_pair(Fields& fields, int trajectory, double t, double begins, double step, std::vector<float>& work,
              std::span<double> pair) {
  const std::size_t size = pair.size() / 2;
  work.resize(size);
  fields.forecast(trajectory, t, work);
  std::copy(work.begin(), work.end(), pair.begin());
  const bool ahead = t - step < begins;
  const double times[] = {t, t + step, ahead ? t + 2 * step : t - step};
  const double weights[] = {ahead ? -3.0 : 0.0, ahead ? 4.0 : 1.0, -1.0};
  std::fill(pair.begin() + size, pair.end(), 0.0);
  for (int k = ahead ? 0 : 1; k < 3; ++k) {
    fields.forecast(trajectory, times[k], work);
    for (std::size_t i = 0; i < size; ++i) pair[size + i] += weights[k] * work[i] / (2 * step);
  }
}

double residual_of(std::span<const double> rate, std::span<const double> expected,
                   const std::vector<double>& scale) {
  double rest = 0, size = 0;
  for (std::size_t i = 0; i < rate.size(); ++i) {
    const double s = scale[i % scale.size()], e = (rate[i] - expected[i]) / s, f = expected[i] / s;
    rest += e * e;
    size += f * f;
  }
  return std::sqrt(size > 0 ? rest / size : rest);
}

}  // namespace

std::vector<double> physics_residual(const Context& context, Equation& equation,
                                     const hyper::Model<float>& model, WeightPath& path,
                                     const Reference* reference, const std::vector<double>& times) {
  const auto scope = context.timers.scope("physics residual");
  const Comm& comm = context.comm;
  auto& rate = equation.rate(comm);
  const auto points = hyper::grid_points(model.facts.axes);
  Fields fields(model, path, points);
  const std::size_t size = model.facts.points() * model.facts.channels.size();
  const double step = difference_step(model.facts);
  const int count = static_cast<int>(times.size());
  std::vector<double> sums(times.size()), expected(size);
  std::vector<float> work;
  for (int trajectory = 0; trajectory < path.trajectories(); ++trajectory) {
    if (reference && trajectory < reference->trajectories()) equation.follow(*reference, trajectory);
    if (const auto own = path.parameters(trajectory); !own.empty()) equation.follow(own);
    for (int round = 0; round < count; round += comm.size()) {
      std::vector<double> mine(round + comm.rank() < count ? 2 * size : 0);
      if (!mine.empty())
        put_pair(fields, trajectory, times[round + comm.rank()], path.begins(), step, work, mine);
      const auto all = comm.all_gather(std::span<const double>(mine));
      for (std::size_t k = 0; k < all.size() / (2 * size); ++k) {
        const auto pair = std::span(all).subspan(2 * size * k, 2 * size);
        rate.evaluate_frame(times[round + k], pair.first(size), expected);
        sums[round + k] += residual_of(pair.last(size), expected, model.facts.scale);
      }
    }
  }
  for (double& sum : sums) sum /= path.trajectories();
  return sums;
}

std::string residual_summary(const std::vector<Window>& windows, const std::vector<double>& residual) {
  std::string text = "physics residual |du/dt - F(u)| / |F(u)|:";
  const std::pair<Window, const char*> names[] = {
      {Window::fitted, "fitted"}, {Window::held_out, "held out"}, {Window::out_t, "Out-t"}};
  for (const auto& [window, name] : names) {
    double sum = 0;
    int count = 0;
    for (std::size_t k = 0; k < windows.size(); ++k) {
      if (windows[k] != window) continue;
      sum += residual[k];
      ++count;
    }
    text += fmt::format(" {} {}", name, count == 0 ? "-" : fmt::format("{:.2e}", sum / count));
  }
  return text;
}

}  // namespace hypercast::forecast
