#include "similarity/delta/network.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "hyper/encoder.hpp"
#include "nn/mlp.hpp"

namespace hypercast::similarity {

namespace {

using Vector = Eigen::Map<const Eigen::VectorXd>;
using Eigen::Index;

Index length(std::size_t n) { return static_cast<Index>(n); }
Vector vector_of(std::span<const double> v) { return {v.data(), length(v.size())}; }
Eigen::Map<Eigen::VectorXd> target(std::span<double> v) { return {v.data(), length(v.size())}; }
double dot(std::span<const double> a, std::span<const double> b) { return vector_of(a).dot(vector_of(b)); }

// The encoder `code` of so many numbers.
nn::FunctionPtr<double> passing_through(std::size_t size) {
  const auto kind = hyper::encoder_registry().find("code").make();
  Section keys("condition.code");
  kind->describe(keys);
  for (const auto& key : keys.keys())
    if (key.name() == "size") key.assign(static_cast<int>(size));
  return kind->make({}, 0.0);
}

hyper::HeadPtr<double> full_head(std::size_t width, std::size_t m, std::size_t k) {
  return hyper::head_registry().find("full").make()->make({width, m * k, m * k, {{"weight", 0, m, k}}}, 0.0);
}

// [step] of an array [steps][size].
std::span<double> part(Buffer<double>& array, std::size_t step, std::size_t size) {
  return std::span(array).subspan(step * size, size);
}
std::span<const double> part(const Buffer<double>& array, std::size_t step, std::size_t size) {
  return std::span(array).subspan(step * size, size);
}

// One step of a descent, forward and back.
class Step {
 public:
  Step(const DeltaScheme& scheme, const ReadoutNetwork& network, Descent& descent, std::size_t step)
      : scheme_(scheme), net_(network), d_(descent), step_(step), tape_(network.hypernetwork.tape(1)) {
    net_.hypernetwork.embed(d_.trunk, d_.code, part(d_.h, step_, width()), tape_);
  }

  // From G_t: what the step adds to trunk and code.
  void take(std::span<const double> g) {
    std::copy(g.begin(), g.end(), part(d_.g, step_, g.size()).begin());
    Buffer<double> d_trunk(d_.trunk.size()), d_code(d_.code.size());
    const Buffer<double> dh = d_hidden(g);
    net_.hypernetwork.embed_backward(d_.code, dh, tape_, d_trunk, d_code);
    if (!scheme_.learned) std::fill(d_code.begin(), d_code.end(), 0.0);
    if (step_ == 0) start(d_trunk, d_code);
    target(d_.trunk) -= d_.eta * vector_of(d_trunk);
    target(d_.code) -= d_.eta * vector_of(d_code);
  }

 private:
  std::size_t width() const { return net_.hypernetwork.width(); }

  // V_t' G_t = V' G_t - eta sum_{s < t} (G_s . G_t) h_s
  Buffer<double> d_hidden(std::span<const double> g) const {
    Buffer<double> dh(width());
    const auto& hypernetwork = net_.hypernetwork;
    const auto h = part(d_.h, step_, width());
    hypernetwork.head().backward(hypernetwork.head_part(std::span<const double>(net_.phi)), h, g, {}, {}, dh);
    for (std::size_t s = 0; s < step_; ++s)
      target(dh) -= d_.eta * dot(part(d_.g, s, g.size()), g) * vector_of(part(d_.h, s, width()));
    return dh;
  }

  void start(const Buffer<double>& d_trunk, const Buffer<double>& d_code) {
    d_.d_trunk = d_trunk;
    d_.d_code = d_code;
    d_.square = gradient_product(scheme_, net_, d_, d_, true);
    d_.eta = scheme_.relative_step ? scheme_.rho * d_.loss / d_.square : scheme_.eta;
    if (!(d_.square > 0)) d_.eta = 0;
  }

  const DeltaScheme& scheme_;
  const ReadoutNetwork& net_;
  Descent& d_;
  std::size_t step_;
  hyper::Hypernetwork<double>::Tape tape_;
};

// h [width] of a code after a descent, or at phi_0 if that is null.
Buffer<double> hidden_at(const ReadoutNetwork& network, const Descent* after, std::span<const double> code) {
  auto tape = network.hypernetwork.tape(1);
  Buffer<double> h(network.hypernetwork.width());
  network.hypernetwork.embed(after ? after->trunk : network.phi, code, h, tape);
  return h;
}

// Weights [lanes][m k].
Buffer<double> weights_at(const ReadoutNetwork& network, std::span<const Place> places) {
  const std::size_t width = network.hypernetwork.width(), each = network.weights();
  const std::size_t lanes = lanes_for(places.size());
  Buffer<double> h(lanes * width), weights(lanes * each);
  for (std::size_t i = 0; i < places.size(); ++i)
    std::ranges::copy(hidden_at(network, places[i].after, places[i].code), part(h, i, width).begin());
  const auto& hypernetwork = network.hypernetwork;
  hypernetwork.head().forward(hypernetwork.head_part(std::span<const double>(network.phi)), h, weights);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i].after) continue;
    const Descent& after = *places[i].after;
    for (std::size_t t = 0; t * each < after.g.size(); ++t) {
      const double shared = dot(part(after.h, t, width), part(h, i, width)) + (network.bias ? 1 : 0);
      target(part(weights, i, each)) -= after.eta * shared * vector_of(part(after.g, t, each));
    }
  }
  return weights;
}

}  // namespace

