#include "hyper/head.hpp"

namespace hypercast::hyper {

HeadRegistry head_registry() {
  HeadRegistry registry("head");
  register_heads(registry);
  return registry;
}

template <class Real>
void Head<Real>::expand(std::span<const Real>, std::span<const Real> moved, std::span<Real> theta) const {
  std::copy(moved.begin(), moved.end(), theta.begin());
}

template <class Real>
void Head<Real>::expand_backward(std::span<const Real>, std::span<const Real>, std::span<const Real> d_theta,
                                 std::span<Real> d_moved, std::span<Real>) const {
  std::copy(d_theta.begin(), d_theta.end(), d_moved.begin());
}

template <class Real>
void Head<Real>::forward(std::span<const Real> w, std::span<const Real> h, std::span<Real> theta) const {
  const auto map_w = w.subspan(fixed());
  if (direct()) return map().forward(map_w, h, theta);
  const std::size_t count = h.size() / shape_.width;
  Buffer<Real> moved(count * rows());
  map().forward(map_w, h, moved);
  for (std::size_t t = 0; t < count; ++t)
    expand(w.first(fixed()), std::span(moved).subspan(t * rows(), rows()), theta.subspan(t * own(), own()));
}

template <class Real>
void Head<Real>::backward(std::span<const Real> w, std::span<const Real> h, std::span<const Real> d_theta,
                          std::span<const Real> d_shared, std::span<Real> dw, std::span<Real> dh) const {
  const auto map_w = w.subspan(fixed());
  const auto d_fixed = dw.empty() ? dw : dw.first(fixed()), d_map = dw.empty() ? dw : dw.subspan(fixed());
  std::fill(dh.begin(), dh.end(), Real(0));
  for (std::size_t i = 0; i < shared() && !dw.empty(); ++i) d_fixed[i] += d_shared[i];
  if (direct()) return map().backward(map_w, h, d_theta, d_map, dh);
  const std::size_t count = h.size() / shape_.width;
  Buffer<Real> moved(count * rows()), d_moved(moved.size());
  map().forward(map_w, h, moved);
  for (std::size_t t = 0; t < count; ++t)
    expand_backward(w.first(fixed()), std::span(moved).subspan(t * rows(), rows()),
                    d_theta.subspan(t * own(), own()), std::span(d_moved).subspan(t * rows(), rows()),
                    d_fixed);
  map().backward(map_w, h, d_moved, d_map, dh);
}

template class Head<float>;
template class Head<double>;

}  // namespace hypercast::hyper
