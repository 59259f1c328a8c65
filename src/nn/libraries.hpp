#pragma once

#include "core/version.hpp"

namespace hypercast::nn {

Facts nn_libraries();  // Eigen

}  // namespace hypercast::nn
