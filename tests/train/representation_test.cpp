#include "train/representation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "hyper/grid_modes.hpp"
#include "nn/pod.hpp"
#include "room.hpp"
#include "synthetic.hpp"
#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::train;

namespace {

struct Folder {
  const Comm& world;
  std::filesystem::path path;
  Folder(const std::string& name, const io::TrajectoryLayout& layout)
      : world(test_world()), path(synthetic::folder(world, name)) {
    synthetic::write(world, path, layout);
  }
  ~Folder() {
    world.barrier();
    if (world.is_root()) std::filesystem::remove_all(path);
  }
};

Schema schema_of_models() {
  Schema schema;
  hyper::add_model_sections(schema);
  return schema;
}

// `drawn`: the part of the points observed, drawn anew for each trajectory when `own`.
Dataset open(const Context& context, const std::filesystem::path& folder,
             const hyper::Conditioning& condition, double drawn = 1, bool own = false) {
  const auto list = window_frames(context.comm, folder, {}, condition);
  std::string source;
  auto observed = hyper::observed_points(context.comm, folder, {drawn, own, 3}, list.layout.axes,
                                         list.pieces.size(), source);
  return Dataset(context, list, {}, condition, std::move(observed));
}

struct Found {
  std::vector<float> codes;
  double error;
  hyper::CodeFacts facts;
};

// Codes of INRs with nothing to train.
Found linear_codes(const Context& context, const std::filesystem::path& folder, const std::string& text,
                   double observed = 1, bool own = false) {
  const Schema schema = schema_of_models();
  const Deck deck(
      schema, "[hypernetwork]\nhead = \"last_layer\"\ndepth = 0\n[condition]\nencoder = \"code\"\n" + text,
      "test.toml");
  const auto data = open(context, folder, hyper::conditioning_of(deck), observed, own);
  auto model = hyper::make_model<float>(deck, data.facts());
  Buffer<float> hidden;
  if (hyper::wants_modes(deck)) {
    std::vector<std::span<const float>> frames;
    for (const int sample : data.split().fitted) frames.push_back(data.frame(sample));
    hidden = hyper::grid_modes(frames, model.inr.channels(), model.inr.features().outputs());
  }
  auto found = linear_representation(context, data, model, hidden, hyper::code_size(deck));
  model.facts.codes = found.codes;
  const auto fine = hyper::make_model<double>(deck, model.facts);
  const Buffer<double> phi(found.phi.begin(), found.phi.end());
  double error = 0;
  auto codes = encode(context, data, fine, phi, {}, error);
  return {std::move(codes), error, found.codes};
}

TEST(Modes, GiveTheCodesOfTheProperOrthogonalDecomposition) {
  const Folder folder("modes", synthetic::layout(32, 8, 2, 6));
  const std::size_t size = 1;
  const std::string text = "[inr]\nname = \"pod\"\n[condition.code]\nsize = 1\n";
  Room self(MPI_COMM_SELF), all(MPI_COMM_WORLD);
  const auto alone = linear_codes(self.context, folder.path, text);
  const auto together = linear_codes(all.context, folder.path, text);
  EXPECT_EQ(alone.codes, together.codes);
  EXPECT_EQ(alone.facts.covariance, together.facts.covariance);

  const auto data = open(self.context, folder.path, hyper::Condition::code);
  std::vector<std::span<const float>> frames;
  for (const int sample : data.split().fitted) frames.push_back(data.frame(sample));
  const auto pod = nn::pod(frames, {.max_rank = static_cast<int>(size), .centred = true});
  for (std::size_t j = 0; j < size; ++j)
    EXPECT_NEAR(std::sqrt(alone.facts.covariance[j * size + j]), pod.singular_values[j],
                1e-4 * pod.singular_values[0]);
  // Errors are in the units of the fields, channel by channel.
  Buffer<float> back(frames.size() * data.frame_size());
  Buffer<double> z(frames.size() * size);
  Buffer<float> whole;
  for (const auto& frame : frames) whole.insert(whole.end(), frame.begin(), frame.end());
  pod.encode(whole, z);
  pod.decode(z, back);
  double expected = 0;
  for (std::size_t i = 0; i < back.size(); ++i)
    expected +=
        std::pow(data.facts().scale[i % 2] * (back[i] - whole[i]), 2) / static_cast<double>(back.size());
  EXPECT_GT(expected, 1e-4);
  EXPECT_NEAR(alone.error, expected, 0.02 * expected);
}

TEST(Modes, AreRefusedWhereTheFramesHaveFewer) {
  const Folder folder("few_modes", synthetic::layout(32, 3, 1, 1));
  Room self(MPI_COMM_SELF);
  EXPECT_THROW(linear_codes(self.context, folder.path, "[inr]\nname = \"pod\"\n[condition.code]\nsize = 9\n"),
               UserError);
}

// Fewer points than unknowns, other points in every trajectory.
TEST(Codes, OfFewPointsThatDifferFromTrajectoryToTrajectory) {
  const Folder folder("own_masks", synthetic::layout(64, 8, 1, 40));
  const std::string text =
      "[inr]\nname = \"fourier\"\n[inr.fourier]\nmax_wavenumber = 9\n[condition.code]\nsize = 2\n";
  Room self(MPI_COMM_SELF), all(MPI_COMM_WORLD);
  const auto alone = linear_codes(self.context, folder.path, text, 0.2, true);
  const auto together = linear_codes(all.context, folder.path, text, 0.2, true);
  EXPECT_EQ(alone.codes, together.codes);
  EXPECT_EQ(alone.error, together.error);
  // The fields have two waves and a mean, 13 of 64 points and 19 coefficients.
  EXPECT_LT(alone.error, 1e-4);
}

}  // namespace
