#include "similarity/delta/kept_rows.hpp"

namespace hypercast::similarity {

template <class Real>
KeptRows<Real>::KeptRows(std::size_t n, std::size_t width, std::shared_ptr<io::Scratch> scratch)
    : width_(width), scratch_(std::move(scratch)) {
  if (!scratch_) memory_.reserve(n * width);
}

template <class Real>
void KeptRows<Real>::append(std::span<const Real> rows) {
  if (!scratch_) {
    memory_.insert(memory_.end(), rows.begin(), rows.end());
    return;
  }
  const auto begin = scratch_->append({reinterpret_cast<const char*>(rows.data()), rows.size_bytes()});
  if (!begin_) begin_ = begin;
}

template <class Real>
std::span<const Real> KeptRows<Real>::rows(const Range& range, Buffer<Real>& room) const {
  const std::size_t first = static_cast<std::size_t>(range.begin) * width_;
  const std::size_t size = static_cast<std::size_t>(range.size()) * width_;
  if (!scratch_) return std::span(memory_).subspan(first, size);
  room.resize(size);
  scratch_->read(*begin_ + first * sizeof(Real), {reinterpret_cast<char*>(room.data()), size * sizeof(Real)});
  return room;
}

template class KeptRows<float>;
template class KeptRows<double>;

}  // namespace hypercast::similarity
