#pragma once
// A periodic grid and its Fourier modes: where both lie on the ranks, and the transform between them (FFTW).
//
// Real fields have half of the modes: along the last axis 0 .. N/2, the others follow from symmetry. On
// several ranks the points are cut into slabs along the first axis and the modes along the second (in two
// dimensions the halved) one. The transform is unitary: a state has the same root mean square in either form.

#include <complex>
#include <memory>
#include <span>
#include <vector>

#include "core/buffer.hpp"
#include "core/comm.hpp"
#include "io/trajectory.hpp"
#include "pde/domain.hpp"

namespace hypercast::pde {

using Complex = std::complex<double>;

// Why a Fourier grid of this domain cannot be shared by so many ranks; "" when it can.
std::string fourier_complaint(const Domain& domain, int ranks);

class FourierGrid {
 public:
  // COLLECTIVE. UserError (Exit::data) with fourier_complaint.
  FourierGrid(const Comm& comm, const Domain& domain);
  ~FourierGrid();
  FourierGrid(FourierGrid&&) noexcept;

  const Domain& domain() const { return domain_; }
  io::Block block() const { return block_; }
  std::size_t points() const { return block_.points(); }    // of this rank
  std::size_t modes() const { return numbers_[0].size(); }  // of this rank
  // Periods along an axis of each local mode: -N/2 .. N/2 - 1, along the last axis 0 .. N/2.
  std::span<const int> numbers(int axis) const { return numbers_[axis]; }
  // k^order of each local mode, 0 for odd orders in the Nyquist mode, which has no odd derivative.
  Buffer<double> wave_power(int axis, int order) const;
  // 1 for the modes that products of two fields do not alias into (|n| < N/3 along every axis), else 0.
  Buffer<double> alias_free() const;

  // COLLECTIVE. The modes of values.
  void forward(std::span<const double> values, std::span<Complex> modes) const;
  // COLLECTIVE. Back: fill work() with scale() times the modes, then call this. It destroys work().
  void inverse(std::span<double> values) const;
  std::span<Complex> work() const;
  double scale() const;

 private:
  struct Plans;
  void find_modes(const std::vector<std::ptrdiff_t>& start, const std::vector<std::ptrdiff_t>& count,
                  const std::vector<int>& order);

  Domain domain_;
  io::Block block_;
  std::vector<std::vector<int>> numbers_;  // by axis
  std::unique_ptr<Plans> plans_;
};

}  // namespace hypercast::pde