ReadoutNetwork readout_network(const DeltaScheme& scheme, int repeat, std::size_t code, std::size_t m,
                               std::size_t k) {
  const std::size_t width = scheme.trunk ? scheme.hidden : code;
  nn::FunctionPtr<double> trunk;
  if (scheme.trunk)
    trunk = std::make_unique<nn::Mlp<double>>(std::vector<nn::Dense>{{code, width, scheme.activation, 1}});
  ReadoutNetwork network{
      {passing_through(code), 0, std::move(trunk), full_head(width, m, k)}, {}, scheme.bias};
  network.phi.assign(network.hypernetwork.params(), 0.0);
  const Random random(scheme.seed, Random::Purpose::weights, 2 * static_cast<std::uint32_t>(repeat));
  for (const auto& piece : network.hypernetwork.blocks()) {
    if (piece.is_bias) continue;
    const bool head = piece.offset >= network.trunk();
    const double spread = head ? scheme.init_scale / std::sqrt(static_cast<double>(width * m))
                               : 1 / std::sqrt(static_cast<double>(piece.columns));
    for (std::size_t i = piece.offset; i < piece.offset + piece.size(); ++i)
      network.phi[i] = spread * random.normal(i);
  }
  return network;
}

Buffer<double> Descent::numbers() const {
  Buffer<double> all{eta, loss, square};
  for (const auto* array : {&h, &g, &trunk, &code, &d_trunk, &d_code})
    all.insert(all.end(), array->begin(), array->end());
  return all;
}

void Descent::read(std::span<const double> numbers) {
  eta = numbers[0];
  loss = numbers[1];
  square = numbers[2];
  auto next = numbers.begin() + 3;
  for (auto* array : {&h, &g, &trunk, &code, &d_trunk, &d_code}) {
    std::copy_n(next, array->size(), array->begin());
    next += static_cast<std::ptrdiff_t>(array->size());
  }
}

Descent empty_descent(const DeltaScheme& scheme, const ReadoutNetwork& network) {
  Descent descent;
  const auto steps = static_cast<std::size_t>(scheme.steps);
  descent.h.resize(steps * network.hypernetwork.width());
  descent.g.resize(steps * network.weights());
  descent.trunk.assign(network.phi.begin(),
                       network.phi.begin() + static_cast<std::ptrdiff_t>(network.trunk()));
  descent.code.resize(network.hypernetwork.inputs());
  descent.d_trunk.resize(network.trunk());
  descent.d_code.resize(descent.code.size());
  return descent;
}

template <class Real>
std::vector<Descent> descend(const DeltaScheme& scheme, const ReadoutNetwork& network,
                             std::span<const double> codes, const ReadoutFeatures<Real>& features,
                             const ModelTargets& targets) {
  const std::size_t size = network.hypernetwork.inputs(), count = codes.size() / size;
  const std::size_t lanes = lanes_for(count), each = network.weights();
  std::vector<Descent> descents(count, empty_descent(scheme, network));
  for (std::size_t i = 0; i < count; ++i)
    std::copy_n(codes.begin() + static_cast<std::ptrdiff_t>(i * size), size, descents[i].code.begin());
  Buffer<double> losses(lanes), gradients(lanes * each);
  for (std::size_t t = 0; t < static_cast<std::size_t>(scheme.steps); ++t) {
    std::vector<Step> steps;
    std::vector<Place> places;
    for (auto& descent : descents) {
      steps.emplace_back(scheme, network, descent, t);
      places.push_back({&descent, descent.code});
    }
    const auto readouts = readouts_at<Real>(network, places, targets.outputs);
    evaluate<Real>(features, targets, readouts, losses, gradients);
    for (std::size_t i = 0; i < count; ++i) {
      if (t == 0) descents[i].loss = losses[i];
      steps[i].take(part(gradients, i, each));
    }
  }
  return descents;
}

template <class Real>
Readouts<Real> readouts_at(const ReadoutNetwork& network, std::span<const Place> places, std::size_t k) {
  return side_by_side<Real>(weights_at(network, places), lanes_for(places.size()), k);
}

double kappa(const ReadoutNetwork& network, const Descent& a, const Descent& b) {
  const std::size_t width = network.hypernetwork.width();
  return dot(part(a.h, 0, width), part(b.h, 0, width)) + (network.bias ? 1 : 0);
}

double gradient_product(const DeltaScheme& scheme, const ReadoutNetwork& network, const Descent& a,
                        const Descent& b, bool one) {
  const std::size_t each = network.weights();
  const double readouts = dot(part(a.g, 0, each), part(b.g, 0, each));
  const double codes = scheme.learned && one ? dot(a.d_code, b.d_code) : 0;
  return kappa(network, a, b) * readouts + dot(a.d_trunk, b.d_trunk) + codes;
}

template std::vector<Descent> descend(const DeltaScheme&, const ReadoutNetwork&, std::span<const double>,
                                      const ReadoutFeatures<float>&, const ModelTargets&);
template std::vector<Descent> descend(const DeltaScheme&, const ReadoutNetwork&, std::span<const double>,
                                      const ReadoutFeatures<double>&, const ModelTargets&);
template Readouts<float> readouts_at(const ReadoutNetwork&, std::span<const Place>, std::size_t);
template Readouts<double> readouts_at(const ReadoutNetwork&, std::span<const Place>, std::size_t);

}  // namespace hypercast::similarity
