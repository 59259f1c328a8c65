#include "hyper/rollout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace hypercast::hyper {

template <class Real>
Rollout<Real>::Rollout(const Dynamics<Real>& dynamics, std::size_t code, std::size_t rows, std::size_t frames)
    : dynamics_(dynamics), size_(rows * code) {
  constexpr std::size_t line = 64 / sizeof(Real);
  tape_size_ = (dynamics.tape_size(rows, 1) + line - 1) / line * line;
  codes_.resize((frames + 1) * size_);
  d_codes_.resize(codes_.size());
  tape_.resize(frames * tape_size_);
  carried_.resize(size_);
}

template <class Real>
void Rollout<Real>::forward(std::span<const Real> w, std::span<const Real> start, std::span<const Real> mu,
                            std::size_t frames) {
  check((frames + 1) * size_ <= codes_.size() && start.size() == size_, "a rollout longer than its memory");
  frames_ = frames;
  std::copy(start.begin(), start.end(), codes_.begin());
  for (std::size_t k = 0; k < frames; ++k)
    dynamics_.step(w, codes(k), mu, 1, std::span(codes_).subspan((k + 1) * size_, size_),
                   std::span(tape_).subspan(k * tape_size_, tape_size_));
}

template <class Real>
void Rollout<Real>::backward(std::span<const Real> w, std::span<const Real> mu, std::span<Real> dw) {
  std::fill(carried_.begin(), carried_.end(), Real(0));
  for (std::size_t k = frames_; k > 0; --k) {
    const auto mine = d_codes(k);
    for (std::size_t i = 0; i < size_; ++i) carried_[i] += mine[i];
    dynamics_.step_backward(w, codes(k - 1), mu, 1,
                            std::span(tape_).subspan((k - 1) * tape_size_, tape_size_), carried_, dw,
                            carried_);
  }
  std::copy(carried_.begin(), carried_.end(), d_codes_.begin());
}

template class Rollout<float>;
template class Rollout<double>;

}  // namespace hypercast::hyper
