#include "forecast/galerkin/projection.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "hyper/inr.hpp"
#include "pde/least_squares.hpp"

namespace hypercast::forecast {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<Matrix>;
using ConstView = Eigen::Map<const Matrix>;
using Vector = Eigen::Map<Eigen::VectorXd>;
using ConstVector = Eigen::Map<const Eigen::VectorXd>;

constexpr std::int64_t leaf = 64;       // rows of the normal matrix that one rank does at once
constexpr std::size_t most = 1u << 28;  // numbers in J: 2 GiB
std::int64_t leaves(std::size_t count) { return (static_cast<std::int64_t>(count) + leaf - 1) / leaf; }

// Which rank has a strip of a triangle whose strips grow: to and fro, so that sums are about equal.
int owner(std::int64_t strip, int ranks) {
  const auto turn = static_cast<int>(strip / ranks), place = static_cast<int>(strip % ranks);
  return turn % 2 == 0 ? place : ranks - 1 - place;
}

}  // namespace

double root_mean_square(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return values.empty() ? 0 : std::sqrt(sum / static_cast<double>(values.size()));
}

Projection::Projection(const Context& context, TangentSpace& space, ProjectionOptions options)
    : context_(context), space_(space), options_(std::move(options)) {}

bool Projection::fits(std::size_t rows, std::size_t unknowns) { return rows * unknowns <= most; }

Velocity Projection::project(std::span<const double> q, std::span<const double> x,
                             std::span<const double> f) {
  return project(q, x, f, options_.regularisation);
}

Velocity Projection::project(std::span<const double> q, std::span<const double> x, std::span<const double> f,
                             double regularisation) {
  const double damping = regularisation * static_cast<double>(f.size());
  Velocity velocity = options_.solver == "dense" ? dense(q, x, f, damping) : matrix_free(q, x, f, damping);
  velocity.size = root_mean_square(f);
  return velocity;
}

// All of J on every rank; each computes a run of whole blocks of points.
void Projection::form_rows(std::span<const double> q, std::span<const double> x) {
  const auto scope = context_.timers.scope("jacobian");
  const std::size_t inputs = space_.inputs(), points = x.size() / inputs,
                    width = space_.channels() * space_.unknowns();  // numbers a point
  const Comm& comm = context_.comm;
  const auto blocks = static_cast<std::int64_t>((points + hyper::point_block - 1) / hyper::point_block);
  const auto end_of = [&](std::int64_t b) { return std::min<std::size_t>(b * hyper::point_block, points); };
  std::vector<int> counts;
  for (int r = 0; r < comm.size(); ++r) {
    const Range run = share_of(blocks, r, comm.size());
    counts.push_back(static_cast<int>((end_of(run.end) - end_of(run.begin)) * width));
  }
  const Range run = share_of(blocks, comm.rank(), comm.size());
  const std::size_t begin = end_of(run.begin), count = end_of(run.end) - begin;
  rows_.resize(points * width);
  mine_.resize(counts[comm.rank()]);
  space_.jacobian(q, x.subspan(begin * inputs, count * inputs), mine_);
  comm.all_gather<double>(mine_, std::span<double>(rows_), counts);
}

