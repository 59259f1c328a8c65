#pragma once
// PETSc's lifetime, and its options. No header here shows PETSc itself.

#include <string>
#include <utility>
#include <vector>

#include "core/comm.hpp"
#include "core/version.hpp"

namespace hypercast::pde {

using PetscOptions = std::vector<std::pair<std::string, std::string>>;  // "ksp_rtol", "1e-13"

// Owns PETSc between construction and destruction, inside the life of MPI; one at a time. Its only options
// are the given ones, which a file's hash knows: it reads no .petscrc, and takes PETSC_OPTIONS and
// PETSC_OPTIONS_YAML out of the environment with a warning. Leaves signals alone. COLLECTIVE; `comm` must
// outlive it.
class PetscSession {
 public:
  PetscSession(const Comm& comm, const PetscOptions& options);
  ~PetscSession();
  PetscSession(const PetscSession&) = delete;
  PetscSession& operator=(const PetscSession&) = delete;
};

// Options that nothing has asked for so far, without the dash. Meaningful once a Solver is made: it reads all
// of its options on construction.
std::vector<std::string> unused_petsc_options();
// Every option in the database, as one would write them on a command line.
std::string petsc_options_text();

Facts pde_libraries();  // PETSc, FFTW

}  // namespace hypercast::pde
