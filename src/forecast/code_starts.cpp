#include "forecast/code_starts.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "hyper/code_fit.hpp"

namespace hypercast::forecast {

namespace {

CodeStarts from_reference(const Study& study, const ForecastOptions& options,
                          const hyper::Model<double>& model, std::span<const double> phi,
                          const Reference& reference) {
  if (!options.parameters.empty())
    study.deck.fail("forecast", "parameters",
                    "go with [forecast] observations; trajectories of a reference tell their own");
  CodeStarts starts;
  const auto& facts = model.facts;
  const auto& comm = study.context.comm;
  starts.trajectories = reference.trajectories();
  const auto first = reference.find(facts.window_start);
  if (!first)
    throw UserError(Exit::data, fmt::format("the reference has no frame at t = {:g}, where forecasts start",
                                            facts.window_start));
  starts.times = {facts.window_start};
  std::string source;
  const double rate = options.observed > 0 ? options.observed : facts.observed;
  starts.observed = hyper::observed_points(comm, study.folder, {rate, facts.own_masks, facts.mask_seed},
                                           facts.axes, static_cast<std::size_t>(starts.trajectories), source);
  study.context.log.info("codes of {} trajectories from {} at t = {:g}", starts.trajectories, source,
                         starts.times[0]);

  const std::size_t inputs = model.inr.inputs(), channels = facts.channels.size();
  Buffer<double> grid(facts.points() * inputs), x, u, z;
  model.coordinates.embed<double>(hyper::grid_points(facts.axes), grid);
  std::optional<hyper::CodeFit> fit;
  std::vector<double> mine;
  for (int b = 0; b < starts.trajectories; ++b) {
    const auto values = hyper::parameters_of(facts.parameters, reference.parameters(b));
    starts.parameters.insert(starts.parameters.end(), values.begin(), values.end());
  }
  const Range share = share_of(starts.trajectories, comm.rank(), comm.size());
  for (auto b = share.begin; b < share.end; ++b) {
    const auto points = starts.observed.of(b);
    if (!fit || starts.observed.own()) {
      x.clear();
      for (const auto i : points)
        x.insert(x.end(), grid.begin() + i * inputs, grid.begin() + (i + 1) * inputs);
      fit.emplace(model, phi, points.empty() ? grid : x);
    }
    const auto frame = reference.frame(static_cast<int>(b), *first);
    u.resize(fit->rows());
    z.resize(fit->size());
    for (std::size_t i = 0; i < u.size(); ++i) {
      const std::size_t c = i % channels;
      const double value = frame[points.empty() ? i : points[i / channels] * channels + c];
      u[i] = (value - facts.mean[c]) / facts.scale[c];
    }
    const std::size_t p = facts.parameters.size();
    fit->fit(u, model.scaled_parameters(std::span<const double>(starts.parameters).subspan(b * p, p)), z);
    mine.insert(mine.end(), z.begin(), z.end());
  }
  starts.codes = {comm.all_gather<double>(mine)};
  return starts;
}

// Every rank fits the same.
CodeStarts from_observations(const Study& study, const ForecastOptions& options,
                             const hyper::Model<double>& model, std::span<const double> phi,
                             const Reference* reference, const std::vector<io::Observed>& all) {
  CodeStarts starts;
  starts.from_reference = false;
  const auto& facts = model.facts;
  starts.parameters = options.parameters;
  if (starts.parameters.empty() && reference)
    starts.parameters = hyper::parameters_of(facts.parameters, reference->parameters(0));
  if (starts.parameters.size() != facts.parameters.size())
    study.deck.fail("forecast", "parameters",
                    fmt::format("gives {} numbers, the model depends on {}", options.parameters.size(),
                                facts.parameters.size()));
  const auto mu = model.scaled_parameters(starts.parameters);
  for (const auto& [time, points, values] : all) {
    const std::size_t channels = facts.channels.size();
    Buffer<double> x(points.size() / facts.axes.size() * model.inr.inputs()), u(values.size());
    model.coordinates.embed<double>(points, x);
    for (std::size_t i = 0; i < u.size(); ++i)
      u[i] = (values[i] - facts.mean[i % channels]) / facts.scale[i % channels];
    hyper::CodeFitOptions fit_options;
    fit_options.noise = options.observation_noise;
    hyper::CodeFit fit(model, phi, x, fit_options);
    std::vector<double> z(fit.size());
    const double left = fit.fit(u, mu, z);
    study.context.log.info("code at t = {:g} from {} values: they differ by {:.2e} of the fields' deviation",
                           time, values.size(), std::sqrt(left));
    starts.times.push_back(time);
    starts.codes.push_back(std::move(z));
  }
  return starts;
}

}  // namespace

std::vector<io::Observed> given_observations(const Study& study, const hyper::ModelFacts& facts) {
  const auto file = study.deck.read<ForecastOptions>().observations;
  if (file.empty()) return {};
  return io::read_observations(study.context.comm, file, facts.axes, facts.channels);
}

double begins(const std::vector<io::Observed>& observations, const hyper::ModelFacts& facts) {
  return observations.empty() ? facts.window_start : observations.front().time;
}

CodeStarts find_codes(const Study& study, const hyper::Model<double>& model, std::span<const float> phi,
                      const Reference* reference, const std::vector<io::Observed>& observations) {
  if (model.facts.codes.size() == 0)
    throw UserError(Exit::refused, "the model has no codes yet: its training has not come so far");
  const auto scope = study.context.timers.scope("codes");
  const auto options = study.deck.read<ForecastOptions>();
  const Buffer<double> precise(phi.begin(), phi.end());
  if (!observations.empty())
    return from_observations(study, options, model, precise, reference, observations);
  if (!reference)
    throw UserError(Exit::data,
                    "forecasts with codes start from observations: name them in [forecast] observations, or "
                    "trajectories to start from in [forecast] reference");
  return from_reference(study, options, model, precise, *reference);
}

}  // namespace hypercast::forecast
