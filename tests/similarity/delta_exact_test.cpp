// Delta against its definition: gradients, whole steps of all parameters, and what is known exactly.

#include <gtest/gtest.h>

#include "../nn/gradient_check.hpp"
#include "delta_models.hpp"
#include "similarity/delta/codes.hpp"
#include "similarity/delta/network.hpp"

using namespace hypercast;
using namespace hypercast::similarity;

namespace {

using Numbers = std::span<const double>;

// The loss of a classifier W [m][k] on F [n][m], by the book.
struct Plain {
  std::size_t n, m, k;
  std::vector<double> f;
  std::vector<int> labels;
  ReadoutLoss loss_kind;

  std::vector<double> outputs(Numbers w) const {
    std::vector<double> y(n * k);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t a = 0; a < m; ++a)
        for (std::size_t c = 0; c < k; ++c) y[i * k + c] += f[i * m + a] * w[a * k + c];
    return y;
  }
  double loss(Numbers w) const {
    const auto y = outputs(w);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto label = static_cast<std::size_t>(labels[i]);
      double parts = 0;
      for (std::size_t c = 0; c < k; ++c)
        parts += loss_kind == ReadoutLoss::squared ? std::pow(y[i * k + c] - (c == label), 2) / 2
                                                   : std::exp(y[i * k + c]);
      sum += loss_kind == ReadoutLoss::squared ? parts : std::log(parts) - y[i * k + label];
    }
    return sum / static_cast<double>(n);
  }
  std::vector<double> gradient(Numbers w) const {
    auto y = outputs(w);
    std::vector<double> g(m * k);
    for (std::size_t i = 0; i < n; ++i) {
      double sum = 0;
      for (std::size_t c = 0; c < k; ++c) sum += std::exp(y[i * k + c]);
      for (std::size_t c = 0; c < k; ++c) {
        const double said = loss_kind == ReadoutLoss::squared ? y[i * k + c] : std::exp(y[i * k + c]) / sum;
        const double slope = said - (static_cast<int>(c) == labels[i]);
        for (std::size_t a = 0; a < m; ++a) g[a * k + c] += f[i * m + a] * slope / static_cast<double>(n);
      }
    }
    return g;
  }
};

Plain plain(const Model& model, const Inputs& inputs, std::size_t m, ReadoutLoss loss) {
  Plain p{inputs.n, m, inputs.classes, std::vector<double>(inputs.n * m), inputs.labels, loss};
  for (std::size_t i = 0; i < inputs.n; ++i)
    std::copy_n(model.values.begin() + static_cast<std::ptrdiff_t>(i * model.width), model.width,
                p.f.begin() + static_cast<std::ptrdiff_t>(i * m));
  return p;
}

ReadoutFeatures<double> raw_features(const Plain& p) {
  ReadoutFeatures<double> f;
  f.n = p.n;
  f.m = f.inner = p.m;
  f.x = KeptRows<double>(p.n, p.m);
  f.x.append(p.f);
  return f;
}

ModelTargets targets_of(const Plain& p) { return {p.loss_kind, p.k, p.labels, {}}; }

// dl/dphi and dl/dc, by the trainer's own passes through head and trunk.
struct WholeGradient {
  Buffer<double> phi, code;
};
WholeGradient whole_gradient(const ReadoutNetwork& network, Numbers phi, Numbers code, const Plain& p) {
  const auto& h = network.hypernetwork;
  WholeGradient d{Buffer<double>(phi.size()), Buffer<double>(code.size())};
  auto tape = h.tape(1);
  Buffer<double> hidden(h.width()), d_hidden(h.width());
  h.embed(phi, code, hidden, tape);
  const auto g = p.gradient(h.weights(phi, code));
  h.head().backward(h.head_part(phi), hidden, g, {}, h.head_part(std::span(d.phi)), d_hidden);
  h.embed_backward(code, d_hidden, tape, d.phi, d.code);
  if (!network.bias)
    std::fill(d.phi.end() - static_cast<std::ptrdiff_t>(network.weights()), d.phi.end(), 0.0);
  return d;
}

// Delta by steps of all of phi, nothing saved.
std::vector<double> by_definition(const DeltaScheme& scheme, const std::vector<Plain>& models) {
  const std::size_t count = models.size(), m = models[0].m, k = models[0].k;
  const auto network = readout_network(scheme, 0, code_size(scheme, count), m, k);
  const auto codes = model_codes(scheme, 0, count, {});
  const std::size_t size = codes.size() / count;
  const auto code = [&](std::size_t j) { return std::span(codes).subspan(j * size, size); };
  std::vector<double> delta;
  for (std::size_t a = 0; a < count; ++a) {
    Buffer<double> phi = network.phi, own(code(a).begin(), code(a).end());
    for (int t = 0; t < scheme.steps; ++t) {
      const auto d = whole_gradient(network, phi, own, models[a]);
      for (std::size_t i = 0; i < phi.size(); ++i) phi[i] -= scheme.eta * d.phi[i];
      for (std::size_t i = 0; i < size && scheme.learned; ++i) own[i] -= scheme.eta * d.code[i];
    }
    for (std::size_t b = 0; b < count; ++b)
      delta.push_back(models[b].loss(network.hypernetwork.weights(network.phi, code(b))) -
                      models[b].loss(network.hypernetwork.weights(phi, a == b ? Numbers(own) : code(b))));
  }
  return delta;
}

