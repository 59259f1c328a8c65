#include "pde/solver/session.hpp"

#include <fftw3.h>
#include <fmt/core.h>

#include <array>
#include <cstdlib>

#include "core/log.hpp"
#include "pde/solver/petsc.hpp"

namespace hypercast::pde {

namespace {

std::string describe(PetscErrorCode code) {
  const char* text = nullptr;
  char* specific = nullptr;
  PetscErrorMessage(code, &text, &specific);
  std::string result = fmt::format("PETSc error {}: {}", static_cast<int>(code), text ? text : "unknown");
  if (specific && *specific) result += fmt::format(" ({})", specific);
  for (char& c : result)
    if (c == '\n') c = ' ';
  return result;
}

// PETSc would let them override the deck, and no hash would know.
void drop_environment_options(const Comm& comm) {
  for (const char* name : {"PETSC_OPTIONS", "PETSC_OPTIONS_YAML"}) {
    const bool set = comm.any(std::getenv(name) != nullptr);
    unsetenv(name);
    if (set && comm.is_root())
      Log(0).warn("the environment's {} is ignored; options of PETSc belong into the deck's [petsc]", name);
  }
}

}  // namespace

PetscError::PetscError(PetscErrorCode code, Where where)
    : Error(describe(code), Exit::internal, where), code_(code) {}

PetscSession::PetscSession(const Comm& comm, const PetscOptions& options) {
  drop_environment_options(comm);
  for (const auto& [key, value] : options)  // a bare flag means the same, and more options understand it
    petsc_call(PetscOptionsSetValue(nullptr, ("-" + key).c_str(), value == "true" ? nullptr : value.c_str()));
  std::array<std::string, 3> words{"hypercast", "-skip_petscrc", "-no_signal_handler"};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  int count = 3;
  char** argv = arguments.data();
  PETSC_COMM_WORLD = comm;
  petsc_call(PetscInitialize(&count, &argv, nullptr, nullptr));
  // PETSc then returns its codes without printing; PetscErrorMessage still knows the text.
  petsc_call(PetscPushErrorHandler(PetscReturnErrorHandler, nullptr));
}

PetscSession::~PetscSession() {
  PetscPopErrorHandler();
  PetscFinalize();
}

std::vector<std::string> unused_petsc_options() {
  PetscInt count = 0;
  char **names = nullptr, **values = nullptr;
  petsc_call(PetscOptionsLeftGet(nullptr, &count, &names, &values));
  std::vector<std::string> result(names, names + count);
  petsc_call(PetscOptionsLeftRestore(nullptr, &count, &names, &values));
  return result;
}

std::string petsc_options_text() {
  char* text = nullptr;
  petsc_call(PetscOptionsGetAll(nullptr, &text));
  const std::string result = text;
  petsc_call(PetscFree(text));
  return result;
}

Facts pde_libraries() {
  PetscInt major = 0, minor = 0, patch = 0;
  PetscGetVersionNumber(&major, &minor, &patch, nullptr);
  std::string fftw = fftw_version;  // "fftw-3.3.10-sse2-avx"
  if (fftw.starts_with("fftw-")) fftw.erase(0, 5);
  return {{"petsc", fmt::format("{}.{}.{}", major, minor, patch)}, {"fftw", fftw}};
}

}  // namespace hypercast::pde
