// A basis given on the training grid, such as the proper orthogonal decomposition of the data
// (hyper/grid_modes.hpp), and interpolated in between: phi_k(x) = sum over grid points near x of (weight of
// the point at x) (mode k there).
//
// theta_h = the modes' values, one block "modes" [grid points][modes], points in the order of a frame: what a
// trainer has to write there is its basis, transposed. All channels share the modes.
//
// Interpolation is cubic (Lagrange) along each axis and takes the values themselves on grid points. Periodic
// axes wrap around; zero-flux walls reflect, so that modes have no slope there; at other walls the points
// nearest to them are used.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "hyper/fourier_basis.hpp"
#include "hyper/inr.hpp"

namespace hypercast::hyper {

namespace {

// The grid points along one axis that a value at some place is made of.
struct Stencil {
  std::size_t count = 0;
  std::array<std::size_t, 4> points;
  std::array<double, 4> weights;
  std::array<double, 4> slopes;  // of the weights, per grid step
};

// Lagrange's polynomials of the nodes 0 .. count - 1 at u.
void set_weights(double u, Stencil& s) {
  const int m = static_cast<int>(s.count);
  for (int i = 0; i < m; ++i) {
    double weight = 1, slope = 0;
    for (int j = 0; j < m; ++j) {
      if (j == i) continue;
      slope = slope * (u - j) / (i - j) + weight / (i - j);
      weight *= (u - j) / (i - j);
    }
    s.weights[i] = weight;
    s.slopes[i] = slope;
  }
}

class GridAxis {
 public:
  explicit GridAxis(const io::Axis& axis)
      : boundary_(axis.boundary), points_(static_cast<int>(axis.points.size())) {
    const double step = points_ > 1 ? (axis.points.back() - axis.points.front()) / (points_ - 1) : 1;
    steps_ = axis.length() > 0 ? axis.length() / step : 1;
    first_ = (axis.points.front() - axis.lower()) / step;
  }

  std::size_t inputs() const { return boundary_ == io::Boundary::periodic ? 2 : 1; }
  std::size_t points() const { return static_cast<std::size_t>(points_); }
  // `rounding`: of the inputs; a place that close to a grid point is the grid point.
  Stencil at(double a, double b, double rounding) const;
  // From the slope per grid step to those in the inputs.
  void chain(double slope, double a, double b, double* d_inputs) const;

 private:
  std::size_t inside(int i) const;

  io::Boundary boundary_;
  int points_;
  double steps_;  // the axis's length and where its first point lies, in grid steps
  double first_;
};

std::size_t GridAxis::inside(int i) const {
  if (boundary_ == io::Boundary::periodic) {
    i = (i % points_ + points_) % points_;
  } else if (boundary_ == io::Boundary::neumann) {  // cells: walls lie half a step from the first and last
    i = (i % (2 * points_) + 2 * points_) % (2 * points_);
    if (i >= points_) i = 2 * points_ - 1 - i;
  }
  return static_cast<std::size_t>(i);
}

Stencil GridAxis::at(double a, double b, double rounding) const {
  const bool periodic = boundary_ == io::Boundary::periodic;
  const double place = periodic ? std::atan2(b, a) / (2 * std::numbers::pi) : (a + 1) / 2;
  double u = place * steps_ - first_;
  if (const double nearest = std::round(u); std::abs(u - nearest) <= 2 * rounding * points_) u = nearest;
  Stencil s;
  s.count = static_cast<std::size_t>(std::min(points_, 4));
  const int m = static_cast<int>(s.count);
  int base = static_cast<int>(std::floor(u)) - (m - 1) / 2;
  if (boundary_ == io::Boundary::dirichlet || boundary_ == io::Boundary::open)
    base = std::clamp(base, 0, points_ - m);
  for (int i = 0; i < m; ++i) s.points[i] = inside(base + i);
  set_weights(u - base, s);
  return s;
}

void GridAxis::chain(double slope, double a, double b, double* d_inputs) const {
  if (boundary_ == io::Boundary::periodic) {
    const double turn = slope * steps_ / (2 * std::numbers::pi * (a * a + b * b));
    d_inputs[0] = -b * turn;
    d_inputs[1] = a * turn;
  } else {
    d_inputs[0] = slope * steps_ / 2;
  }
}

template <class Real>
class GridModes final : public nn::Function<Real> {
 public:
  GridModes(std::vector<io::Axis> axes, std::size_t modes) : domain_(std::move(axes)), modes_(modes) {
    check(domain_.size() <= 3, "a grid of more than three axes");
    for (const auto& axis : domain_) {
      axes_.emplace_back(axis);
      inputs_ += axes_.back().inputs();
      points_ *= axes_.back().points();
    }
  }

  std::size_t inputs() const override { return inputs_; }
  std::size_t outputs() const override { return modes_; }
  std::size_t params() const override { return points_ * modes_; }
  std::vector<nn::Block> blocks() const override { return {{"modes", 0, points_, modes_, false}}; }
  std::size_t tape_size(std::size_t) const override { return 0; }

