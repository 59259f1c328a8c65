#include "train/representation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/random.hpp"
#include "hyper/code_basis.hpp"
#include "io/on_root.hpp"
#include "nn/empirical_bayes.hpp"
#include "nn/pod.hpp"

namespace hypercast::train {

namespace {

// Observed points tell coefficients apart by themselves when there are so many times more of them; then a
// prior would change nothing.
constexpr std::size_t plenty = 4;

std::size_t fitted_frames(const Dataset& data) { return data.split().fitted.size() / data.trajectories(); }

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
  const int all = data.trajectories();
  const int systems = data.observed().own() ? std::min(all, most_systems) : 1;
  std::vector<Buffer<double>> a, u(systems);
  std::vector<nn::MeasuredGroup> groups;
  for (int k = 0; k < systems; ++k) {
    const int first = static_cast<int>(static_cast<std::int64_t>(k) * all / systems);
    a.push_back(hyper::feature_matrix(model.inr, hidden, places(data, model, first)));
    for (int b = first; b < (systems == 1 ? all : first + 1); ++b) {
      const auto seen = measured(data, b, channel);
      u[k].insert(u[k].end(), seen.begin(), seen.end());
    }
  }
  for (int k = 0; k < systems; ++k) groups.push_back({a[k], a[k].size() / columns, u[k]});
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

Range my_trajectories(const Context& context, const Dataset& data) {
  return share_of(data.trajectories(), context.comm.rank(), context.comm.size());
}

// Mean square, over observed points and channels, of what the fields of codes leave out.
double noise_of(const Context& context, const Dataset& data, const hyper::Model<float>& model,
                std::span<const float> phi, std::span<const float> codes) {
  const std::size_t each = fitted_frames(data), channels = model.inr.channels();
  const std::size_t size = codes.size() / (each * data.trajectories());
  std::vector<double> squares;  // of my trajectories
  Buffer<float> values, c;
  const Range mine = my_trajectories(context, data);
  for (auto b = mine.begin; b < mine.end; ++b) {
    const int trajectory = static_cast<int>(b);
    const auto x = places(data, model, trajectory);
    const auto mu = model.scaled_parameters(data.parameters(trajectory));
    const auto observed = data.observed(trajectory);
    values.resize(x.size() / model.inr.inputs() * channels);
    double sum = 0, frames = 0;
    for (std::size_t k = b % stride_of(data); k < each; k += stride_of(data), ++frames) {
      const float* code = codes.data() + (b * each + k) * size;
      c.assign(code, code + size);
      c.insert(c.end(), mu.begin(), mu.end());
      model.inr.evaluate(model.hypernetwork.weights(phi, c), x, values);
      const auto frame = data.frame(data.split().fitted[b * each + k]);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double e =
            values[i] - frame[observed.empty() ? i : observed[i / channels] * channels + i % channels];
        sum += e * e;
      }
    }
    squares.push_back(sum / (static_cast<double>(values.size()) * frames));
  }
  double sum = 0;
  for (const double square : context.comm.all_gather<double>(squares)) sum += square;
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
  std::vector<double> mine, left;  // left: misfit and frames of my trajectories
  const Range trajectories = my_trajectories(context, data);
  for (auto b = trajectories.begin; b < trajectories.end; ++b) {
    if (data.observed().own()) {
      a = hyper::feature_matrix(model.inr, hidden, places(data, model, static_cast<int>(b)));
      fits = fits_for(a, priors);
    }
    const auto z = coefficients(data, static_cast<int>(b), fits, columns);
    mine.insert(mine.end(), z.begin(), z.end());
    const auto [squares, frames] = misfit(data, static_cast<int>(b), a, z, columns);
    left.insert(left.end(), {squares, frames});
  }
  const auto all = context.comm.all_gather<double>(mine);
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
  const auto all_left = context.comm.all_gather<double>(left);
  for (std::size_t k = 0; k < all_left.size(); k += 2) {
    squares += all_left[k];
    frames += all_left[k + 1];
  }
  for (const auto& prior : priors) noise += prior.noise / static_cast<double>(channels);
  result.codes.noise = basis.left_out + std::max(noise, squares / frames);
  return result;
}

Buffer<float> principal_start(const Context& context, const Dataset& data, std::size_t size) {
  const auto scope = context.timers.scope("codes");
  const auto& fitted = data.split().fitted;
  Buffer<float> codes(fitted.size() * size);
  const auto work = [&] {
    const std::size_t channels = data.facts().channels.size();
    const auto observed = data.observed(0);
    const std::size_t each = observed.empty() ? data.frame_size() : observed.size() * channels;
    Buffer<float> seen(fitted.size() * each);
    std::vector<std::span<const float>> snapshots;
    for (std::size_t k = 0; k < fitted.size(); ++k) {
      const auto to = std::span(seen).subspan(k * each, each);
      const auto frame = data.frame(fitted[k]);
      for (std::size_t i = 0; i < each; ++i)
        to[i] = frame[observed.empty() ? i : observed[i / channels] * channels + i % channels];
      snapshots.push_back(to);
    }
    const auto pod = nn::pod(snapshots, {.max_rank = static_cast<int>(size), .centred = true});
    Buffer<double> z(fitted.size() * pod.rank());
    pod.encode(seen, z);
    for (std::size_t k = 0; k < fitted.size(); ++k)
      for (std::size_t j = 0; j < pod.rank(); ++j)
        codes[k * size + j] = static_cast<float>(z[k * pod.rank() + j] / std::sqrt(pod.singular_values[j]));
    double squares = 0;
    for (const float code : codes) squares += static_cast<double>(code) * code;
    const double scale = std::sqrt(static_cast<double>(codes.size()) / std::max(squares, 1e-300));
    for (float& code : codes) code = static_cast<float>(scale * code);
  };
  io::on_root(context.comm, work);
  context.comm.broadcast<float>(codes);
  return codes;
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
  std::vector<float> mine;
  std::vector<double> squares;
  values.resize(everywhere.rows());
  const Range trajectories = my_trajectories(context, data);
  for (auto b = trajectories.begin; b < trajectories.end; ++b) {
    if (!fit || data.observed().own()) {
      const auto observed = data.observed(static_cast<int>(b));
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
    const auto mu = model.scaled_parameters(data.parameters(static_cast<int>(b)));
    fit->fit(u, mu, z, start);
    mine.insert(mine.end(), z.begin(), z.end());
    double square = 0, frames = 0;
    for (std::size_t k = b % stride; k < each; k += stride, ++frames) {
      everywhere.values(std::span(z).subspan(k * size, size), mu, values);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double e = model.facts.scale[i % channels] * (values[i] - frame(k)[i]);
        square += e * e;
      }
    }
    squares.push_back(square / (static_cast<double>(values.size()) * frames));
  }
  error = 0;
  for (const double square : context.comm.all_gather<double>(squares)) error += square / data.trajectories();
  return context.comm.all_gather<float>(mine);
}

}  // namespace hypercast::train
