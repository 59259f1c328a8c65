#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "../nn/gradient_check.hpp"
#include "hyper/difference.hpp"
#include "hyper/frame_pass.hpp"
#include "hyper/model_file.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::hyper;

namespace {

ModelFacts facts_2d() {
  ModelFacts facts;
  facts.dataset_name = "test";
  facts.channels = {"u", "v"};
  facts.mean = {0.5, -1};
  facts.scale = {2, 3};
  facts.axes = {{"x", {0, 0.25, 0.5, 0.75}, io::Boundary::periodic},
                {"y", {0.5, 1.5, 2.5}, io::Boundary::neumann}};
  facts.window_start = 1;
  facts.window_end = 3;
  facts.frame_interval = 0.5;
  facts.train_times = {1, 1.5, 2.5, 3};
  facts.held_out_times = {2};
  facts.conditions.count = 5;
  facts.conditions.rates = {{-0.5, 3}, {-0.5, -3}, {-0.1, 0}};
  return facts;
}

std::string small_deck(const std::string& encoder, const std::string& head, int depth = 2,
                       const std::string& inr = "siren", const std::string& parameters = "[]") {
  return "[inr]\nname = \"" + inr +
         "\"\n[inr.siren]\nwidth = 6\ndepth = 2\nomega0 = 3\nomega = 2\n"
         "[inr.fourier]\nmax_wavenumber = 2\nwidth = 6\ndepth = 1\n"
         "[inr.mfn]\nwidth = 5\ndepth = 2\nscale = 2\n"
         "[inr.pod]\nmodes = 3\n"
         "[condition]\nencoder = \"" +
         encoder + "\"\nparameters = " + parameters +
         "\n[condition.code]\nsize = 4\n[hypernetwork]\nhead = \"" + head +
         "\"\nwidth = 5\ninit_scale = 0.5\ndepth = " + std::to_string(depth) +
         "\n[hypernetwork.low_rank]\nrank = 2\n[condition.index]\nwidth = 3\n";
}

Schema model_schema() {
  Schema schema;
  add_model_sections(schema);
  return schema;
}

struct Built {
  Schema schema = model_schema();
  Deck deck;
  ModelFacts facts = facts_2d();
  Model<double> model;
  Buffer<double> phi;
  explicit Built(const std::string& text) : deck(schema, text, "test.toml"), model(make(deck, facts)) {
    phi = model.initial(1);
    // Off the symmetric start, so that no gradient vanishes by accident.
    const Random random(5, Random::Purpose::test);
    for (std::size_t i = 0; i < phi.size(); ++i) phi[i] += 0.05 * random.normal(i);
  }
  static Model<double> make(const Deck& deck, ModelFacts& facts) {
    const auto conditioning = conditioning_of(deck);
    facts.condition = conditioning.kind;
    for (const auto& name : conditioning.parameters) facts.parameters.push_back({name, 2, 0.5});
    return make_model<double>(deck, facts);
  }
};

Buffer<double> test_inputs(const Model<double>& model) {
  const auto points = grid_points(model.facts.axes);
  Buffer<double> x(points.size() / 2 * model.coordinates.inputs());
  model.coordinates.embed<double>(points, x);
  return x;
}

// Three conditions; the whole model behind one loss, through the same pieces as training uses.
struct Behind {
  const Model<double>& model;
  Buffer<double> x = test_inputs(model), c;
  std::vector<double> targets;  // [frame][point][channel]

