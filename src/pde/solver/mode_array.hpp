#pragma once
// The local part of a PETSc vector as complex numbers, for as long as the object lives.

#include <span>

#include "pde/solver/fourier_grid.hpp"
#include "pde/solver/petsc.hpp"

namespace hypercast::pde {

class ReadModes {
 public:
  explicit ReadModes(Vec vector) : vector_(vector) {
    PetscInt size = 0;
    petsc_call(VecGetLocalSize(vector, &size));
    petsc_call(VecGetArrayRead(vector, &values_));
    modes_ = {reinterpret_cast<const Complex*>(values_), static_cast<std::size_t>(size / 2)};
  }
  ~ReadModes() { VecRestoreArrayRead(vector_, &values_); }
  ReadModes(const ReadModes&) = delete;
  ReadModes& operator=(const ReadModes&) = delete;
  operator std::span<const Complex>() const { return modes_; }

 private:
  Vec vector_;
  const double* values_ = nullptr;
  std::span<const Complex> modes_;
};

class WriteModes {
 public:
  explicit WriteModes(Vec vector) : vector_(vector) {
    PetscInt size = 0;
    petsc_call(VecGetLocalSize(vector, &size));
    petsc_call(VecGetArray(vector, &values_));
    modes_ = {reinterpret_cast<Complex*>(values_), static_cast<std::size_t>(size / 2)};
  }
  ~WriteModes() { VecRestoreArray(vector_, &values_); }
  WriteModes(const WriteModes&) = delete;
  WriteModes& operator=(const WriteModes&) = delete;
  operator std::span<Complex>() const { return modes_; }

 private:
  Vec vector_;
  double* values_ = nullptr;
  std::span<Complex> modes_;
};

}  // namespace hypercast::pde
