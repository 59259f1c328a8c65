#include "machine/memory_rate.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "core/error.hpp"
#include "machine/rounds.hpp"

namespace hypercast::machine {

namespace {

// What `read` loads at once; narrower registers take several loads for it.
using FloatRegister [[gnu::vector_size(32)]] = float;
constexpr std::size_t unit = 4 * sizeof(FloatRegister) / sizeof(float);  // a turn of `read`
// Between two arrays, so that their elements of one number are not a power of two apart: loads would then
// wait for stores to addresses that look alike.
constexpr std::size_t gap = 17 * 64 / sizeof(float);

int arrays_of(MemoryLoop loop) {
  switch (loop) {
    case MemoryLoop::read:
      return 1;
    case MemoryLoop::copy:
      return 2;
    case MemoryLoop::triad:
      return 3;
    case MemoryLoop::update:
      return 4;
  }
  return 0;
}

// Four sums, so that the latency of an addition does not count.
float sum_of(std::span<const float> values) {
  FloatRegister sums[4] = {};
  const float* at = values.data();
  for (std::size_t i = 0; i + unit <= values.size(); i += unit)
    for (int k = 0; k < 4; ++k) {
      FloatRegister loaded;
      std::memcpy(&loaded, at + i + k * (unit / 4), sizeof loaded);
      sums[k] = sums[k] + loaded;
    }
  const FloatRegister sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  return sum[0];
}

void triad(std::size_t n, float* __restrict a, const float* __restrict b, const float* __restrict c) {
  for (std::size_t i = 0; i < n; ++i) a[i] = b[i] + 0.5f * c[i];
}

void update(std::size_t n, const float* __restrict g, float* __restrict m, float* __restrict v,
            float* __restrict w) {
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = 0.9f * m[i] + 0.1f * g[i];
    v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
    w[i] = 0.5f * w[i] + 0.25f * m[i] + 0.25f * v[i];
  }
}

}  // namespace

std::string name_of(MemoryLoop loop) {
  switch (loop) {
    case MemoryLoop::read:
      return "read";
    case MemoryLoop::copy:
      return "copy";
    case MemoryLoop::triad:
      return "triad";
    case MemoryLoop::update:
      return "update";
  }
  return "";
}

int bytes_an_element(MemoryLoop loop) { return loop == MemoryLoop::update ? 28 : 4 * arrays_of(loop); }

MemoryBlock::MemoryBlock(std::size_t bytes)
    : values_(bytes / sizeof(float), 1.0f) {  // which every loop leaves near 1
  check(bytes >= 4 * (unit + gap) * sizeof(float), "a block of memory is too small to measure");
}

double MemoryBlock::rate(MemoryLoop loop, double seconds) {
  const std::size_t arrays = arrays_of(loop);
  const std::size_t n = (values_.size() - (arrays - 1) * gap) / arrays / unit * unit;
  float *a = values_.data(), *b = a + n + gap, *c = b + n + gap, *d = c + n + gap;
  float sink = 0;
  const auto pass = [&] {
    switch (loop) {
      case MemoryLoop::read:
        sink += sum_of(std::span<const float>(values_).first(n));
        break;
      case MemoryLoop::copy:
        std::memcpy(b, a, n * sizeof(float));
        break;
      case MemoryLoop::triad:
        triad(n, a, b, c);
        break;
      case MemoryLoop::update:
        update(n, a, b, c, d);
        break;
    }
    asm volatile("" : : "r"(a), "m"(sink) : "memory");  // what is written counts as read
  };
  pass();
  return passes_a_second(seconds, pass) * static_cast<double>(n) * bytes_an_element(loop);
}

}  // namespace hypercast::machine
