#pragma once
// Mode `latent`: theta(t) = H(z(t)). The code of the start is fitted to what was observed, learned dynamics
// move it. An ensemble of dynamics is an ensemble of paths.

#include <optional>

#include "deck/app.hpp"
#include "forecast/code_starts.hpp"
#include "forecast/weight_path.hpp"
#include "hyper/code_path.hpp"
#include "hyper/dynamics.hpp"
#include "hyper/latent_file.hpp"
#include "hyper/model.hpp"

namespace hypercast::forecast {

class Latent final : public WeightPath {
 public:
  // COLLECTIVE. Model, parameters and dynamics are borrowed; `deck` is that of the checkpoint's dynamics.
  // UserError (Exit::refused) when the model has no codes.
  Latent(const Study& study, const hyper::Model<float>& model, hyper::Model<double> precise,
         std::span<const float> phi, const hyper::LatentDynamics& dynamics, const Deck& deck);

  int trajectories() const override { return starts_.trajectories; }
  int members() const override { return static_cast<int>(dynamics_.members.size()); }
  // COLLECTIVE. Fits the codes of the start (code_starts.hpp) and lets them flow.
  bool prepare(double latest, const Reference* reference) override;
  // From the first observation on. Codes that have left all bounds are NaN until the next one.
  Buffer<float> weights(int trajectory, int member, double t) override;
  double bounded_until(int trajectory, int member) const override;
  double begins() const override { return forecast::begins(observations_, model_.facts); }
  std::vector<std::pair<std::string, double>> parameters(int trajectory) const override;

  const hyper::Observed* observed_start() const override {
    return starts_.from_reference ? &starts_.observed : nullptr;
  }

 private:
  void roll(double latest);

  const Study& study_;
  const hyper::Model<float>& model_;
  hyper::Model<double> precise_;
  std::span<const float> phi_;
  const hyper::LatentDynamics& dynamics_;
  hyper::DynamicsPtr<float> flow_;
  ForecastOptions options_;
  std::vector<io::Observed> observations_;
  CodeStarts starts_;
  std::vector<float> scaled_mu_, condition_mu_;  // as dynamics and as H take them
  std::vector<hyper::CodePath<float>> legs_;     // [start][trajectory][member]
};

}  // namespace hypercast::forecast
