#include "similarity/store.hpp"

#include <algorithm>

namespace hypercast::similarity {

Store::Store(std::size_t width, bool single, const std::filesystem::path& scratch)
    : width_(width), single_(single) {
  if (!scratch.empty()) scratch_.emplace(scratch);
}

template <class Real>
void Store::put(std::span<const double> rows, Buffer<Real>& memory) {
  if (!scratch_) {
    memory.insert(memory.end(), rows.begin(), rows.end());
    return;
  }
  const Buffer<Real> numbers(rows.begin(), rows.end());
  scratch_->append({reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Real)});
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
      scratch_->read(begin * sizeof(Real), {reinterpret_cast<char*>(some.data()), size * sizeof(Real)});
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

}  // namespace hypercast::similarity
