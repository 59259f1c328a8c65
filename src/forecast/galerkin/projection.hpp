#pragma once
// The Galerkin projection: the velocity of the unknowns that makes the field follow given rates best,
//
//   v = argmin  mean over rows of (J v - f)^2  +  regularisation |v|^2
//
// over rows (point, channel). The mean makes the regularisation independent of the number of points.
//
//   dense  J is formed and every rank holds all of it; Cholesky of J J^T + m lambda I where there are fewer
//          rows m than unknowns, else of J^T J + m lambda I. Rows and strips of the matrix are shared out
//          over the ranks in blocks of fixed shape: the same bits on any number of ranks.
//   lsqr   PETSc's KSPLSQR on products with J and J^T, the points shared out over the ranks; needs a
//          PetscSession. Agrees over ranks to its tolerance.

#include <string>
#include <vector>

#include "core/buffer.hpp"
#include "core/context.hpp"
#include "forecast/galerkin/tangent_space.hpp"

namespace hypercast::forecast {

double root_mean_square(std::span<const double> values);  // 0 of none

struct ProjectionOptions {
  std::string solver = "dense";
  double regularisation = 1e-8;
  double lsqr_tolerance = 1e-4;
  int lsqr_iterations = 200;
};

struct Velocity {
  Buffer<double> v;
  double residual = 0;    // root mean square of J v - f; NaN, as v, when the matrix had no Cholesky factor
  double size = 0;        // root mean square of f
  int iterations = 0;     // of lsqr
  bool converged = true;  // false when lsqr ran out of iterations; v is the best so far
  double relative() const { return size > 0 ? residual / size : 0; }
};

class Projection {
 public:
  // The space is borrowed.
  Projection(const Context& context, TangentSpace& space, ProjectionOptions options);

  // Whether J of so many rows and columns takes at most 2 GiB.
  static bool fits(std::size_t rows, std::size_t unknowns);

  // COLLECTIVE; arguments are the same on all ranks: x[n][inputs], f[n channels]. UserError (Exit::data) when
  // a dense matrix does not fit.
  Velocity project(std::span<const double> q, std::span<const double> x, std::span<const double> f);
  // The same with another regularisation.
  Velocity project(std::span<const double> q, std::span<const double> x, std::span<const double> f,
                   double regularisation);

 private:
  Velocity dense(std::span<const double> q, std::span<const double> x, std::span<const double> f,
                 double damping);
  Velocity matrix_free(std::span<const double> q, std::span<const double> x, std::span<const double> f,
                       double damping);
  void form_rows(std::span<const double> q, std::span<const double> x);
  bool factorise(std::size_t rows, double damping);

  const Context& context_;
  TangentSpace& space_;
  ProjectionOptions options_;
  Buffer<double> rows_, mine_, normal_;
};

}  // namespace hypercast::forecast
