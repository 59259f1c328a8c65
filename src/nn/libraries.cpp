#include "nn/libraries.hpp"

#include <fmt/core.h>

#include <Eigen/Core>

namespace hypercast::nn {

Facts nn_libraries() {
  return {{"eigen", fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)}};
}

}  // namespace hypercast::nn
