#include "similarity/delta/codes.hpp"

#include <algorithm>

#include "core/random.hpp"

namespace hypercast::similarity {

std::size_t code_size(const DeltaScheme& scheme, std::size_t models) {
  if (scheme.conditioning == ModelCode::onehot) return models;
  return scheme.conditioning == ModelCode::user ? scheme.vectors.front().size() : scheme.code_size;
}

Buffer<double> model_codes(const DeltaScheme& scheme, int repeat, std::size_t models,
                           std::span<const double> signatures) {
  const std::size_t size = code_size(scheme, models), given = signatures.size() / models;
  const Random random(scheme.seed, Random::Purpose::weights, 2 * static_cast<std::uint32_t>(repeat) + 1);
  Buffer<double> codes(models * size);
  for (std::size_t j = 0; j < models; ++j)
    for (std::size_t i = 0; i < size; ++i) {
      double& code = codes[j * size + i];
      switch (scheme.conditioning) {
        case ModelCode::shared:
          code = random.normal(i);
          break;
        case ModelCode::embed:
          code = random.normal(j * size + i);
          break;
        case ModelCode::onehot:
          code = i == j ? 1 : 0;
          break;
        case ModelCode::user:
          code = scheme.vectors[j][i];
          break;
        case ModelCode::spectrum:
          code = signatures[j * size + i];
          break;
        case ModelCode::mean:
          for (std::size_t a = 0; a < given; ++a)
            code += random.normal(i * given + a) * signatures[j * given + a];
          break;
      }
    }
  return codes;
}

}  // namespace hypercast::similarity
