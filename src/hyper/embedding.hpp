#pragma once
// A learned table of vectors: condition i -> row i. Functions learned as H(i) = theta_i stand on it, and so
// do the codes of training frames where they are free parameters (auto-decoding).

#include "nn/function.hpp"

namespace hypercast::hyper {

// w = table [count][width], normal at the start. An index beyond the table is an Error.
template <class Real>
nn::FunctionPtr<Real> make_embedding(std::size_t count, std::size_t width);

}  // namespace hypercast::hyper