  explicit Behind(const Model<double>& m) : model(m) {
    const Random random(9, Random::Purpose::test);
    for (const double value : {1.0, 1.7, 2.9}) {
      c.push_back(m.facts.condition == Condition::index ? std::floor(value) : m.scaled(value));
      while (c.size() % m.hypernetwork.inputs() != 0) c.push_back(0.3 * random.normal(1000 + c.size()));
    }
    for (std::size_t i = 0; i < 3 * m.facts.points() * 2; ++i) targets.push_back(random.normal(i));
  }
  double loss(std::span<const double> phi) const {
    const auto theta = model.hypernetwork.weights(phi, c);
    const std::size_t frame = model.facts.points() * 2;
    double sum = 0;
    Buffer<double> values(frame);
    for (std::size_t t = 0; t < 3; ++t) {
      model.inr.evaluate(std::span(theta).subspan(t * model.inr.params(), model.inr.params()), x, values);
      for (std::size_t i = 0; i < frame; ++i)
        sum += (1.0 + t) * std::pow(values[i] - targets[t * frame + i], 2) / frame;
    }
    return sum;
  }
  Buffer<double> gradient(std::span<const double> phi) const {
    Buffer<double> d_c(c.size());
    return gradient(phi, d_c);
  }
  Buffer<double> gradient(std::span<const double> phi, std::span<double> d_c) const;
};

Buffer<double> Behind::gradient(std::span<const double> phi, std::span<double> d_c) const {
  const auto& hypernetwork = model.hypernetwork;
  const auto& head = hypernetwork.head();
  const std::size_t own = head.own(), hidden = model.inr.hidden(), n = model.facts.points();
  auto tape = hypernetwork.tape(3);
  Buffer<double> h(3 * hypernetwork.width()), dh(h.size()), theta(3 * own), d_theta(3 * own),
      d_shared(head.shared());
  hypernetwork.embed(phi, c, h, tape);
  head.forward(hypernetwork.head_part(phi), h, theta);
  const Buffer<double> weights{1, 2, 3};
  FramePass<double> pass(model.inr, 3);
  std::vector<double> losses(3);
  if (head.shared() > 0) {
    Buffer<double> interleaved(n * 6);
    for (std::size_t t = 0; t < 3; ++t)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < 2; ++k) interleaved[i * 6 + t * 2 + k] = targets[(t * n + i) * 2 + k];
    pass.run({hypernetwork.shared_part(phi), theta, x, interleaved, weights}, losses, d_shared, d_theta);
  } else {
    for (std::size_t t = 0; t < 3; ++t) {
      const auto mine = std::span<const double>(theta).subspan(t * own, own);
      const auto d_mine = std::span(d_theta).subspan(t * own, own);
      pass.run({mine.first(hidden), mine.subspan(hidden), x,
                std::span<const double>(targets).subspan(t * n * 2, n * 2),
                std::span<const double>(weights).subspan(t, 1)},
               std::span(losses).subspan(t, 1), d_mine.first(hidden), d_mine.subspan(hidden));
    }
  }
  Buffer<double> d_phi(phi.size());
  head.backward(hypernetwork.head_part(phi), h, d_theta, d_shared, hypernetwork.head_part(std::span(d_phi)),
                dh);
  hypernetwork.embed_backward(c, dh, tape, d_phi, d_c);
  return d_phi;
}

}  // namespace

TEST(Conformance, TheSlopeAlongTheConditionIsRight) {
  for (const std::string encoder : {"time_fourier", "code"}) {
    for (const std::string parameters : {"[]", "[\"viscosity\", \"speed\"]"}) {
      const Built built(small_deck(encoder, "low_rank", 2, "siren", parameters));
      Behind behind(built.model);
      Buffer<double> d_c(behind.c.size());
      behind.gradient(built.phi, d_c);
      const auto at = [&](auto c) {
        behind.c.assign(c.begin(), c.end());
        return behind.loss(built.phi);
      };
      EXPECT_LT(gradient_error(at, Buffer<double>(behind.c), d_c), 1e-6) << encoder << parameters;
    }
  }
}

// Conformance: every encoder with every head, alone and behind the hypernetwork.
TEST(Conformance, EveryGradientMatchesFiniteDifferences) {
  for (const auto& encoder : encoder_registry().names()) {
    for (const auto& head : head_registry().names()) {
      for (const int depth : {0, 2}) {
        const Built built(small_deck(encoder, head, depth));
        const Behind behind(built.model);
        const auto gradient = behind.gradient(built.phi);
        EXPECT_LT(gradient_error([&](auto phi) { return behind.loss(phi); }, built.phi, gradient), 1e-6)
            << encoder << " " << head << " depth " << depth;
      }
    }
  }
}

TEST(Conformance, EveryInrBehindEveryHeadHasTheRightGradient) {
  for (const auto& inr : inr_registry().names()) {
    for (const auto& head : head_registry().names()) {
      const Built built(small_deck("time_fourier", head, 1, inr));
      const Behind behind(built.model);
      const auto gradient = behind.gradient(built.phi);
      EXPECT_LT(gradient_error([&](auto phi) { return behind.loss(phi); }, built.phi, gradient), 1e-6)
          << inr << " " << head;
    }
  }
}

TEST(Conformance, EveryInrGradientMatchesFiniteDifferences) {
  for (const auto& name : inr_registry().names()) {
    auto kind = inr_registry().find(name).make();
    const Inr<double> inr(kind->features({facts_2d().axes}, double{}), 2);
    Buffer<double> theta(inr.params()), x(3 * 5), targets(2 * 5);
    inr.initialise(theta, Random(2, Random::Purpose::weights));
    const Random random(4, Random::Purpose::test);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = random.normal(i);
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = random.normal(100 + i);
    const auto loss = [&](std::span<const double> w) {
      Buffer<double> u(targets.size());
      inr.evaluate(w, x, u);
      double sum = 0;
      for (std::size_t i = 0; i < u.size(); ++i) sum += std::pow(u[i] - targets[i], 2) / u.size();
      return sum;
    };
    Buffer<double> gradient(theta.size());
    const Buffer<double> weight{1};
    std::vector<double> losses(1);
    FramePass<double> pass(inr, 1);
    const auto hidden = inr.hidden();
    pass.run({std::span(theta).first(hidden), std::span(theta).subspan(hidden), x, targets, weight}, losses,
             std::span(gradient).first(hidden), std::span(gradient).subspan(hidden));
    EXPECT_NEAR(losses[0], loss(theta), 1e-12 * std::max(1.0, losses[0])) << name;
    EXPECT_LT(gradient_error(loss, theta, gradient), 1e-6) << name;
    std::size_t tiled = 0;
    for (const auto& block : inr.blocks()) {
      EXPECT_EQ(block.offset, tiled) << name;
      tiled += block.size();
    }
    EXPECT_EQ(tiled, inr.params()) << name;
  }
}

