#include "train/representation.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>

#include "core/random.hpp"
#include "hyper/code_basis.hpp"
#include "nn/empirical_bayes.hpp"

namespace hypercast::train {

namespace {

// Observed points tell coefficients apart by themselves when there are so many times more of them; then a
// prior would change nothing.
constexpr std::size_t plenty = 4;

std::size_t fitted_frames(const Dataset& data) { return data.split().fitted.size() / data.trajectories(); }

std::vector<int> all_trajectories(const Dataset& data) {
  std::vector<int> all(data.trajectories());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// COLLECTIVE. Calls f(some of these trajectories) until it was all of them, in order, with their fitted
// frames in memory.
void visit_trajectories(const Dataset& data, std::span<const int> trajectories,
                        const std::function<void(std::span<const int>)>& f) {
  const std::size_t each = fitted_frames(data);
  std::vector<int> samples;
  for (const int b : trajectories)
    samples.insert(samples.end(), data.split().fitted.begin() + b * each,
                   data.split().fitted.begin() + (b + 1) * each);
  std::size_t first = 0;
  data.visit(samples, each, [&](std::span<const int> part) {
    f(trajectories.subspan(first, part.size() / each));
    first += part.size() / each;
  });
}

// This rank's part of them.
std::span<const int> my_share(const Context& context, std::span<const int> trajectories) {
  const Range mine =
      share_of(static_cast<std::int64_t>(trajectories.size()), context.comm.rank(), context.comm.size());
  return trajectories.subspan(mine.begin, mine.size());
}

// COLLECTIVE. What the ranks found goes to the end of the list, in their order.
template <class T>
void append(const Comm& comm, const std::vector<T>& found, std::vector<T>& list) {
  auto all = comm.all_gather(std::span<const T>(found));
  if (list.empty())
    list = std::move(all);
  else
    list.insert(list.end(), all.begin(), all.end());
}

// Every so many frames of a trajectory, from another one on in each, are enough to measure the error of all.
std::size_t stride_of(const Dataset& data) {
  constexpr std::size_t enough = 1024;
  return std::min(fitted_frames(data), (data.split().fitted.size() + enough - 1) / enough);
}

// Embedded coordinates of the observed points of a trajectory.
Buffer<float> places(const Dataset& data, const hyper::Model<float>& model, int trajectory) {
  const std::size_t inputs = model.inr.inputs();
  Buffer<float> grid(model.facts.points() * inputs), x;
  model.coordinates.embed<float>(hyper::grid_points(model.facts.axes), grid);
  const auto observed = data.observed(trajectory);
  if (observed.empty()) return grid;
  for (const auto i : observed) x.insert(x.end(), grid.begin() + i * inputs, grid.begin() + (i + 1) * inputs);
  return x;
}

// Observed values of one channel of the fitted frames of a trajectory: [frame][point]
Buffer<double> measured(const Dataset& data, int trajectory, std::size_t channel) {
  const std::size_t channels = data.facts().channels.size(), each = fitted_frames(data);
  const auto observed = data.observed(trajectory);
  const std::size_t points = observed.empty() ? data.facts().points() : observed.size();
  Buffer<double> u(each * points);
  for (std::size_t k = 0; k < each; ++k) {
    const auto frame = data.frame(data.split().fitted[trajectory * each + k]);
    for (std::size_t i = 0; i < points; ++i)
      u[k * points + i] = frame[(observed.empty() ? i : observed[i]) * channels + channel];
  }
  return u;
}

// What the coefficients of a channel are before anything is observed, and the noise about them.
struct Prior {
  nn::GaussianPrior coefficients;
  double noise = 0;
};

// Trajectories from which the prior is learned where each has points of its own, and so a system of its own.
constexpr int most_systems = 32;

// Learned from what is measured of a channel. Nothing is known of the constant.
Prior learned_prior(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                    std::span<const float> hidden, std::size_t columns, std::size_t channel) {
  const bool own = data.observed().own();
  std::vector<int> used = all_trajectories(data);
  if (own && data.trajectories() > most_systems) {
    used.clear();
    for (std::int64_t k = 0; k < most_systems; ++k)
      used.push_back(static_cast<int>(k * data.trajectories() / most_systems));
  }
  const std::size_t systems = own ? used.size() : 1;
  std::vector<Buffer<double>> a, u(systems);
  std::vector<nn::MeasuredGroup> groups;
  for (std::size_t k = 0; k < systems; ++k)
    a.push_back(hyper::feature_matrix(model.inr, hidden, places(data, model, used[k])));
  std::size_t at = 0;
  visit_trajectories(data, used, [&](std::span<const int> part) {
    for (const int b : part) {
      const auto seen = measured(data, b, channel);
      auto& to = u[own ? at++ : 0];
      to.insert(to.end(), seen.begin(), seen.end());
    }
  });
  for (std::size_t k = 0; k < systems; ++k) groups.push_back({a[k], a[k].size() / columns, u[k]});
  const auto found = nn::empirical_bayes(groups);
  context.log.info("prior of {} coefficients from {} systems: {} iterations, noise {:.2e}", columns, systems,
                   found.iterations, found.noise_variance);
  return {{Buffer<double>(columns), found.variances}, found.noise_variance};
}

// No prior to speak of: a ridge of 1e-15.
Prior flat_prior(std::size_t columns) {
  return {{Buffer<double>(columns), Buffer<double>(columns, 1e6)}, 1e-9};
}

// Coefficients [frame][channel][K + 1] of the fitted frames of a trajectory.
Buffer<double> coefficients(const Dataset& data, int trajectory,
                            std::span<const nn::GaussianLeastSquares> fits, std::size_t columns) {
  const std::size_t channels = fits.size(), each = fitted_frames(data);
  Buffer<double> all(each * channels * columns), z(each * columns);
  for (std::size_t c = 0; c < channels; ++c) {
    fits[c].solve(measured(data, trajectory, c), z);
    for (std::size_t k = 0; k < each; ++k)
      std::copy_n(z.begin() + k * columns, columns, all.begin() + (k * channels + c) * columns);
  }
  return all;
}

// Sum over some of the frames of a trajectory (see stride_of) of the mean square, over observed points and
// channels, of what features with these coefficients leave out, and how many frames these are.
std::pair<double, double> misfit(const Dataset& data, int trajectory, std::span<const double> a,
                                 std::span<const double> z, std::size_t columns) {
  const std::size_t channels = data.facts().channels.size(), each = fitted_frames(data);
  const std::size_t points = a.size() / columns;
  double squares = 0, frames = 0;
  for (std::size_t k = trajectory % stride_of(data); k < each; k += stride_of(data)) ++frames;
  for (std::size_t c = 0; c < channels; ++c) {
    const auto u = measured(data, trajectory, c);
    for (std::size_t k = trajectory % stride_of(data); k < each; k += stride_of(data))
      for (std::size_t i = 0; i < points; ++i) {
        const auto row = a.subspan(i * columns, columns);
        const auto own = z.subspan((k * channels + c) * columns, columns);
        const double e = u[k * points + i] - std::inner_product(row.begin(), row.end(), own.begin(), 0.0);
        squares += e * e / static_cast<double>(points * channels);
      }
  }
  return {squares, frames};
}

std::vector<nn::GaussianLeastSquares> fits_for(std::span<const double> a, const std::vector<Prior>& priors) {
  std::vector<nn::GaussianLeastSquares> fits;
  for (const auto& prior : priors) fits.emplace_back(a, prior.coefficients, prior.noise);
  return fits;
}

std::vector<Prior> priors_for(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                              std::span<const float> hidden, std::size_t columns) {
  std::size_t fewest = model.facts.points();
  for (const auto& mask : data.observed().masks) fewest = std::min(fewest, mask.size());
  const std::size_t channels = model.inr.channels();
  if (fewest >= plenty * columns) return std::vector<Prior>(channels, flat_prior(columns));
  std::vector<Prior> priors;
  for (std::size_t c = 0; c < channels; ++c)
    priors.push_back(learned_prior(context, data, model, hidden, columns, c));
  return priors;
}

// Parameters of every fitted frame, as H takes them.
std::vector<double> parameters_of_frames(const Dataset& data, const hyper::Model<float>& model) {
  std::vector<double> all;
  for (const int sample : data.split().fitted) {
    const auto mu = model.scaled_parameters(data.parameters(data.trajectory(sample)));
    all.insert(all.end(), mu.begin(), mu.end());
  }
  return all;
}

// Mean square, over observed points and channels, of what the fields of codes of a trajectory leave out.
double noise_of(const Dataset& data, const hyper::Model<float>& model, std::span<const float> phi,
                std::span<const float> codes, int trajectory) {
  const std::size_t each = fitted_frames(data), channels = model.inr.channels();
  const std::size_t size = codes.size() / (each * data.trajectories());
  const auto x = places(data, model, trajectory);
  const auto mu = model.scaled_parameters(data.parameters(trajectory));
  const auto observed = data.observed(trajectory);
  Buffer<float> values(x.size() / model.inr.inputs() * channels), c;
  double sum = 0, frames = 0;
  for (std::size_t k = trajectory % stride_of(data); k < each; k += stride_of(data), ++frames) {
    const float* code = codes.data() + (trajectory * each + k) * size;
    c.assign(code, code + size);
    c.insert(c.end(), mu.begin(), mu.end());
    model.inr.evaluate(model.hypernetwork.weights(phi, c), x, values);
    const auto frame = data.frame(data.split().fitted[trajectory * each + k]);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double e =
          values[i] - frame[observed.empty() ? i : observed[i / channels] * channels + i % channels];
      sum += e * e;
    }
  }
  return sum / (static_cast<double>(values.size()) * frames);
}

// The mean over trajectories.
double noise_of(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                std::span<const float> phi, std::span<const float> codes) {
  double sum = 0;
  visit_trajectories(data, all_trajectories(data), [&](std::span<const int> part) {
    std::vector<double> squares;
    for (const int b : my_share(context, part)) squares.push_back(noise_of(data, model, phi, codes, b));
    for (const double square : context.comm.all_gather<double>(squares)) sum += square;
  });
  return sum / data.trajectories();
}

}  // namespace

Representation linear_representation(const Context& context, const Dataset& data,
                                     const hyper::Model<float>& model, std::span<const float> hidden,
                                     std::size_t code_size) {
  const auto scope = context.timers.scope("codes");
  const std::size_t columns = model.inr.features().outputs() + 1, channels = model.inr.channels();
  const auto priors = priors_for(context, data, model, hidden, columns);
  auto a = hyper::feature_matrix(model.inr, hidden, places(data, model, 0));
  auto fits = fits_for(a, priors);
  std::vector<double> all, all_left;  // left: misfit and frames of trajectories
  visit_trajectories(data, all_trajectories(data), [&](std::span<const int> part) {
    std::vector<double> mine, left;
    for (const int b : my_share(context, part)) {
      if (data.observed().own()) {
        a = hyper::feature_matrix(model.inr, hidden, places(data, model, b));
        fits = fits_for(a, priors);
      }
      const auto z = coefficients(data, b, fits, columns);
      mine.insert(mine.end(), z.begin(), z.end());
      const auto [squares, frames] = misfit(data, b, a, z, columns);
      left.insert(left.end(), {squares, frames});
    }
    append(context.comm, mine, all);
    append(context.comm, left, all_left);
  });
  const auto basis = hyper::principal_codes(model, hidden, all, parameters_of_frames(data, model), code_size);

  Representation result;
  result.phi.assign(hidden.begin(), hidden.end());
  result.phi.insert(result.phi.end(), basis.head.begin(), basis.head.end());
  result.codes.mean.assign(code_size, 0.0);
  result.codes.covariance.assign(code_size * code_size, 0.0);
  for (std::size_t j = 0; j < code_size; ++j) result.codes.covariance[j * code_size + j] = basis.variances[j];
  // What principal components and features leave out. Few points say less of it than the prior learned from
  // them.
  double squares = 0, frames = 0, noise = 0;
  for (std::size_t k = 0; k < all_left.size(); k += 2) {
    squares += all_left[k];
    frames += all_left[k + 1];
  }
  for (const auto& prior : priors) noise += prior.noise / static_cast<double>(channels);
  result.codes.noise = basis.left_out + std::max(noise, squares / frames);
  return result;
}

hyper::CodeFacts code_facts(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                            std::span<const float> phi, std::span<const float> codes) {
  const auto scope = context.timers.scope("codes");
  const std::vector<double> samples(codes.begin(), codes.end());
  const auto prior = nn::gaussian_of(samples, codes.size() / data.split().fitted.size());
  hyper::CodeFacts facts;
  facts.mean.assign(prior.mean.begin(), prior.mean.end());
  facts.covariance.assign(prior.covariance.begin(), prior.covariance.end());
  facts.noise = noise_of(context, data, model, phi, codes);
  return facts;
}

namespace {

// So many different ones of `points` in rising order, drawn; all of them when there are no more.
std::vector<std::uint32_t> some_of(std::vector<std::uint32_t> points, int count, std::int64_t seed,
                                   std::uint32_t stream) {
  if (count <= 0 || points.size() <= static_cast<std::size_t>(count)) return points;
  const Random random(static_cast<std::uint64_t>(seed), Random::Purpose::points, stream);
  std::vector<std::pair<double, std::uint32_t>> keys;
  for (const auto point : points) keys.emplace_back(random.uniform((1ull << 41) + point), point);
  std::nth_element(keys.begin(), keys.begin() + count, keys.end());
  points.clear();
  for (int i = 0; i < count; ++i) points.push_back(keys[i].second);
  std::sort(points.begin(), points.end());
  return points;
}

std::vector<std::uint32_t> all_points(std::size_t count) {
  std::vector<std::uint32_t> points(count);
  std::iota(points.begin(), points.end(), 0u);
  return points;
}

}  // namespace

std::vector<float> encode(const Context& context, const Dataset& data, const hyper::Model<double>& model,
                          std::span<const double> phi, const CodeSearch& search, double& error) {
  const auto scope = context.timers.scope("codes");
  const std::size_t each = fitted_frames(data), channels = model.inr.channels(), inputs = model.inr.inputs();
  Buffer<double> grid(model.facts.points() * inputs), x, u, z, start, values;
  model.coordinates.embed<double>(hyper::grid_points(model.facts.axes), grid);
  hyper::CodeField everywhere(model, phi, grid);
  const bool linear = everywhere.is_linear();
  const std::size_t stride = linear ? 1 : stride_of(data), size = everywhere.size();
  std::optional<hyper::CodeFit> fit;
  std::vector<std::uint32_t> points;
  values.resize(everywhere.rows());
  // Writes z; the mean square error of a part of the frames.
  const auto encode_trajectory = [&](int b) {
    if (!fit || data.observed().own()) {
      const auto observed = data.observed(b);
      points.assign(observed.begin(), observed.end());
      if (points.empty()) points = all_points(model.facts.points());
      if (!linear)
        points = some_of(points, search.points, search.seed,
                         data.observed().own() ? static_cast<std::uint32_t>(b) : 0);
      x.clear();
      for (const auto i : points)
        x.insert(x.end(), grid.begin() + i * inputs, grid.begin() + (i + 1) * inputs);
      fit.emplace(model, phi, x, hyper::CodeFitOptions{search.iterations, 1e-4});
    }
    z.resize(each * size);
    u.resize(each * fit->rows());
    const auto frame = [&](std::size_t k) { return data.frame(data.split().fitted[b * each + k]); };
    for (std::size_t k = 0; k < each; ++k)
      for (std::size_t i = 0; i < fit->rows(); ++i)
        u[k * fit->rows() + i] = frame(k)[points[i / channels] * channels + i % channels];
    if (!search.start.empty()) {
      const auto from = search.start.subspan(b * z.size(), z.size());
      start.assign(from.begin(), from.end());
    }
    const auto mu = model.scaled_parameters(data.parameters(b));
    fit->fit(u, mu, z, start);
    double square = 0, frames = 0;
    for (std::size_t k = b % stride; k < each; k += stride, ++frames) {
      everywhere.values(std::span(z).subspan(k * size, size), mu, values);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double e = model.facts.scale[i % channels] * (values[i] - frame(k)[i]);
        square += e * e;
      }
    }
    return square / (static_cast<double>(values.size()) * frames);
  };
  std::vector<float> codes;
  error = 0;
  visit_trajectories(data, all_trajectories(data), [&](std::span<const int> part) {
    std::vector<float> mine;
    std::vector<double> squares;
    for (const int b : my_share(context, part)) {
      squares.push_back(encode_trajectory(b));
      mine.insert(mine.end(), z.begin(), z.end());
    }
    for (const double square : context.comm.all_gather<double>(squares))
      error += square / data.trajectories();
    append(context.comm, mine, codes);
  });
  return codes;
}

}  // namespace hypercast::train
