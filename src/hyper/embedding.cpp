#include "hyper/embedding.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace hypercast::hyper {

namespace {

template <class Real>
class Embedding final : public nn::Function<Real> {
 public:
  Embedding(std::size_t count, std::size_t width) : count_(count), width_(width) {}

  std::size_t inputs() const override { return 1; }
  std::size_t outputs() const override { return width_; }
  std::size_t params() const override { return count_ * width_; }
  std::vector<nn::Block> blocks() const override { return {{"table", 0, count_, width_, false}}; }
  std::size_t tape_size(std::size_t) const override { return 0; }

  void initialise(std::span<Real> w, const Random& random) const override {
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<Real>(random.normal(i));
  }
  void forward(std::span<const Real> w, std::span<const Real> x, std::span<Real> y,
               std::span<Real>) const override {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto row = w.subspan(row_of(x[i]) * width_, width_);
      std::copy(row.begin(), row.end(), y.begin() + i * width_);
    }
  }
  void backward(std::span<const Real>, std::span<const Real> x, std::span<Real>, std::span<const Real> dy,
                std::span<Real> dw, std::span<Real> dx) const override {
    for (std::size_t i = 0; i < x.size(); ++i)
      for (std::size_t k = 0; k < width_; ++k) dw[row_of(x[i]) * width_ + k] += dy[i * width_ + k];
    std::fill(dx.begin(), dx.end(), Real(0));  // an index has no slope; dx may be empty
  }

 private:
  std::size_t row_of(Real x) const {
    const auto row = static_cast<std::size_t>(x);
    check(row < count_, "an index condition beyond the embedding table");
    return row;
  }

  std::size_t count_, width_;
};

}  // namespace

template <class Real>
nn::FunctionPtr<Real> make_embedding(std::size_t count, std::size_t width) {
  return std::make_unique<Embedding<Real>>(count, width);
}

template nn::FunctionPtr<float> make_embedding(std::size_t, std::size_t);
template nn::FunctionPtr<double> make_embedding(std::size_t, std::size_t);

}  // namespace hypercast::hyper
