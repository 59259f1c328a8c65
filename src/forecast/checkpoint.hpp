#pragma once
// What a forecast starts from: a model and its parameters, perhaps with dynamics, out of one file.

#include <optional>

#include "deck/app.hpp"
#include "forecast/options.hpp"
#include "hyper/latent_file.hpp"
#include "hyper/model_file.hpp"

namespace hypercast::forecast {

class Checkpoint {
 public:
  // COLLECTIVE. The file of [forecast] checkpoint, else the newest of the run folder that verifies; the log
  // warns when the deck describes another model. UserError: Exit::no_input when there is none, Exit::refused
  // when it holds no model or parameters that do not fit.
  explicit Checkpoint(const Study& study);

  const std::string& file() const { return file_; }
  const hyper::ModelFacts& facts() const { return stored_.facts; }
  std::span<const float> phi() const { return phi_; }
  const hyper::Model<float>& model() const { return *model_; }
  hyper::Model<double> precise() const;  // the same model in double precision
  const std::optional<hyper::LatentDynamics>& dynamics() const { return dynamics_; }
  Deck dynamics_deck() const;  // of the dynamics that are there

 private:
  Schema schema_;
  std::string file_;
  hyper::StoredModel stored_;
  Buffer<float> phi_;
  std::optional<hyper::LatentDynamics> dynamics_;
  std::unique_ptr<hyper::Model<float>> model_;
};

}  // namespace hypercast::forecast
