#pragma once
// PETSc for C++: calls that throw, handles that own. Included by .cpp files of this folder only.

#include <petscdmda.h>
#include <petscts.h>

#include "core/error.hpp"
#include "core/handle.hpp"

namespace hypercast::pde {

// What PETSc said, with its error code. PETSc itself stays silent and never ends the program (session.cpp).
class PetscError : public Error {
 public:
  PetscError(PetscErrorCode code, Where where);
  PetscErrorCode petsc_code() const { return code_; }

 private:
  PetscErrorCode code_;
};

inline void petsc_call(PetscErrorCode code, Where where = Where::here()) {
  if (code != 0) throw PetscError(code, where);
}

template <class T, PetscErrorCode (*destroy)(T*)>
struct PetscTraits {
  using type = T;
  static T none() { return nullptr; }
  static void release(T& object) noexcept { destroy(&object); }
};
using VecHandle = Handle<PetscTraits<Vec, VecDestroy>>;
using MatHandle = Handle<PetscTraits<Mat, MatDestroy>>;
using DmHandle = Handle<PetscTraits<DM, DMDestroy>>;
using KspHandle = Handle<PetscTraits<KSP, KSPDestroy>>;
using TsHandle = Handle<PetscTraits<TS, TSDestroy>>;

}  // namespace hypercast::pde