TEST(Conformance, BatchOfOneEqualsBatchOfMany) {
  for (const auto& head : head_registry().names()) {
    const Built built(small_deck("time_fourier", head));
    const Buffer<double> c{0.1, 0.5, 0.9};
    const auto together = built.model.hypernetwork.weights(built.phi, c);
    const std::size_t size = built.model.inr.params();
    for (std::size_t t = 0; t < 3; ++t) {
      const auto alone = built.model.hypernetwork.weights(built.phi, std::span(c).subspan(t, 1));
      for (std::size_t i = 0; i < size; ++i) ASSERT_NEAR(alone[i], together[t * size + i], 1e-13) << head;
    }
  }
}

TEST(Conformance, TheBlocksOfEveryModelTileItsParameters) {
  for (const auto& encoder : encoder_registry().names()) {
    for (const auto& head : head_registry().names()) {
      const Built built(small_deck(encoder, head));
      std::size_t next = 0;
      for (const auto& block : built.model.hypernetwork.blocks()) {
        EXPECT_EQ(block.offset, next) << block.name << " of " << encoder << " " << head;
        next += block.size();
      }
      EXPECT_EQ(next, built.model.params()) << encoder << " " << head;
    }
  }
}

TEST(Coordinates, PeriodicAxesCloseAndOthersSpanMinusOneToOne) {
  const Coordinates coordinates(
      {{"x", io::Boundary::periodic, 1.0, 2.0}, {"y", io::Boundary::open, -1.0, 4.0}});
  ASSERT_EQ(coordinates.inputs(), 3u);
  const std::vector<double> points{1.0, -1.0, 3.0, 3.0};
  std::vector<double> inputs(6);
  coordinates.embed<double>(points, inputs);
  EXPECT_NEAR(inputs[0], inputs[3], 1e-15);
  EXPECT_NEAR(inputs[1], inputs[4], 1e-15);
  EXPECT_EQ(inputs[2], -1);
  EXPECT_EQ(inputs[5], 1);
}

TEST(Coordinates, GridPointsRunWithTheLastAxisFastest) {
  const auto points = grid_points(facts_2d().axes);
  ASSERT_EQ(points.size(), 4u * 3 * 2);
  EXPECT_EQ(points[0], 0);
  EXPECT_EQ(points[1], 0.5);
  EXPECT_EQ(points[2], 0);
  EXPECT_EQ(points[3], 1.5);
  EXPECT_EQ(points[6], 0.25);
}

TEST(ModelFile, RoundTripKeepsEverything) {
  const Built built(small_deck("time_spectral", "last_layer", 0));
  const auto model = make_model<float>(built.deck, built.facts);
  const StoredModel stored{model_deck(built.deck), layout_text(model), built.facts};
  const auto phi = model.initial(7);
  io::Archive archive;
  put_model(archive, stored);
  put_phi(archive, phi);
  const StoredModel back = get_model(archive);
  EXPECT_EQ(back.deck, stored.deck);
  EXPECT_EQ(back.layout, stored.layout);
  EXPECT_EQ(get_phi(archive), phi);
  EXPECT_EQ(mismatch(stored.deck, stored.facts, back.deck, back.facts), "");
  EXPECT_EQ(back.facts.axes[1].boundary, io::Boundary::neumann);
  EXPECT_EQ(back.facts.conditions.rates, stored.facts.conditions.rates);
  EXPECT_EQ(back.facts.held_out_times, stored.facts.held_out_times);
  // The text alone makes the same model.
  const Deck deck = deck_of_model(built.schema, back.deck);
  EXPECT_EQ(make_model<float>(deck, back.facts).params(), model.params());
  EXPECT_EQ(model_deck(deck), back.deck);
}

TEST(ModelFile, AnotherArchitectureIsNamed) {
  const Built a(small_deck("time_fourier", "full")), b(small_deck("time_fourier", "last_layer"));
  EXPECT_EQ(mismatch(model_deck(a.deck), a.facts, model_deck(b.deck), b.facts),
            "[hypernetwork] head = \"full\" here, [hypernetwork] head = \"last_layer\" there");
  ModelFacts other = a.facts;
  other.channels = {"w"};
  EXPECT_EQ(mismatch(model_deck(a.deck), a.facts, model_deck(a.deck), other), "other fields");
}
