#pragma once
// Random numbers as published data sets drew them, from the Mersenne twister MT19937 (M. Matsumoto,
// T. Nishimura, ACM TOMACS 8, 1998). For reproducing those sets only: everything of our own draws from
// core/random.hpp. A generator is a std::mt19937, seeded with the 32-bit seed of the recipe.

#include <complex>
#include <cstdint>
#include <random>
#include <vector>

namespace hypercast::pde {

// In [0, 1), a multiple of 2^-24: PyTorch's rand() of float32 on a CPU.
float uniform24(std::mt19937& g);

// In [0, 1), a multiple of 2^-53: NumPy's legacy random_sample(), two draws each.
double uniform53(std::mt19937& g);

// In [0, bound), bound a power of two: NumPy's legacy randint(bound).
std::uint32_t masked(std::mt19937& g, std::uint32_t bound);

// Complex standard normal numbers, real and imaginary part of variance 1/2 each: PyTorch's randn() of complex
// float32 on a CPU, `count` a multiple of 8. From blocks of 16 uniform24 numbers d, for j = 0..7
// (Box-Muller):
//
//   r = sqrt(-2 ln(1 - d[j])),  phi = 2 pi d[j + 8]
//   d[j] = r cos(phi) / sqrt 2,  d[j + 8] = r sin(phi) / sqrt 2
//
// and number n is d[2n] + i d[2n + 1]. Computed in single precision: equal to PyTorch's up to rounding.
std::vector<std::complex<float>> complex_normals(std::mt19937& g, std::size_t count);

}  // namespace hypercast::pde
