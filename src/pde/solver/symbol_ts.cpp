#include "pde/solver/symbol_ts.hpp"

#include <petsc/private/tsimpl.h>

#include <cmath>
#include <map>

#include "pde/solver/mode_array.hpp"

namespace hypercast::pde {

namespace {

// Of one step size h; see the formulas in Kassam and Trefethen, (20) to (25).
struct Etdrk4Coefficients {
  ModeMatrix whole, half;  // e^{hL}, e^{hL/2}
  ModeMatrix q;            // h (e^{hL/2} - 1) / hL
  ModeMatrix first, middle, last;
};

Etdrk4Coefficients etdrk4_coefficients(const Symbol& symbol, double h) {
  const auto function = [&](auto f) { return symbol.function(h, f); };
  return {function([](Complex z) { return std::exp(z); }),
          function([](Complex z) { return std::exp(z / 2.0); }),
          function([h](Complex z) { return h * (std::exp(z / 2.0) - 1.0) / z; }),
          function([h](Complex z) {
            return h * (-4.0 - z + std::exp(z) * (4.0 - 3.0 * z + z * z)) / (z * z * z);
          }),
          function([h](Complex z) { return 2 * h * (2.0 + z + std::exp(z) * (z - 2.0)) / (z * z * z); }),
          function([h](Complex z) {
            return h * (-4.0 - 3.0 * z - z * z + std::exp(z) * (4.0 - z)) / (z * z * z);
          })};
}

struct ImexCoefficients {
  ModeMatrix forward, inverse;  // 1 + hL/2, (1 - hL/2)^-1
};

// What a TS of either type keeps in ts->data.
struct Work {
  const Symbol* symbol = nullptr;
  std::map<double, Etdrk4Coefficients> etdrk4;  // by step
  std::map<double, ImexCoefficients> imex;
  double tolerance = 0;  // of step doubling; 0: none
  double error = 0;
  VecHandle before;                // the state at the start of the step
  std::array<VecHandle, 4> rates;  // N of the four stages
  VecHandle stage, first_stage, whole;
};

Work& work_of(TS ts) { return *static_cast<Work*>(ts->data); }

template <class Body>
PetscErrorCode guarded(Body body) {
  try {
    body();
    return 0;
  } catch (const PetscError& error) {
    return error.petsc_code();
  } catch (...) {
    return PETSC_ERR_LIB;
  }
}

const Etdrk4Coefficients& coefficients(Work& work, double h) {
  const auto found = work.etdrk4.find(h);
  if (found != work.etdrk4.end()) return found->second;
  return work.etdrk4.emplace(h, etdrk4_coefficients(*work.symbol, h)).first->second;
}

// out = a u + q n
void stage(const ModeMatrix& a, Vec u, const ModeMatrix& q, Vec n, Vec out) {
  const WriteModes to(out);
  a.multiply(ReadModes(u), to);
  q.add_multiply(ReadModes(n), to);
}

// The right-hand side N, by way of the user's function.
void rate(TS ts, double t, Vec u, Vec n) { petsc_call(TSComputeRHSFunction(ts, t, u, n)); }

// u(t) -> out = u(t + h); u and out may be the same.
void etdrk4(TS ts, double t, double h, Vec u, Vec out) {
  Work& work = work_of(ts);
  const auto& c = coefficients(work, h);
  const auto& [n_u, n_a, n_b, n_c] = work.rates;
  rate(ts, t, u, n_u);
  stage(c.half, u, c.q, n_u, work.first_stage);  // a
  rate(ts, t + h / 2, work.first_stage, n_a);
  stage(c.half, u, c.q, n_a, work.stage);  // b
  rate(ts, t + h / 2, work.stage, n_b);
  petsc_call(VecAXPBYPCZ(n_c, 2, -1, 0, n_b, n_u));
  stage(c.half, work.first_stage, c.q, n_c, work.stage);  // c
  rate(ts, t + h, work.stage, n_c);
  petsc_call(VecAXPY(n_a, 1, n_b));
  c.whole.multiply(ReadModes(u), WriteModes(work.stage));
  {
    const WriteModes to(work.stage);
    c.first.add_multiply(ReadModes(n_u), to);
    c.middle.add_multiply(ReadModes(n_a), to);
    c.last.add_multiply(ReadModes(n_c), to);
  }
  petsc_call(VecCopy(work.stage, out));
}

PetscErrorCode step_etdrk4(TS ts) {
  return guarded([&] {
    Work& work = work_of(ts);
    const double t = ts->ptime, h = ts->time_step;
    petsc_call(VecCopy(ts->vec_sol, work.before));
    if (work.tolerance > 0) {
      etdrk4(ts, t, h, ts->vec_sol, work.whole);
      etdrk4(ts, t, h / 2, ts->vec_sol, ts->vec_sol);
      etdrk4(ts, t + h / 2, h / 2, ts->vec_sol, ts->vec_sol);
      PetscReal norm = 0, absolute = 0, relative = 0;
      petsc_call(TSErrorWeightedNorm(ts, work.whole, ts->vec_sol, NORM_2, &norm, &absolute, &relative));
      work.error = norm / 15;
    } else {
      etdrk4(ts, t, h, ts->vec_sol, ts->vec_sol);
    }
    ts->ptime += h;
  });
}

PetscErrorCode step_dino_imex(TS ts) {
  return guarded([&] {
    Work& work = work_of(ts);
    const double h = ts->time_step;
    auto found = work.imex.find(h);
    if (found == work.imex.end())
      found =
          work.imex
              .emplace(h, ImexCoefficients{work.symbol->affine(1, h / 2), work.symbol->inverse(1, -h / 2)})
              .first;
    const auto& c = found->second;
    petsc_call(VecCopy(ts->vec_sol, work.before));
    rate(ts, ts->ptime, ts->vec_sol, work.rates[0]);
    petsc_call(VecScale(work.rates[0], h));
    {
      const WriteModes to(work.rates[0]);
      c.forward.add_multiply(ReadModes(ts->vec_sol), to);
    }
    c.inverse.multiply(ReadModes(work.rates[0]), WriteModes(ts->vec_sol));
    ts->ptime += h;
  });
}

PetscErrorCode set_up(TS ts) {
  return guarded([&] {
    Work& work = work_of(ts);
    check(work.symbol != nullptr, "an integrator by modes needs set_symbol()");
    for (auto* vector : {&work.before, &work.stage, &work.first_stage, &work.whole})
      petsc_call(VecDuplicate(ts->vec_sol, vector->out()));
    for (auto& vector : work.rates) petsc_call(VecDuplicate(ts->vec_sol, vector.out()));
  });
}

PetscErrorCode roll_back(TS ts) {
  return guarded([&] { petsc_call(VecCopy(work_of(ts).before, ts->vec_sol)); });
}

PetscErrorCode reset(TS ts) {
  const Work& old = work_of(ts);
  Work fresh;
  fresh.symbol = old.symbol;
  fresh.tolerance = old.tolerance;
  work_of(ts) = std::move(fresh);
  return 0;
}

PetscErrorCode destroy(TS ts) {
  delete static_cast<Work*>(ts->data);
  ts->data = nullptr;
  return 0;
}

PetscErrorCode create(TS ts) {
  return guarded([&] {
    ts->data = new Work;
    ts->ops->setup = set_up;
    ts->ops->reset = reset;
    ts->ops->destroy = destroy;
    ts->ops->rollback = roll_back;
    ts->default_adapt_type = TSADAPTNONE;
    ts->usessnes = PETSC_FALSE;
  });
}

PetscErrorCode create_etdrk4(TS ts) {
  const PetscErrorCode code = create(ts);
  ts->ops->step = step_etdrk4;
  return code;
}

PetscErrorCode create_dino_imex(TS ts) {
  const PetscErrorCode code = create(ts);
  ts->ops->step = step_dino_imex;
  return code;
}

}  // namespace

void register_symbol_integrators() {
  petsc_call(TSRegister("etdrk4", create_etdrk4));
  petsc_call(TSRegister("dino_imex", create_dino_imex));
}

void set_symbol(TS ts, const Symbol* symbol) {
  Work& work = work_of(ts);
  work.symbol = symbol;
  work.etdrk4.clear();
  work.imex.clear();
}

void set_step_doubling(TS ts, double tolerance) {
  work_of(ts).tolerance = tolerance;
  petsc_call(TSSetTolerances(ts, tolerance, nullptr, tolerance, nullptr));
}

double scaled_error(TS ts) { return work_of(ts).error; }

}  // namespace hypercast::pde
