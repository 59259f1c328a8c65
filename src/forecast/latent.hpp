#pragma once
// Mode `latent`: theta(t) = H(z(t)). The code of the start is fitted to what was observed, learned dynamics
// move it. An ensemble of dynamics is an ensemble of paths.

#include <optional>

#include "deck/app.hpp"
#include "forecast/options.hpp"
#include "forecast/weight_path.hpp"
#include "hyper/dynamics.hpp"
#include "hyper/latent_file.hpp"
#include "hyper/model.hpp"
#include "hyper/observed.hpp"
#include "io/observations.hpp"

namespace hypercast::forecast {

class Latent final : public WeightPath {
 public:
  // COLLECTIVE. Model, parameters and dynamics are borrowed; `deck` is that of the checkpoint's dynamics.
  // UserError (Exit::refused) when the model has no codes; see io::read_observations for those of the file.
  Latent(const Study& study, const hyper::Model<float>& model, hyper::Model<double> precise,
         std::span<const float> phi, const hyper::LatentDynamics& dynamics, const Deck& deck);

  int trajectories() const override { return trajectories_; }
  int members() const override { return static_cast<int>(dynamics_.members.size()); }
  // COLLECTIVE. Fits codes: to [forecast] observations, each of whose times starts the forecast anew; without
  // them to the reference's frame at the start of the window, at the points of [forecast] observed. UserError
  // (Exit::data) when there is neither, or nobody tells the parameters of the equation: the reference or, for
  // observations, [forecast] parameters.
  bool prepare(double latest, const Reference* reference) override;
  // Between the first observation and the first time at which a code has left all bounds.
  Buffer<float> weights(int trajectory, int member, double t) override;
  double bounded_until(int trajectory, int member) const override;
  double begins() const override;  // at the first observation, or the start of the window
  std::vector<std::pair<std::string, double>> parameters(int trajectory) const override;

  const hyper::Observed* observed_start() const override {
    return observations_.empty() ? &observed_ : nullptr;
  }

 private:
  // Scaled codes of one trajectory and member at whole frames after a start.
  struct Leg {
    std::vector<Buffer<float>> codes;
    bool bounded = true;
  };
  void start_from_reference(const Reference& reference);
  void start_from_observations(const Reference* reference);
  void roll(double latest);
  Buffer<float> step(const Buffer<float>& y, int trajectory, int member, double dt) const;

  const Study& study_;
  const hyper::Model<float>& model_;
  hyper::Model<double> precise_;
  std::span<const float> phi_;
  const hyper::LatentDynamics& dynamics_;
  hyper::DynamicsPtr<float> flow_;
  ForecastOptions options_;
  std::vector<io::Observed> observations_;  // times rising
  int trajectories_ = 1;
  hyper::Observed observed_;
  std::vector<double> starts_;                   // times of observation, rising
  std::vector<std::vector<double>> codes_;       // [start][trajectory x d], not scaled
  std::vector<double> mu_;                       // [trajectory][p], of the equation
  std::vector<float> scaled_mu_, condition_mu_;  // as dynamics and as H take them, likewise
  std::vector<Leg> legs_;                        // [start][trajectory][member]
};

}  // namespace hypercast::forecast