// normal_ = A A^T + damping I below and on the diagonal, and its Cholesky factor; A is J or, where that has
// more rows than columns, J^T. Whether there is a factor.
bool Projection::factorise(std::size_t rows, double damping) {
  const std::size_t n = space_.unknowns(), size = std::min(rows, n);
  const Comm& comm = context_.comm;
  const ConstView j(rows_.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(n));
  const bool dual = rows < n;
  const auto strip = [&](std::int64_t s) {
    const std::int64_t begin = s * leaf;
    return Range{begin, std::min<std::int64_t>(begin + leaf, static_cast<std::int64_t>(size))};
  };
  const auto numbers = [&](std::int64_t s) {
    return static_cast<std::size_t>(strip(s).size() * strip(s).end);
  };
  std::vector<int> counts(comm.size());
  for (std::int64_t s = 0; s < leaves(size); ++s)
    counts[owner(s, comm.size())] += static_cast<int>(numbers(s));
  {
    const auto scope = context_.timers.scope("normal matrix");
    mine_.resize(counts[comm.rank()]);
    std::size_t at = 0;
    for (std::int64_t s = 0; s < leaves(size); ++s) {
      if (owner(s, comm.size()) != comm.rank()) continue;
      const auto [begin, end] = strip(s);
      View part(mine_.data() + at, end - begin, end);
      if (dual) {
        part.noalias() = j.middleRows(begin, end - begin) * j.topRows(end).transpose();
      } else {
        part.noalias() = j.middleCols(begin, end - begin).transpose() * j.leftCols(end);
      }
      at += numbers(s);
    }
    const auto all = comm.all_gather<double>(std::span<const double>(mine_));
    normal_.resize(size * size);
    View k(normal_.data(), static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(size));
    at = 0;
    for (int r = 0; r < comm.size(); ++r)
      for (std::int64_t s = 0; s < leaves(size); ++s) {
        if (owner(s, comm.size()) != r) continue;
        const auto [begin, end] = strip(s);
        k.block(begin, 0, end - begin, end) = ConstView(all.data() + at, end - begin, end);
        at += numbers(s);
      }
    k.diagonal().array() += damping;
  }
  const auto scope = context_.timers.scope("cholesky");
  Eigen::Ref<Matrix> matrix =
      View(normal_.data(), static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(size));
  return Eigen::LLT<Eigen::Ref<Matrix>, Eigen::Lower>(matrix).info() == Eigen::Success;
}

Velocity Projection::dense(std::span<const double> q, std::span<const double> x, std::span<const double> f,
                           double damping) {
  const std::size_t rows = f.size(), n = space_.unknowns(), size = std::min(rows, n);
  if (!fits(rows, n))
    throw UserError(Exit::data,
                    fmt::format("[galerkin] a dense matrix of {} rows and {} unknowns takes more than "
                                "2 GiB: draw fewer points or choose solver = \"lsqr\"",
                                rows, n));
  form_rows(q, x);
  Velocity velocity;
  if (!factorise(rows, damping)) {
    velocity.residual = std::numeric_limits<double>::quiet_NaN();
    velocity.v.assign(n, velocity.residual);
    return velocity;
  }
  velocity.v.resize(n);
  const ConstView j(rows_.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(n));
  const ConstView factor(normal_.data(), static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(size));
  const ConstVector right(f.data(), static_cast<Eigen::Index>(rows));
  Vector v(velocity.v.data(), static_cast<Eigen::Index>(n));
  const auto lower = factor.triangularView<Eigen::Lower>();
  Eigen::VectorXd y = rows < n ? Eigen::VectorXd(right) : Eigen::VectorXd(j.transpose() * right);
  lower.solveInPlace(y);
  lower.transpose().solveInPlace(y);
  if (rows < n) {
    v.noalias() = j.transpose() * y;
  } else {
    v = y;
  }
  const Eigen::VectorXd rest = j * v - right;
  velocity.residual = root_mean_square(std::span(rest.data(), rows));
  return velocity;
}

Velocity Projection::matrix_free(std::span<const double> q, std::span<const double> x,
                                 std::span<const double> f, double damping) {
  const auto scope = context_.timers.scope("lsqr");
  const Comm& comm = context_.comm;
  const std::size_t inputs = space_.inputs(), channels = space_.channels();
  const Range mine = share_of(static_cast<std::int64_t>(x.size() / inputs), comm.rank(), comm.size());
  const auto places = x.subspan(mine.begin * inputs, mine.size() * inputs);
  pde::LinearMap map;
  map.rows = static_cast<std::size_t>(mine.size()) * channels;
  map.unknowns = space_.unknowns();
  map.multiply = [&](std::span<const double> v, std::span<double> out) {
    space_.multiply(q, places, v, out);
  };
  map.multiply_transposed = [&](std::span<const double> r, std::span<double> out) {
    space_.multiply_transposed(q, places, r, out);
  };
  const auto solution =
      pde::solve_least_squares(comm, map, f.subspan(mine.begin * channels, map.rows),
                               {damping, options_.lsqr_tolerance, options_.lsqr_iterations});
  Velocity velocity;
  velocity.v.assign(solution.x.begin(), solution.x.end());
  velocity.residual = solution.residual / std::sqrt(static_cast<double>(f.size()));
  velocity.iterations = solution.iterations;
  velocity.converged = solution.converged;
  return velocity;
}

}  // namespace hypercast::forecast
