#include "similarity/store.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace hypercast::similarity {

Store::Store(std::int64_t n, std::size_t width, bool single, std::shared_ptr<io::Scratch> scratch)
    : width_(width), single_(single), scratch_(std::move(scratch)) {
  if (scratch_) return;
  const std::size_t size = static_cast<std::size_t>(n) * width;
  if (single)
    floats_.reserve(size);
  else
    doubles_.reserve(size);
}

template <class Real>
void Store::put(std::span<const double> rows, Buffer<Real>& memory) {
  if (!scratch_) {
    memory.insert(memory.end(), rows.begin(), rows.end());
    return;
  }
  const Buffer<Real> numbers(rows.begin(), rows.end());
  const auto begin =
      scratch_->append({reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Real)});
  if (!begin_) begin_ = begin;
}

void Store::append(std::span<const double> rows) {
  if (single_)
    put(rows, floats_);
  else
    put(rows, doubles_);
}

template <class Real>
void Store::get(std::span<const std::int64_t> rows, const Buffer<Real>& memory, std::span<double> out) const {
  Buffer<Real> some;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i + 1;  // rows that follow each other are read together
    while (end < rows.size() && rows[end] == rows[end - 1] + 1) ++end;
    const std::size_t begin = rows[i] * width_, size = (end - i) * width_;
    if (scratch_) {
      some.resize(size);
      scratch_->read(*begin_ + begin * sizeof(Real),
                     {reinterpret_cast<char*>(some.data()), size * sizeof(Real)});
      std::copy(some.begin(), some.end(), out.begin() + i * width_);
    } else {
      std::copy_n(memory.begin() + begin, size, out.begin() + i * width_);
    }
    i = end;
  }
}

void Store::read(std::span<const std::int64_t> rows, std::span<double> out) const {
  if (single_)
    get(rows, floats_, out);
  else
    get(rows, doubles_, out);
}

Store stored(std::span<const double> rows, std::int64_t n, std::size_t width,
             std::shared_ptr<io::Scratch> scratch) {
  Store store(n, width, false, std::move(scratch));
  store.append(rows);
  return store;
}

Stored::Stored(std::int64_t n, std::vector<std::size_t> widths, Ownership ownership,
               std::vector<std::optional<Store>> stores)
    : n_(n), widths_(std::move(widths)), ownership_(std::move(ownership)), stores_(std::move(stores)) {}

void Stored::read(std::size_t model, std::span<const std::int64_t> rows, std::span<double> out) const {
  check(ownership_.has(model), "rows of a model that another rank owns");
  stores_[model]->read(rows, out);
}

}  // namespace hypercast::similarity
