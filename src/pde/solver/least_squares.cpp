#include "pde/least_squares.hpp"

#include <petscksp.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "pde/solver/petsc.hpp"

namespace hypercast::pde {

namespace {

// B = [A; sqrt(damping)] as a PETSc matrix. Of the second part a rank has the rows of the unknowns that
// PETSc's layout gives it.
class Damped {
 public:
  Damped(const Comm& comm, const LinearMap& map, double damping)
      : comm_(comm),
        map_(map),
        weight_(std::sqrt(damping)),
        share_(share_of(static_cast<std::int64_t>(map.unknowns), comm.rank(), comm.size())),
        whole_(map.unknowns),
        product_(map.unknowns) {
    for (int r = 0; r < comm.size(); ++r)
      counts_.push_back(
          static_cast<int>(share_of(static_cast<std::int64_t>(map.unknowns), r, comm.size()).size()));
    const auto rows = static_cast<PetscInt>(map.rows + own()), columns = static_cast<PetscInt>(own());
    petsc_call(MatCreateShell(comm, rows, columns, PETSC_DETERMINE, PETSC_DETERMINE, this, matrix_.out()));
    set(MATOP_MULT, multiply);
    set(MATOP_MULT_TRANSPOSE, multiply_transposed);
    petsc_call(MatCreateVecs(matrix_, solution_.out(), right_.out()));
  }

  Mat matrix() const { return matrix_; }
  Vec right() const { return right_; }
  Vec solution() const { return solution_; }
  std::size_t own() const { return static_cast<std::size_t>(share_.size()); }  // unknowns of this rank

  void set_right(std::span<const double> b) {
    petsc_call(VecZeroEntries(right_));
    double* to = nullptr;
    petsc_call(VecGetArray(right_, &to));
    std::copy(b.begin(), b.end(), to);
    petsc_call(VecRestoreArray(right_, &to));
  }
  // COLLECTIVE. The vector of unknowns, whole.
  std::span<const double> gather(Vec x) {
    const double* mine = nullptr;
    petsc_call(VecGetArrayRead(x, &mine));
    comm_.all_gather<double>(std::span(mine, own()), std::span(whole_), counts_);
    petsc_call(VecRestoreArrayRead(x, &mine));
    return whole_;
  }
  // An exception of a callback, which PETSc only knows as an error.
  void call(PetscErrorCode code, Where where = Where::here()) {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    petsc_call(code, where);
  }

 private:
  void set(MatOperation operation, PetscErrorCode (*function)(Mat, Vec, Vec)) {
    petsc_call(MatShellSetOperation(matrix_, operation, reinterpret_cast<void (*)()>(function)));
  }
  template <class Work>
  static PetscErrorCode guarded(Mat matrix, Work work) {
    void* context = nullptr;
    MatShellGetContext(matrix, &context);
    auto& self = *static_cast<Damped*>(context);
    try {
      work(self);
      return 0;
    } catch (...) {
      self.thrown_ = std::current_exception();
      return PETSC_ERR_USER;
    }
  }

  static PetscErrorCode multiply(Mat matrix, Vec x, Vec y) {
    return guarded(matrix, [&](Damped& self) {
      const auto v = self.gather(x);
      double* out = nullptr;
      petsc_call(VecGetArrayWrite(y, &out));
      self.map_.multiply(v, std::span(out, self.map_.rows));
      for (std::size_t i = 0; i < self.own(); ++i)
        out[self.map_.rows + i] = self.weight_ * v[self.share_.begin + i];
      petsc_call(VecRestoreArrayWrite(y, &out));
    });
  }

  static PetscErrorCode multiply_transposed(Mat matrix, Vec y, Vec x) {
    return guarded(matrix, [&](Damped& self) {
      const double* in = nullptr;
      double* out = nullptr;
      petsc_call(VecGetArrayRead(y, &in));
      self.map_.multiply_transposed(std::span(in, self.map_.rows), self.product_);
      const auto all = self.comm_.all_gather(std::span<const double>(self.product_));
      petsc_call(VecGetArrayWrite(x, &out));
      for (std::size_t i = 0; i < self.own(); ++i) {
        double sum = 0;
        for (int r = 0; r < self.comm_.size(); ++r)
          sum += all[r * self.map_.unknowns + self.share_.begin + i];
        out[i] = sum + self.weight_ * in[self.map_.rows + i];
      }
      petsc_call(VecRestoreArrayWrite(x, &out));
      petsc_call(VecRestoreArrayRead(y, &in));
    });
  }

  const Comm& comm_;
  const LinearMap& map_;
  double weight_;
  Range share_;
  std::vector<int> counts_;
  std::vector<double> whole_, product_;
  MatHandle matrix_;
  VecHandle right_, solution_;
  std::exception_ptr thrown_;
};

double residual_of(const Comm& comm, const LinearMap& map, std::span<const double> b,
                   std::span<const double> x) {
  std::vector<double> product(map.rows);
  map.multiply(x, product);
  double squares = 0;
  for (std::size_t i = 0; i < product.size(); ++i) squares += (product[i] - b[i]) * (product[i] - b[i]);
  return std::sqrt(comm.sum(squares));
}

}  // namespace

LeastSquaresSolution solve_least_squares(const Comm& comm, const LinearMap& map, std::span<const double> b,
                                         const LeastSquaresOptions& options) {
  check(b.size() == map.rows, "a right-hand side that does not fit the rows");
  Damped damped(comm, map, options.damping);
  damped.set_right(b);
  KspHandle ksp;
  petsc_call(KSPCreate(comm, ksp.out()));
  petsc_call(KSPSetOperators(ksp, damped.matrix(), damped.matrix()));
  petsc_call(KSPSetType(ksp, KSPLSQR));
  PC pc = nullptr;
  petsc_call(KSPGetPC(ksp, &pc));
  petsc_call(PCSetType(pc, PCNONE));
  petsc_call(KSPSetTolerances(ksp, options.tolerance, PETSC_DEFAULT, PETSC_DEFAULT, options.most_iterations));
  damped.call(KSPSolve(ksp, damped.right(), damped.solution()));
  KSPConvergedReason reason{};
  PetscInt iterations = 0;
  petsc_call(KSPGetConvergedReason(ksp, &reason));
  petsc_call(KSPGetIterationNumber(ksp, &iterations));
  LeastSquaresSolution solution;
  const auto x = damped.gather(damped.solution());
  solution.x.assign(x.begin(), x.end());
  solution.residual = residual_of(comm, map, b, solution.x);
  solution.iterations = static_cast<int>(iterations);
  solution.converged = reason > 0;
  return solution;
}

}  // namespace hypercast::pde