DeltaScheme literal() {
  DeltaScheme scheme;
  scheme.centred = scheme.relative_step = false;
  scheme.map = FeatureMap::raw;
  scheme.eta = 0.1;
  scheme.repeats = 1;
  scheme.code_size = 5;
  scheme.hidden = 9;
  return scheme;
}

struct Small {
  Inputs inputs{533, 3};  // several blocks, the last ones not full
  std::vector<Model> models{encoder(inputs, 4, 1), encoder(inputs, 7, 2), encoder(inputs, 6, 3)};
  std::vector<Plain> plains(ReadoutLoss loss) const {
    std::vector<Plain> all;
    for (const auto& model : models) all.push_back(plain(model, inputs, 7, loss));
    return all;
  }
};

std::vector<double> centred(const Model& model) {
  std::vector<double> x = model.values;
  for (std::size_t j = 0; j < model.width; ++j) {
    double sum = 0;
    for (std::size_t at = j; at < x.size(); at += model.width) sum += x[at];
    for (std::size_t at = j; at < x.size(); at += model.width)
      x[at] -= sum * static_cast<double>(model.width) / static_cast<double>(x.size());
  }
  return x;
}

double inner(const std::vector<double>& x, std::size_t width, std::size_t i, std::size_t l) {
  const auto row = [&](std::size_t at) { return x.begin() + static_cast<std::ptrdiff_t>(at * width); };
  return std::inner_product(row(i), row(i + 1), row(l), 0.0);
}

// F_ia = (X Z')_ia
double entry(const ReadoutFeatures<double>& f, std::size_t i, std::size_t a) {
  const auto one = [](std::size_t row) {
    return Range{static_cast<std::int64_t>(row), static_cast<std::int64_t>(row) + 1};
  };
  Buffer<double> room, more_room;
  const auto x = f.x.rows(one(i), room);
  if (!f.has_anchors()) return a < f.inner ? x[a] : 0;
  const auto z = f.anchors(one(a), more_room);
  return std::inner_product(x.begin(), x.end(), z.begin(), 0.0);
}

}  // namespace

// Cosines with anchors, and inner products of rows of mean norm one, by the book.
TEST(Delta, SeesFeaturesThroughItsMaps) {
  const Small small;
  const auto order = all_rows(533);
  const std::vector<std::size_t> widths{4, 7, 300};
  for (const std::size_t width : {7, 300})  // fewer than anchors, and more
    for (const auto map : {FeatureMap::relative, FeatureMap::gram}) {
      DeltaScheme scheme;
      scheme.map = map;
      const auto shape = feature_shape(scheme, order, widths);
      EXPECT_EQ(shape.m, map == FeatureMap::gram ? 533u : 133u);
      const Model model = encoder(small.inputs, width, 2);
      const auto f = make_features<double>(scheme, shape, width, [&](const SeeRows& see) {
        see(0, std::span(model.values).first(512 * width));
        see(512, std::span(model.values).subspan(512 * width));
      });
      const auto x = centred(model);
      double size = 0;  // mean norm
      for (std::size_t i = 0; i < 533; ++i) size += std::sqrt(inner(x, width, i, i)) / 533;
      for (std::size_t i = 0; i < 533; i += 7)
        for (std::size_t a = 0; a < shape.m; ++a) {
          const auto row = static_cast<std::size_t>(shape.anchors[a]);
          const double both = std::sqrt(inner(x, width, i, i) * inner(x, width, row, row));
          const double wanted = inner(x, width, i, row) / (map == FeatureMap::gram ? size * size : both);
          EXPECT_NEAR(entry(f, i, a), wanted, 1e-12);
        }
    }
}

TEST(Delta, GradientsAgreeWithFiniteDifferences) {
  const Small small;
  for (const auto loss : {ReadoutLoss::cross_entropy, ReadoutLoss::squared})
    for (const bool trunk : {true, false}) {
      DeltaScheme scheme = literal();
      scheme.trunk = trunk;
      scheme.learned = true;
      scheme.conditioning = ModelCode::embed;
      const Plain p = small.plains(loss)[1];
      const auto network = readout_network(scheme, 0, 5, p.m, p.k);
      const auto code = model_codes(scheme, 0, 1, {});
      const Descent d = descend<double>(scheme, network, code, raw_features(p), targets_of(p)).front();
      Buffer<double> gradient = d.d_trunk;  // [trunk | V | b], then the code
      for (const double g : d.g)
        for (const double h : d.h) gradient.push_back(g * h);
      gradient.insert(gradient.end(), d.g.begin(), d.g.end());
      gradient.insert(gradient.end(), d.d_code.begin(), d.d_code.end());
      Buffer<double> at = network.phi;
      at.insert(at.end(), code.begin(), code.end());
      const auto loss_at = [&](Numbers x) {
        return p.loss(network.hypernetwork.weights(x.first(x.size() - 5), x.last(5)));
      };
      EXPECT_LT(gradient_error(loss_at, at, gradient), 1e-9) << "trunk " << trunk;
      double square = 0;
      for (const double g : gradient) square += g * g;
      EXPECT_NEAR(d.square, square, 1e-12 * square);
      EXPECT_NEAR(d.loss, loss_at(at), 1e-13);
    }
}

