#include "hyper/code_field.hpp"

#include <algorithm>

namespace hypercast::hyper {

CodeField::CodeField(const Model<double>& model, std::span<const double> phi, std::span<const double> x)
    : model_(model),
      phi_(phi),
      x_(x.begin(), x.end()),
      size_(model.hypernetwork.inputs() - model.facts.parameters.size()),
      inputs_(model.inr.inputs()),
      channels_(model.inr.channels()),
      linear_(model.hypernetwork.head().moves_readout_only() && !model.hypernetwork.has_trunk()),
      inr_(model.inr) {}

Buffer<double> CodeField::condition(std::span<const double> z, std::span<const double> mu) const {
  Buffer<double> c(z.begin(), z.end());
  c.insert(c.end(), mu.begin(), mu.end());
  return c;
}

void CodeField::values(std::span<const double> z, std::span<const double> mu, std::span<double> u) {
  model_.inr.evaluate(model_.hypernetwork.weights(phi_, condition(z, mu)), x_, u);
}

// Back through INR, head and trunk, one row of J as if it were one condition of a batch: block by block.
void CodeField::jacobian(std::span<const double> z, std::span<const double> mu, std::span<double> j) {
  const auto& hypernetwork = model_.hypernetwork;
  const auto& head = hypernetwork.head();
  const auto c = condition(z, mu);
  const auto theta = hypernetwork.weights(phi_, c);
  const std::size_t points = x_.size() / inputs_, width = hypernetwork.width();
  const std::size_t most = std::min(point_block, points) * channels_;
  auto tape = hypernetwork.tape(most);
  Buffer<double> conditions, h(most * width), dh(most * width), rows(most * head.own()), d_c(most * c.size()),
      d_phi(phi_.size()), d_shared(head.shared());
  for (std::size_t row = 0; row < most; ++row) conditions.insert(conditions.end(), c.begin(), c.end());
  for (std::size_t at = 0; at < points; at += point_block) {
    const std::size_t n = std::min(point_block, points - at), count = n * channels_;
    const auto x = std::span<const double>(x_).subspan(at * inputs_, n * inputs_);
    const auto some = [&](Buffer<double>& values, std::size_t each) {
      return std::span(values).first(count * each);
    };
    if (head.moves_readout_only())
      inr_.readout_rows(theta, x, some(rows, head.own()));
    else
      inr_.rows(theta, x, some(rows, head.own()));
    auto block_tape = count == most ? std::move(tape) : hypernetwork.tape(count);
    hypernetwork.embed(phi_, some(conditions, c.size()), some(h, width), block_tape);
    head.backward(hypernetwork.head_part(phi_), some(h, width), some(rows, head.own()), d_shared,
                  hypernetwork.head_part(std::span(d_phi)), some(dh, width));
    hypernetwork.embed_backward(phi_, some(conditions, c.size()), some(dh, width), block_tape, d_phi,
                                some(d_c, c.size()));
    if (count == most) tape = std::move(block_tape);
    for (std::size_t row = 0; row < count; ++row)
      std::copy_n(d_c.begin() + row * c.size(), size_, j.begin() + (at * channels_ + row) * size_);
  }
}

}  // namespace hypercast::hyper