  // The longest waves of the domain, until somebody brings better modes.
  void initialise(std::span<Real> w, const Random& random) const override;

  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real>) const override {
    std::fill(y.begin(), y.end(), Real(0));
    for (std::size_t n = 0; n * inputs_ < x.size(); ++n)
      for_each_point(x.data() + n * inputs_, [&](std::size_t point, Real weight, const auto&) {
        if (weight == 0) return;  // most of them, on grid points
        for (std::size_t k = 0; k < modes_; ++k) y[n * modes_ + k] += weight * w[point * modes_ + k];
      });
  }
  void backward(std::span<const Real> w, std::span<const Real> x, std::span<Real>, std::span<const Real> dy,
                std::span<Real> dw, std::span<Real> dx) const override {
    for (std::size_t n = 0; n * inputs_ < x.size(); ++n) scatter(x, dy, n, dw);
    if (!dx.empty()) slopes(w, x, dy, dx);
  }
  void backward_rows(std::span<const Real>, std::span<const Real> x, std::span<Real>,
                     std::span<const Real> dy, std::span<Real> dw_rows) const override {
    std::fill(dw_rows.begin(), dw_rows.end(), Real(0));
    for (std::size_t n = 0; n * inputs_ < x.size(); ++n)
      scatter(x, dy, n, dw_rows.subspan(n * params(), params()));
  }
  // phi is linear in the modes.
  void tangent(std::span<const Real>, std::span<const Real> x, std::span<const Real> v, std::span<Real> tape,
               std::span<Real> dy) const override {
    forward(v, x, dy, tape);
  }

 private:
  using Slopes = std::array<double, 3>;  // of a point's weight, per grid step of each axis

  // f(point, weight, slopes) for all grid points that the value at x (one row) is made of.
  template <class F>
  void for_each_point(const Real* x, F f) const {
    std::array<Stencil, 3> s;
    std::size_t count = 1;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      s[a] = axes_[a].at(x[0], x[axes_[a].inputs() - 1], std::numeric_limits<Real>::epsilon());
      x += axes_[a].inputs();
      count *= s[a].count;
    }
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t rest = i, point = 0, stride = 1;
      double weight = 1;
      Slopes slopes{1, 1, 1};
      for (std::size_t a = axes_.size(); a-- > 0; rest /= s[a].count) {
        const std::size_t j = rest % s[a].count;
        point += stride * s[a].points[j];
        stride *= axes_[a].points();
        weight *= s[a].weights[j];
        for (std::size_t b = 0; b < axes_.size(); ++b) slopes[b] *= b == a ? s[a].slopes[j] : s[a].weights[j];
      }
      f(point, static_cast<Real>(weight), slopes);
    }
  }
  void scatter(std::span<const Real> x, std::span<const Real> dy, std::size_t row, std::span<Real> dw) const {
    for_each_point(x.data() + row * inputs_, [&](std::size_t point, Real weight, const auto&) {
      if (weight == 0) return;
      for (std::size_t k = 0; k < modes_; ++k) dw[point * modes_ + k] += weight * dy[row * modes_ + k];
    });
  }
  void slopes(std::span<const Real> w, std::span<const Real> x, std::span<const Real> dy,
              std::span<Real> dx) const;

  std::vector<io::Axis> domain_;
  std::vector<GridAxis> axes_;
  std::size_t modes_, inputs_ = 0, points_ = 1;
};

template <class Real>
void GridModes<Real>::initialise(std::span<Real> w, const Random&) const {
  const auto coordinates = Coordinates::of(domain_);
  double most = 1;
  while (FourierBasis<Real>(coordinates, most).outputs() < modes_) ++most;
  const FourierBasis<Real> basis(coordinates, most);
  const std::size_t waves = basis.outputs();
  std::vector<std::size_t> order(waves);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return basis.wavenumbers()[i] < basis.wavenumbers()[j];
  });
  const auto points = grid_points(domain_);
  Buffer<Real> x(points_ * inputs_), values(points_ * waves), tape(basis.tape_size(points_));
  coordinates.embed<Real>(points, x);
  basis.forward({}, x, values, tape);
  for (std::size_t i = 0; i < points_; ++i)
    for (std::size_t k = 0; k < modes_; ++k) w[i * modes_ + k] = values[i * waves + order[k]];
}

template <class Real>
void GridModes<Real>::slopes(std::span<const Real> w, std::span<const Real> x, std::span<const Real> dy,
                             std::span<Real> dx) const {
  for (std::size_t n = 0; n * inputs_ < x.size(); ++n) {
    Slopes total{};
    for_each_point(x.data() + n * inputs_, [&](std::size_t point, Real, const Slopes& slopes) {
      double along = 0;
      for (std::size_t k = 0; k < modes_; ++k)
        along += static_cast<double>(w[point * modes_ + k]) * dy[n * modes_ + k];
      for (std::size_t a = 0; a < axes_.size(); ++a) total[a] += slopes[a] * along;
    });
    std::size_t at = n * inputs_;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      std::array<double, 2> d{};
      const std::size_t count = axes_[a].inputs();
      axes_[a].chain(total[a], x[at], x[at + count - 1], d.data());
      for (std::size_t i = 0; i < count; ++i) dx[at + i] = static_cast<Real>(d[i]);
      at += count;
    }
  }
}

class Pod final : public InrKind {
 public:
  void describe(Section& s) override {
    s.about("Modes given by their values on the training grid, with cubic interpolation in between.");
    s.key("modes", modes_,
          "how many; 0: as many as the code needs, (its size + 1) times the number of channels; without a "
          "code 32")
        .at_least(0);
  }
  bool wants_modes() const override { return true; }
  nn::FunctionPtr<float> features(const InrShape& shape, float) const override { return make<float>(shape); }
  nn::FunctionPtr<double> features(const InrShape& shape, double) const override {
    return make<double>(shape);
  }

 private:
  template <class Real>
  nn::FunctionPtr<Real> make(const InrShape& shape) const {
    const std::size_t needed = shape.components > 0 ? shape.components : 32;
    return std::make_unique<GridModes<Real>>(shape.axes,
                                             modes_ > 0 ? static_cast<std::size_t>(modes_) : needed);
  }

  int modes_ = 0;
};

}  // namespace

void register_pod(InrRegistry& registry) {
  registry.add("pod", "modes on the training grid, interpolated", [] { return std::make_unique<Pod>(); });
}

}  // namespace hypercast::hyper
