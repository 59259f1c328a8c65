#pragma once
// The deck section [similarity.delta], and what it means.

#include <cstdint>
#include <string>
#include <vector>

#include "deck/section.hpp"
#include "nn/activation.hpp"

namespace hypercast::similarity {

// As the deck says it. "auto" is what the preset says; scheme_of() puts that in.
struct DeltaOptions {
  static constexpr const char* section = "similarity.delta";
  std::string preset = "default";
  std::string features = "auto";
  std::string map = "auto";
  int anchors = 0;
  std::string conditioning = "auto";
  std::vector<std::vector<double>> vectors;
  bool learned = false;
  std::string hypernetwork = "mlp";
  int code_size = 16;
  int hidden = 64;
  std::string activation = "gelu";
  bool bias = true;
  double init_scale = 1;
  std::string loss = "cross_entropy";
  std::string step = "auto";
  double rho = 0.01;
  double eta = 0.01;
  int steps = 1;
  int repeats = 4;
  std::string score = "auto";
  std::string twin = "auto";
  std::string precision = "double";
  std::int64_t seed = 0;
  void describe(Section& s);
};

// What hypernetworks are fed: features as they are, made as wide as the widest; cosines with anchor rows;
// inner products with all rows.
enum class FeatureMap { raw, relative, gram };
enum class ModelCode { shared, spectrum, embed, onehot, mean, user };
enum class ReadoutLoss { cross_entropy, squared };

// The same with nothing left open.
struct DeltaScheme {
  bool centred = true;  // features without the means of columns, rows of mean norm one
  FeatureMap map = FeatureMap::relative;
  int anchors = 0;  // 0: min(256, n / 4)
  ModelCode conditioning = ModelCode::shared;
  std::vector<std::vector<double>> vectors;  // of ModelCode::user, [models][code]
  bool learned = false;
  bool trunk = true;  // false: a linear hypernetwork
  std::size_t code_size = 16, hidden = 64;
  nn::Activation activation = nn::Activation::gelu;
  bool bias = true;  // of the output layer
  double init_scale = 1;
  ReadoutLoss loss = ReadoutLoss::cross_entropy;
  bool relative_step = true;  // eta = rho l / |g|^2, else eta
  double rho = 0.01, eta = 0.01;
  int steps = 1, repeats = 4;
  bool normalised = true;  // the score is delta_norm, else delta
  bool twin = false;
  bool single_precision = false;
  std::uint64_t seed = 0;
};

// With what the preset says in place of "auto".
DeltaOptions in_force(const DeltaOptions& options);

// UserError (data) for options that contradict each other, or whose Delta is zero by construction.
DeltaScheme scheme_of(const DeltaOptions& options);
// UserError (data) unless there are vectors for so many models, where the scheme asks for them.
void check_vectors(const DeltaScheme& scheme, std::size_t models);

}  // namespace hypercast::similarity
