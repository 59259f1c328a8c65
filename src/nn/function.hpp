#pragma once
// Everything learned is y = f(w, x): a pure function of a flat parameter span that somebody else owns. A
// hypernetwork is one whose output is another one's w. Hence one optimiser, one reduction, one checkpoint.
//
// Shapes: x[rows][inputs], y[rows][outputs], row-major. Instantiated for float (training) and double
// (gradient tests, least squares). No function allocates while it computes: what the backward pass needs is
// left by the forward pass on the tape, memory that the caller provides.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"

namespace hypercast::nn {

// A named piece of w: a matrix [rows][columns] or, with columns = 1 and is_bias, a bias vector.
struct Block {
  std::string name;
  std::size_t offset = 0;
  std::size_t rows = 0;
  std::size_t columns = 1;
  bool is_bias = false;
  std::size_t size() const { return rows * columns; }
};

template <class Real>
class Function {
 public:
  virtual ~Function() = default;

  virtual std::size_t inputs() const = 0;
  virtual std::size_t outputs() const = 0;
  virtual std::vector<Block> blocks() const = 0;  // tile w in order of offset
  virtual std::size_t params() const = 0;         // w.size()
  virtual std::size_t tape_size(std::size_t rows) const = 0;

  virtual void initialise(std::span<Real> w, const Random& random) const = 0;

  // Calls take w in the form that suits them: as it is, or packed (padded, transposed, ..) into `storage` of
  // packed_size() numbers; pack() returns which. Gradients are added up in such a form, too, which begins as
  // packed_gradient_size() zeros and which unpack_gradient() ADDS to dw; 0: in dw itself. See nn/packed.hpp.
  virtual std::size_t packed_size() const { return 0; }
  virtual std::size_t packed_gradient_size() const { return 0; }
  virtual std::span<const Real> pack(std::span<const Real> w, std::span<Real> /*storage*/) const { return w; }
  virtual void unpack_gradient(std::span<const Real> /*d_packed*/, std::span<Real> /*dw*/) const {}

  // y = f(w, x) for x.size() / inputs() rows.
  virtual void forward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
                       std::span<Real> tape) const = 0;
  // The same, as good but perhaps cheaper; leaves nothing for a backward pass.
  virtual void evaluate(std::span<const Real> packed, std::span<const Real> x, std::span<Real> y,
                        std::span<Real> tape) const {
    forward(packed, x, y, tape);
  }
  // For the rows of the last forward pass on this tape: ADDS dL/dw to d_packed; WRITES dL/dx to dx unless dx
  // is empty. The tape is used up.
  virtual void backward(std::span<const Real> packed, std::span<const Real> x, std::span<Real> tape,
                        std::span<const Real> dy, std::span<Real> d_packed, std::span<Real> dx) const = 0;

  // What goes on inside, for those who want to look: outputs of the layers before the last, whose outputs are
  // y, [rows][width of the layer] on the tape of the last forward pass of so many rows.
  virtual std::size_t hidden_layers() const { return 0; }
  virtual std::span<const Real> hidden(std::size_t /*layer*/, std::size_t /*rows*/,
                                       std::span<const Real> /*tape*/) const {
    return {};
  }

  // The Jacobian df/dw by rows and by columns, for the rows of the last forward pass on this tape. They
  // take w as it is. The tape is not used up: both, and then backward(), may be called. (The default
  // implementations allocate, and cost a forward pass a row, or a row and output: for functions whose
  // Jacobian nobody needs often.) WRITES dw_rows[row][params] = dy[row]^T df(x[row])/dw.
  virtual void backward_rows(std::span<const Real> w, std::span<const Real> x, std::span<Real> tape,
                             std::span<const Real> dy, std::span<Real> dw_rows) const;
  // WRITES dy[row][outputs] = df(x[row])/dw v for a direction v[params].
  virtual void tangent(std::span<const Real> w, std::span<const Real> x, std::span<const Real> v,
                       std::span<Real> tape, std::span<Real> dy) const;
};

template <class Real>
using FunctionPtr = std::unique_ptr<Function<Real>>;

}  // namespace hypercast::nn
