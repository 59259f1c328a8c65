#include "pde/solver/fourier_equation.hpp"

#include <algorithm>

#include "pde/solver/mode_array.hpp"

namespace hypercast::pde {

FourierEquation::FourierEquation(const Comm& comm, const System& system, const Domain& domain)
    : system_(system),
      comm_(static_cast<MPI_Comm>(comm)),
      grid_(comm, domain),
      operators_(grid_, comm_),
      channels_(static_cast<int>(system.channels().size())),
      terms_(system.linear(domain.dims())),
      symbol_(grid_, channels_, terms_),
      rates_(channels_, Buffer<double>(grid_.points())) {}

VecHandle FourierEquation::make_state() const {
  VecHandle state;
  const auto size = static_cast<PetscInt>(2 * channels_ * grid_.modes());
  petsc_call(VecCreateMPI(comm_, size, PETSC_DETERMINE, state.out()));
  return state;
}

void FourierEquation::set_values(std::span<const double> values, Vec state) {
  const WriteModes modes(state);
  Buffer<double> field(grid_.points());
  for (int c = 0; c < channels_; ++c) {
    for (std::size_t i = 0; i < field.size(); ++i) field[i] = values[i * channels_ + c];
    grid_.forward(field, channel(modes, c));
  }
}

void FourierEquation::get_values(Vec state, std::span<double> values) {
  const ReadModes modes(state);
  const std::span<const Complex> all = modes;
  Buffer<double> field(grid_.points());
  for (int c = 0; c < channels_; ++c) {
    const auto work = grid_.work();
    for (std::size_t m = 0; m < work.size(); ++m) work[m] = grid_.scale() * all[c * grid_.modes() + m];
    grid_.inverse(field);
    for (std::size_t i = 0; i < field.size(); ++i) values[i * channels_ + c] = field[i];
  }
}

void FourierEquation::make_real(Vec state) {
  const WriteModes modes(state);
  Buffer<double> field(grid_.points());
  for (int c = 0; c < channels_; ++c) {
    const auto mine = channel(modes, c), work = grid_.work();
    for (std::size_t m = 0; m < work.size(); ++m) work[m] = grid_.scale() * mine[m];
    grid_.inverse(field);
    grid_.forward(field, mine);
  }
}

bool FourierEquation::refresh() {
  operators_.forget();
  auto terms = system_.linear(grid_.domain().dims());
  if (terms == terms_) return false;
  terms_ = std::move(terms);
  symbol_ = Symbol(grid_, channels_, terms_);
  shift_.reset();
  return true;
}

void FourierEquation::evaluate(Part part, double t, Vec u, Vec dudt) {
  const ReadModes in(u);
  const WriteModes out(dudt);
  const std::span<const Complex> state = in;
  const std::span<Complex> rate = out;
  if (system_.is_linear()) {
    std::fill(rate.begin(), rate.end(), Complex());
  } else {
    std::vector<std::unique_ptr<Operand>> operands;
    std::vector<const Operand*> fields;
    std::vector<std::span<double>> rates;
    for (int c = 0; c < channels_; ++c) {
      operands.push_back(operators_.operand_of_modes(state.subspan(c * grid_.modes(), grid_.modes())));
      fields.push_back(operands.back().get());
      std::fill(rates_[c].begin(), rates_[c].end(), 0.0);
      rates.emplace_back(rates_[c]);
    }
    system_.rhs(t, operators_, fields, rates);
    for (int c = 0; c < channels_; ++c) operators_.to_modes(rates_[c], channel(rate, c));
  }
  if (part == Part::all) symbol_.matrix().add_multiply(state, rate);
}

double FourierEquation::tail_energy(Vec state) const {
  const ReadModes modes(state);
  const std::span<const Complex> all = modes;
  const int dims = grid_.domain().dims(), last = dims - 1;
  double largest = 0;
  for (int c = 0; c < channels_; ++c) {
    double total = 0, tail = 0;
    for (std::size_t m = 0; m < grid_.modes(); ++m) {
      bool constant = true, outer = false;
      for (int a = 0; a < dims; ++a) {
        const int n = std::abs(grid_.numbers(a)[m]), points = grid_.domain().axes[a].points;
        constant = constant && n == 0;
        outer = outer || 9 * n >= 2 * points;  // of n < N/3
      }
      const int n = grid_.numbers(last)[m], points = grid_.domain().axes[last].points;
      const double twice = n == 0 || 2 * n == points ? 1 : 2;  // the modes that are not kept
      const double energy = twice * std::norm(all[c * grid_.modes() + m]);
      if (!constant) total += energy;
      if (outer) tail += energy;
    }
    total = comm_.sum(total);
    tail = comm_.sum(tail);
    if (total > 0) largest = std::max(largest, tail / total);
  }
  return largest;
}

namespace {

// For PETSc: no exception leaves.
PetscErrorCode multiply(const ModeMatrix& matrix, Vec u, Vec out) {
  try {
    matrix.multiply(ReadModes(u), WriteModes(out));
    return 0;
  } catch (...) {
    return PETSC_ERR_LIB;
  }
}

FourierEquation* owner(Mat matrix) {
  void* context = nullptr;
  MatShellGetContext(matrix, &context);
  return static_cast<FourierEquation*>(context);
}

}  // namespace

PetscErrorCode FourierEquation::multiply_linear(Mat matrix, Vec u, Vec out) {
  return multiply(owner(matrix)->symbol_.matrix(), u, out);
}

PetscErrorCode FourierEquation::multiply_jacobian(Mat matrix, Vec u, Vec out) {
  return multiply(owner(matrix)->shifted_, u, out);
}

PetscErrorCode FourierEquation::solve_jacobian(PC pc, Vec u, Vec out) {
  void* context = nullptr;
  PCShellGetContext(pc, &context);
  return multiply(static_cast<FourierEquation*>(context)->inverse_, u, out);
}

MatHandle FourierEquation::make_shell(PetscErrorCode (*multiply_by)(Mat, Vec, Vec)) {
  const auto size = static_cast<PetscInt>(2 * channels_ * grid_.modes());
  MatHandle matrix;
  petsc_call(MatCreateShell(comm_, size, size, PETSC_DETERMINE, PETSC_DETERMINE, this, matrix.out()));
  petsc_call(MatShellSetOperation(matrix, MATOP_MULT, reinterpret_cast<void (*)()>(multiply_by)));
  return matrix;
}

Mat FourierEquation::linear() {
  if (!linear_) linear_ = make_shell(multiply_linear);
  return linear_;
}

Mat FourierEquation::jacobian() {
  if (!jacobian_) jacobian_ = make_shell(multiply_jacobian);
  return jacobian_;
}

void FourierEquation::set_shift(double shift) {
  if (shift_ == shift) return;
  shifted_ = symbol_.affine(shift, -1);
  inverse_ = symbol_.inverse(shift, -1);
  shift_ = shift;
}

void FourierEquation::choose_linear_solver(KSP ksp) {
  PC pc = nullptr;
  petsc_call(KSPGetPC(ksp, &pc));
  petsc_call(KSPSetType(ksp, KSPPREONLY));
  petsc_call(PCSetType(pc, PCSHELL));
  petsc_call(PCShellSetContext(pc, this));
  petsc_call(PCShellSetApply(pc, solve_jacobian));
}

}  // namespace hypercast::pde