TEST(Delta, IsWhatItsDefinitionSays) {
  const Small small;
  std::vector<DeltaScheme> schemes(7, literal());
  schemes[1].conditioning = ModelCode::embed;
  schemes[2] = schemes[1];
  schemes[2].learned = true;
  schemes[3] = schemes[2];
  schemes[3].steps = 3;
  schemes[4].steps = 4;
  schemes[4].loss = ReadoutLoss::squared;
  schemes[5].conditioning = ModelCode::onehot;
  schemes[5].bias = false;
  schemes[5].steps = 2;
  schemes[6].trunk = false;
  schemes[6].conditioning = ModelCode::user;
  schemes[6].vectors = {{1, 0.5}, {-0.3, 2}, {0.2, 0.1}};
  for (std::size_t s = 0; s < schemes.size(); ++s) {
    const auto wanted = by_definition(schemes[s], small.plains(schemes[s].loss));
    const auto found = delta_of(small.models, small.inputs, schemes[s]);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      EXPECT_NEAR(found.delta[i], wanted[i], 2e-14) << "scheme " << s << ", entry " << i;
  }
}

// Delta = eta kappa <G_A, G_B> - eta^2 kappa^2 / (2 n) |F_B G_A|^2 when h is fixed.
TEST(Delta, OfASquaredLossIsExact) {
  const Small small;
  DeltaScheme scheme = literal();
  scheme.trunk = false;
  scheme.loss = ReadoutLoss::squared;
  scheme.conditioning = ModelCode::embed;
  scheme.eta = 0.5;
  const auto found = delta_of(small.models, small.inputs, scheme);
  const auto plains = small.plains(scheme.loss);
  const auto network = readout_network(scheme, 0, 5, 7, 3);
  const auto codes = model_codes(scheme, 0, 3, {});
  const auto code = [&](std::size_t j) { return Numbers(codes).subspan(j * 5, 5); };
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b) {
      const auto g_a = plains[a].gradient(network.hypernetwork.weights(network.phi, code(a)));
      const auto g_b = plains[b].gradient(network.hypernetwork.weights(network.phi, code(b)));
      double kappa = 1, inner = 0, square = 0;
      for (std::size_t i = 0; i < 5; ++i) kappa += code(a)[i] * code(b)[i];
      for (std::size_t i = 0; i < g_a.size(); ++i) inner += g_a[i] * g_b[i];
      for (const double y : plains[b].outputs(g_a)) square += y * y;
      const double step = scheme.eta * kappa;
      EXPECT_NEAR(found.delta[a * 3 + b], step * inner - step * step * square / (2.0 * 533), 1e-13);
      EXPECT_NEAR(found.kappa[a * 3 + b], kappa, 1e-13);
      EXPECT_NEAR(found.first_order[a * 3 + b], step * inner, 1e-13);
    }
}

TEST(Delta, OfModelsThatShareNothingIsZeroBitwise) {
  const Inputs inputs(301, 4);
  constexpr std::size_t count = 11;
  std::vector<Model> models;
  for (std::uint32_t j = 0; j < count; ++j) models.push_back(encoder(inputs, 4 + 3 * j, j));
  for (const auto map : {FeatureMap::raw, FeatureMap::relative})
    for (const bool single : {false, true}) {
      DeltaScheme scheme = literal();
      scheme.map = map;
      scheme.trunk = scheme.bias = false;
      scheme.conditioning = ModelCode::onehot;
      scheme.single_precision = single;
      const auto found = delta_of(models, inputs, scheme);
      for (std::size_t i = 0; i < count * count; ++i) {
        if (i % (count + 1) == 0)
          EXPECT_GT(found.delta[i], 1e-4);
        else
          EXPECT_EQ(found.delta[i], 0.0) << i;
      }
    }
}

TEST(Delta, PredictsValuesToo) {
  const Small small;
  DeltaScheme scheme = literal();
  scheme.loss = ReadoutLoss::squared;
  std::vector<double> values(533 * 3);
  for (std::size_t i = 0; i < 533; ++i) values[i * 3 + static_cast<std::size_t>(small.inputs.labels[i])] = 1;
  const Bench run(test_world(), small.models);
  const auto of_values = run({{}, 0, values, 3}, scheme), of_labels = run(targets_of(small.inputs), scheme);
  EXPECT_EQ(of_values.delta, of_labels.delta);
  for (double& v : values) v *= 2;
  EXPECT_NE(run({{}, 0, values, 3}, scheme).delta, of_labels.delta);
}
