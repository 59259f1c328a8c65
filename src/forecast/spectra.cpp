#include "forecast/spectra.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>

#include "core/error.hpp"

namespace hypercast::forecast {

namespace {

using Complex = std::complex<double>;

// In place, along axis `axis` of values[extents]; unnormalised.
void transform(Eigen::FFT<double>& fft, std::vector<Complex>& values, const std::vector<std::size_t>& extents,
               std::size_t axis) {
  const std::size_t n = extents[axis];
  std::size_t stride = 1;
  for (std::size_t a = axis + 1; a < extents.size(); ++a) stride *= extents[a];
  std::vector<Complex> line(n), waves(n);
  for (std::size_t start = 0; start < values.size(); start += n * stride)
    for (std::size_t inner = 0; inner < stride; ++inner) {
      Complex* at = values.data() + start + inner;
      for (std::size_t i = 0; i < n; ++i) line[i] = at[i * stride];
      fft.fwd(waves.data(), line.data(), static_cast<int>(n));
      for (std::size_t i = 0; i < n; ++i) at[i * stride] = waves[i];
    }
}

}  // namespace

bool Spectrum::possible(const std::vector<io::Axis>& axes) {
  return std::all_of(axes.begin(), axes.end(),
                     [](const io::Axis& axis) { return axis.boundary == io::Boundary::periodic; });
}

Spectrum::Spectrum(const std::vector<io::Axis>& axes, std::size_t channels) : channels_(channels) {
  check(possible(axes) && channels > 0, "a spectrum on axes that are not periodic");
  double longest = 0;
  std::size_t modes = 1;
  for (const auto& axis : axes) {
    longest = std::max(longest, axis.length());
    extents_.push_back(axis.points.size());
    modes *= axis.points.size();
  }
  std::uint32_t last = 0;
  for (std::size_t m = 0; m < modes; ++m) {
    double square = 0;
    std::size_t rest = m;
    for (std::size_t a = extents_.size(); a-- > 0;) {
      const auto n = static_cast<double>(extents_[a]), k = static_cast<double>(rest % extents_[a]);
      rest /= extents_[a];
      square += std::pow((k <= n / 2 ? k : k - n) * longest / axes[a].length(), 2);
    }
    shell_.push_back(static_cast<std::uint32_t>(std::floor(std::sqrt(square) + 0.5)));
    last = std::max(last, shell_.back());
  }
  for (std::uint32_t s = 0; s <= last; ++s) wavenumbers_.push_back(s * 2 * std::numbers::pi / longest);
}

std::vector<double> Spectrum::operator()(std::span<const float> field) const {
  check(field.size() == shell_.size() * channels_, "a field of another size");
  std::vector<double> energy(wavenumbers_.size());
  Eigen::FFT<double> fft;
  std::vector<Complex> values(shell_.size());
  const double scale = 0.5 / static_cast<double>(values.size()) / static_cast<double>(values.size());
  for (std::size_t c = 0; c < channels_; ++c) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = field[i * channels_ + c];
    for (std::size_t a = 0; a < extents_.size(); ++a) transform(fft, values, extents_, a);
    for (std::size_t m = 0; m < values.size(); ++m) energy[shell_[m]] += scale * std::norm(values[m]);
  }
  return energy;
}

std::vector<double> relative_difference(std::span<const double> forecast, std::span<const double> truth) {
  std::vector<double> result;
  for (std::size_t s = 0; s < truth.size(); ++s) {
    const double difference = std::abs(forecast[s] - truth[s]);
    result.push_back(difference == 0 ? 0 : difference / truth[s]);
  }
  return result;
}

