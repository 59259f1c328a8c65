#include "pde/solver/fd_operators.hpp"

#include <algorithm>

#include "pde/solver/mean.hpp"

namespace hypercast::pde {

namespace {

// A field with its halo, in a vector borrowed from the DM's pool.
class HaloedField final : public Operand {
 public:
  HaloedField(DM dm, Vec lender, std::span<const double> field, Parity odd)
      : Operand(odd), dm_(dm), field_(field) {
    fetch(lender);
  }
  // Keeps the values.
  HaloedField(DM dm, Vec lender, Buffer<double> values)
      : Operand({}), dm_(dm), kept_(std::move(values)), field_(kept_) {
    fetch(lender);
  }
  ~HaloedField() override {
    VecRestoreArrayRead(local_, &values_);
    DMRestoreLocalVector(dm_, &local_);
  }
  HaloedField(const HaloedField&) = delete;
  HaloedField& operator=(const HaloedField&) = delete;

  std::span<const double> values() const override { return field_; }
  const double* haloed() const { return values_; }

 private:
  void fetch(Vec lender) {
    petsc_call(DMGetLocalVector(dm_, &local_));
    petsc_call(VecPlaceArray(lender, field_.data()));
    petsc_call(DMGlobalToLocalBegin(dm_, lender, INSERT_VALUES, local_));
    petsc_call(DMGlobalToLocalEnd(dm_, lender, INSERT_VALUES, local_));
    petsc_call(VecResetArray(lender));
    petsc_call(VecGetArrayRead(local_, &values_));
  }

  DM dm_;
  Buffer<double> kept_;
  std::span<const double> field_;
  Vec local_ = nullptr;
  const double* values_ = nullptr;
};

// out[i] += factor * sum_j weights[j] in[i + j stride]
template <int taps>
void add_stencil(const double* in, std::ptrdiff_t stride, const double* weights, double factor, double* out,
                 int count) {
  for (int i = 0; i < count; ++i) {
    double sum = weights[0] * in[i];
    for (int j = 1; j < taps; ++j) sum += weights[j] * in[i + j * stride];
    out[i] += factor * sum;
  }
}

void add_row(const Row& row, const double* in, std::ptrdiff_t stride, double factor, double* out, int count) {
  const double* w = row.weights.data();
  in += row.start * stride;
  switch (row.weights.size()) {
    case 3:
      return add_stencil<3>(in, stride, w, factor, out, count);
    case 5:
      return add_stencil<5>(in, stride, w, factor, out, count);
    case 7:
      return add_stencil<7>(in, stride, w, factor, out, count);
    case 9:
      return add_stencil<9>(in, stride, w, factor, out, count);
    default:
      for (int i = 0; i < count; ++i) {
        double sum = w[0] * in[i];
        for (std::size_t j = 1; j < row.weights.size(); ++j)
          sum += w[j] * in[i + static_cast<std::ptrdiff_t>(j) * stride];
        out[i] += factor * sum;
      }
  }
}

// One line of points along its own direction: rows at the walls one by one, equal rows at once.
void add_along(const Line& line, int start, int count, const double* in, double factor, double* out) {
  const int begin = static_cast<int>(std::clamp<std::int64_t>(line.interior_begin() - start, 0, count));
  const int end = static_cast<int>(std::clamp<std::int64_t>(line.interior_end() - start, begin, count));
  for (int i = 0; i < begin; ++i) add_row(line.row(start + i), in + i, 1, factor, out + i, 1);
  add_row(line.interior(), in + begin, 1, factor, out + begin, end - begin);
  for (int i = end; i < count; ++i) add_row(line.row(start + i), in + i, 1, factor, out + i, 1);
}

}  // namespace

FdOperators::FdOperators(const FdGrid& grid, const Comm& comm) : grid_(grid), comm_(comm) {
  petsc_call(DMCreateGlobalVector(grid.scalar_dm(), lender_.out()));
  const auto& [start, count] = grid.owned();
  for (int axis = 0; axis < grid.dims(); ++axis) {
    auto& values = coordinates_.emplace_back();
    std::array<int, 3> i{};
    for (i[0] = 0; i[0] < count[0]; ++i[0])
      for (i[1] = 0; i[1] < count[1]; ++i[1])
        for (i[2] = 0; i[2] < count[2]; ++i[2]) {
          const int s = grid.slot(axis);
          values.push_back(grid.domain().axes[axis].point(start[s] + i[s]));
        }
  }
}

std::unique_ptr<Operand> FdOperators::operand(std::span<const double> field, Parity odd) {
  return std::make_unique<HaloedField>(grid_.scalar_dm(), lender_, field, odd);
}

double FdOperators::mean(std::span<const double> field) { return mean_of(comm_, field, domain().points()); }

std::unique_ptr<Operand> FdOperators::inverse_laplacian(const Operand& field) {
  if (!poisson_) poisson_ = std::make_unique<FdPoisson>(grid_);
  return std::make_unique<HaloedField>(grid_.scalar_dm(), lender_, poisson_->solve(field.values()));
}

void FdOperators::add_derivative(const Operand& field, int axis, int order, double factor,
                                 std::span<double> out) {
  const auto& [start, count] = grid_.owned();
  const auto& halo = grid_.haloed();
  const std::array<std::ptrdiff_t, 3> stride{std::ptrdiff_t(halo.count[1]) * halo.count[2], halo.count[2], 1};
  const Line& line = grid_.line(axis, order, field.odd()[axis]);
  const int slot = grid_.slot(axis);
  const double* values = static_cast<const HaloedField&>(field).haloed();
  for (int i = 0; i < count[0]; ++i)
    for (int j = 0; j < count[1]; ++j) {
      const double* in = values + (i + start[0] - halo.start[0]) * stride[0] +
                         (j + start[1] - halo.start[1]) * stride[1] + (start[2] - halo.start[2]);
      double* to = out.data() + (std::size_t(i) * count[1] + j) * count[2];
      if (slot == 2) {
        add_along(line, start[2], count[2], in, factor, to);
      } else {
        add_row(line.row(start[slot] + (slot == 0 ? i : j)), in, stride[slot], factor, to, count[2]);
      }
    }
}

void FdOperators::product(std::span<const double> a, std::span<const double> b, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = a[i] * b[i];
}

}  // namespace hypercast::pde
