#include "pde/solver/fourier_grid.hpp"

#include <fftw3-mpi.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hypercast::pde {

namespace {

struct PlanTraits {
  using type = fftw_plan;
  static fftw_plan none() { return nullptr; }
  static void release(fftw_plan& plan) noexcept { fftw_destroy_plan(plan); }
};
using PlanHandle = Handle<PlanTraits>;

fftw_complex* raw(Complex* modes) { return reinterpret_cast<fftw_complex*>(modes); }

std::vector<std::ptrdiff_t> sizes(const Domain& domain) {
  std::vector<std::ptrdiff_t> n;
  for (const auto& axis : domain.axes) n.push_back(axis.points);
  return n;
}

// FFTW gives every rank the same number of slabs, and the last ones what is left: perhaps nothing.
bool each_rank_has_some(std::ptrdiff_t total, int ranks) {
  const std::ptrdiff_t slab = (total + ranks - 1) / ranks;
  return slab * (ranks - 1) < total;
}

}  // namespace

std::string fourier_complaint(const Domain& domain, int ranks) {
  if (!domain.is_periodic())
    return fmt::format("backend spectral needs periodic axes, the grid is {}", to_text(domain));
  if (ranks == 1) return "";
  if (domain.dims() == 1)
    return fmt::format(
        "backend spectral in one dimension runs on one rank a group, not {}; set ensemble.ranks_per_group = "
        "1",
        ranks);
  const std::ptrdiff_t first = domain.axes[0].points, second = domain.axes[1].points;
  const std::ptrdiff_t modes = domain.dims() == 2 ? second / 2 + 1 : second;
  if (each_rank_has_some(first, ranks) && each_rank_has_some(modes, ranks)) return "";
  return fmt::format(
      "a spectral grid of {} points cannot be cut into slabs for {} ranks: {} rows and {} columns of modes "
      "must go round; run fewer ranks or set ensemble.ranks_per_group",
      to_text(domain), ranks, first, modes);
}

// One rank: between values and `work`. Several: in place in `work`, whose rows of values are a little longer.
struct FourierGrid::Plans {
  bool alone = true;
  std::size_t row = 0, rows = 0, stride = 0;  // of values, and of a row in `work`
  double scale = 1;
  mutable Buffer<double> aligned;  // stands in for values that lie where FFTW's plan cannot read them
  mutable Buffer<Complex> work;
  PlanHandle forward, inverse;
};

FourierGrid::FourierGrid(const Comm& comm, const Domain& domain)
    : domain_(domain), plans_(std::make_unique<Plans>()) {
  if (const auto text = fourier_complaint(domain, comm.size()); !text.empty())
    throw UserError(Exit::data, "grid.backend: " + text);
  const auto n = sizes(domain);
  const int dims = domain.dims();
  auto half = n;
  half.back() = n.back() / 2 + 1;
  auto& p = *plans_;
  p.alone = comm.size() == 1;
  p.row = static_cast<std::size_t>(n.back());
  p.scale = 1 / std::sqrt(static_cast<double>(domain.points()));
  block_ = {std::vector<int>(dims, 0), std::vector<int>(n.begin(), n.end())};
  // ESTIMATE: the same plan, hence the same bits, in every run.
  if (p.alone) {
    std::vector<int> order(dims);
    for (int a = 0; a < dims; ++a) order[a] = a;
    find_modes(std::vector<std::ptrdiff_t>(dims, 0), half, order);
    p.aligned.resize(points());
    p.work.resize(modes());
    const std::vector<int> whole(n.begin(), n.end());
    p.forward = PlanHandle(
        fftw_plan_dft_r2c(dims, whole.data(), p.aligned.data(), raw(p.work.data()), FFTW_ESTIMATE));
    p.inverse = PlanHandle(
        fftw_plan_dft_c2r(dims, whole.data(), raw(p.work.data()), p.aligned.data(), FFTW_ESTIMATE));
  } else {
    fftw_mpi_init();
    std::ptrdiff_t rows = 0, first_row = 0, columns = 0, first_column = 0;
    const auto most =
        fftw_mpi_local_size_transposed(dims, half.data(), comm, &rows, &first_row, &columns, &first_column);
    block_.start[0] = static_cast<int>(first_row);
    block_.count[0] = static_cast<int>(rows);
    std::vector<std::ptrdiff_t> start(dims, 0), count = half;
    start[1] = first_column;
    count[1] = columns;
    std::vector<int> order{1, 0};
    if (dims == 3) order.push_back(2);
    find_modes(start, count, order);
    p.work.resize(most);
    auto* values = reinterpret_cast<double*>(p.work.data());
    p.forward = PlanHandle(fftw_mpi_plan_dft_r2c(dims, n.data(), values, raw(p.work.data()), comm,
                                                 FFTW_ESTIMATE | FFTW_MPI_TRANSPOSED_OUT));
    p.inverse = PlanHandle(fftw_mpi_plan_dft_c2r(dims, n.data(), raw(p.work.data()), values, comm,
                                                 FFTW_ESTIMATE | FFTW_MPI_TRANSPOSED_IN));
  }
  p.rows = points() / p.row;
  p.stride = 2 * (p.row / 2 + 1);
  check(p.forward && p.inverse, "FFTW could not plan a transform");
}