namespace {

// Spectra of one frame: of the truth, then of each forecast and its error.
std::vector<double> of_frame(const Spectrum& spectrum, std::span<const float> truth, int trajectory, double t,
                             const std::vector<Forecaster*>& forecasters) {
  std::vector<double> all = spectrum(truth);
  std::vector<float> values(truth.size());
  for (Forecaster* forecaster : forecasters) {
    forecaster->forecast(trajectory, t, values);
    const auto own = spectrum(values);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= truth[i];
    const auto error = spectrum(values);
    all.insert(all.end(), own.begin(), own.end());
    all.insert(all.end(), error.begin(), error.end());
  }
  return all;
}

MeanSpectra mean_of(const std::vector<const double*>& frames, std::size_t shells, std::size_t forecasters) {
  MeanSpectra mean;
  mean.frames = frames.size();
  const auto take = [&](std::size_t number) {
    std::vector<double> sum(shells);
    for (const double* frame : frames)
      for (std::size_t s = 0; s < shells; ++s) sum[s] += frame[number * shells + s];
    for (double& value : sum) value /= static_cast<double>(std::max<std::size_t>(1, frames.size()));
    return sum;
  };
  mean.truth = take(0);
  for (std::size_t f = 0; f < forecasters; ++f) {
    mean.forecast.push_back(take(1 + 2 * f));
    mean.error.push_back(take(2 + 2 * f));
  }
  return mean;
}

}  // namespace

SpectraTable compare_spectra(const Context& context, const Reference& reference,
                             const hyper::ModelFacts& facts, const std::vector<double>& times,
                             const std::vector<Forecaster*>& forecasters) {
  const auto scope = context.timers.scope("spectra");
  const Spectrum spectrum(facts.axes, facts.channels.size());
  std::vector<std::size_t> frames;  // of the reference
  for (const double t : times)
    if (const auto frame = reference.find(t)) frames.push_back(*frame);
  const auto count = static_cast<std::int64_t>(frames.size());
  const Range mine = share_of(count * reference.trajectories(), context.comm.rank(), context.comm.size());
  std::vector<double> numbers;  // [my frame][truth, forecast, error, forecast, ...][shell]
  for (auto i = mine.begin; i < mine.end; ++i) {
    const int trajectory = static_cast<int>(i / count);
    const std::size_t frame = frames[i % count];
    const auto one = of_frame(spectrum, reference.frame(trajectory, frame), trajectory,
                              reference.times()[frame], forecasters);
    numbers.insert(numbers.end(), one.begin(), one.end());
  }
  const auto all = context.comm.all_gather<double>(numbers);

  SpectraTable table{spectrum.wavenumbers(), {}, {}, {}};
  for (const Forecaster* forecaster : forecasters) table.names.push_back(forecaster->name());
  const std::size_t shells = table.wavenumbers.size(), width = shells * (1 + 2 * forecasters.size());
  std::vector<const double*> in_t, out_t;
  for (std::size_t i = 0; i * width < all.size(); ++i) {
    const double t = reference.times()[frames[i % count]];
    (window_of(facts, t) == Window::out_t ? out_t : in_t).push_back(all.data() + i * width);
  }
  table.in_t = mean_of(in_t, shells, forecasters.size());
  table.out_t = mean_of(out_t, shells, forecasters.size());
  return table;
}

std::vector<io::Series> columns_of(const SpectraTable& table) {
  std::vector<io::Series> columns = {{"wavenumber", table.wavenumbers}};
  const auto add = [&](const std::string& name, const std::vector<double>& in_t,
                       const std::vector<double>& out_t) {
    if (table.in_t.frames > 0) columns.push_back({name + "_in_t", in_t});
    if (table.out_t.frames > 0) columns.push_back({name + "_out_t", out_t});
  };
  add("truth", table.in_t.truth, table.out_t.truth);
  for (std::size_t f = 0; f < table.names.size(); ++f) {
    add(table.names[f], table.in_t.forecast[f], table.out_t.forecast[f]);
    add(table.names[f] + "_error", table.in_t.error[f], table.out_t.error[f]);
  }
  return columns;
}

}  // namespace hypercast::forecast
