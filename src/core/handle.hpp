#pragma once
// One move-only owner for every C handle of the project (MPI_Comm, Vec, DM, TS, hid_t, ...). It owns but
// does not hide: it converts to the raw handle, so the whole C interface stays usable.
//
// Traits says:  using type = <raw handle>;  static type none();  static void release(type&) noexcept;

#include <utility>

namespace hypercast {

template <class Traits>
class Handle {
 public:
  using type = typename Traits::type;

  Handle() = default;
  explicit Handle(type raw) : raw_(raw) {}
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, Traits::none())) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      raw_ = std::exchange(other.raw_, Traits::none());
    }
    return *this;
  }
  ~Handle() { reset(); }

  operator type() const { return raw_; }
  type get() const { return raw_; }
  explicit operator bool() const { return raw_ != Traits::none(); }

  // The address for C functions that create into a pointer; releases what was held before.
  type* out() {
    reset();
    return &raw_;
  }
  void reset() noexcept {
    if (raw_ != Traits::none()) Traits::release(raw_);
    raw_ = Traits::none();
  }

 private:
  type raw_ = Traits::none();
};

}  // namespace hypercast