FourierGrid::~FourierGrid() = default;
FourierGrid::FourierGrid(FourierGrid&&) noexcept = default;

// `order`: the axes, slowest first, as the modes lie in memory.
void FourierGrid::find_modes(const std::vector<std::ptrdiff_t>& start,
                             const std::vector<std::ptrdiff_t>& count, const std::vector<int>& order) {
  const int dims = domain_.dims();
  std::size_t total = 1;
  for (const auto c : count) total *= static_cast<std::size_t>(c);
  numbers_.assign(dims, std::vector<int>(total));
  for (std::size_t m = 0; m < total; ++m) {
    std::size_t rest = m;
    for (int at = dims - 1; at >= 0; --at) {
      const int axis = order[at];
      const int index = static_cast<int>(start[axis] + static_cast<std::ptrdiff_t>(rest % count[axis]));
      rest /= count[axis];
      const int n = domain_.axes[axis].points;
      numbers_[axis][m] = axis == dims - 1 || index < (n + 1) / 2 ? index : index - n;
    }
  }
}

Buffer<double> FourierGrid::wave_power(int axis, int order) const {
  const auto& line = domain_.axes[axis];
  const double unit = 2 * std::numbers::pi / line.length;
  Buffer<double> result(modes());
  for (std::size_t m = 0; m < result.size(); ++m) {
    const int n = numbers_[axis][m];
    const bool nyquist = 2 * std::abs(n) == line.points;
    result[m] = nyquist && order % 2 == 1 ? 0.0 : std::pow(unit * n, order);
  }
  return result;
}

Buffer<double> FourierGrid::alias_free() const {
  Buffer<double> result(modes(), 1.0);
  for (int a = 0; a < domain_.dims(); ++a)
    for (std::size_t m = 0; m < result.size(); ++m)
      if (3 * std::abs(numbers_[a][m]) >= domain_.axes[a].points) result[m] = 0;
  return result;
}

std::span<Complex> FourierGrid::work() const { return std::span(plans_->work).first(modes()); }
double FourierGrid::scale() const { return plans_->scale; }

namespace {

bool fits_the_plan(const double* values, const Buffer<double>& aligned) {
  return fftw_alignment_of(const_cast<double*>(values)) ==
         fftw_alignment_of(const_cast<double*>(aligned.data()));
}

}  // namespace

void FourierGrid::forward(std::span<const double> values, std::span<Complex> modes) const {
  const auto& p = *plans_;
  if (p.alone) {
    const bool direct = fits_the_plan(values.data(), p.aligned);
    if (!direct) std::copy(values.begin(), values.end(), p.aligned.begin());
    auto* from = direct ? const_cast<double*>(values.data()) : p.aligned.data();  // left as it is
    fftw_execute_dft_r2c(p.forward, from, raw(p.work.data()));
  } else {
    auto* to = reinterpret_cast<double*>(p.work.data());
    for (std::size_t r = 0; r < p.rows; ++r) std::copy_n(values.data() + r * p.row, p.row, to + r * p.stride);
    fftw_execute(p.forward);
  }
  for (std::size_t m = 0; m < modes.size(); ++m) modes[m] = p.scale * p.work[m];
}

void FourierGrid::inverse(std::span<double> values) const {
  const auto& p = *plans_;
  if (p.alone) {
    const bool direct = fits_the_plan(values.data(), p.aligned);
    fftw_execute_dft_c2r(p.inverse, raw(p.work.data()), direct ? values.data() : p.aligned.data());
    if (!direct) std::copy(p.aligned.begin(), p.aligned.end(), values.begin());
    return;
  }
  fftw_execute(p.inverse);
  const auto* from = reinterpret_cast<const double*>(p.work.data());
  for (std::size_t r = 0; r < p.rows; ++r) std::copy_n(from + r * p.stride, p.row, values.data() + r * p.row);
}

}  // namespace hypercast::pde
