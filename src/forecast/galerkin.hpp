#pragma once
// Mode `galerkin`: the weights follow the equation of the deck. With a model of one trajectory, theta = H(t)
// up to a time t* and moves from there; with a model of codes, theta = H(z), and the codes that were fitted
// to what was observed move.

#include <memory>
#include <vector>

#include "deck/app.hpp"
#include "forecast/code_starts.hpp"
#include "forecast/direct.hpp"
#include "forecast/equation.hpp"
#include "forecast/galerkin/evolution.hpp"
#include "io/provenance.hpp"

namespace hypercast::forecast {

class Galerkin final : public WeightPath {
 public:
  // COLLECTIVE. `precise` is the same model; the steps go to STEM_galerkin.hdf5 and .csv. Model and
  // parameters are borrowed. UserError when the model has neither time nor code (Exit::refused) or the deck
  // no equation (Exit::data).
  Galerkin(const Study& study, const hyper::Model<float>& model, hyper::Model<double> precise,
           std::span<const float> phi, std::filesystem::path stem, io::Provenance origin);
  ~Galerkin() override;

  int trajectories() const override { return starts_.trajectories; }
  // COLLECTIVE. Integrates to `latest`; the reference, if there is one, polishes the start at t*, or is what
  // codes are fitted to. UserError: Exit::refused when the equation does not fit the model, Exit::diverged
  // with time and residual when a step stalls (the steps made are written before), those of find_codes().
  // Needs a PetscSession.
  bool prepare(double latest, const Reference* reference) override;
  // NaN before a code was observed.
  Buffer<float> weights(int trajectory, int member, double t) override;
  double begins() const override;
  std::vector<std::pair<std::string, double>> parameters(int trajectory) const override;
  const hyper::Observed* observed_start() const override {
    return codes_ && starts_.from_reference ? &starts_.observed : nullptr;
  }

  const Evolution& evolution(std::size_t leg = 0) const { return legs_[leg].evolution; }

 private:
  // What moves in one go.
  struct Leg {
    int trajectory = 0;
    double start = 0, end = 0;
    std::unique_ptr<TangentSpace> space;
    Buffer<double> q;  // at the start
    Evolution evolution;
  };
  void check_equation(const Equation& equation, const Reference* reference) const;
  void add_leg_of_weights(double latest);
  void add_legs_of_codes(double latest, const Reference* reference);
  void follow(Leg& leg, Equation& equation, const Reference* reference);
  Buffer<double> polished(GridField& grid, const Leg& leg, const Reference* reference) const;
  void write_steps() const;

  const Study& study_;
  const hyper::Model<float>& model_;
  hyper::Model<double> precise_;
  Direct direct_;
  std::span<const float> phi_;
  Buffer<double> precise_phi_;
  std::filesystem::path stem_;
  io::Provenance origin_;
  GalerkinOptions options_;
  bool codes_;
  std::vector<io::Observed> observations_;
  CodeStarts starts_;
  std::vector<Leg> legs_;  // by time of the start, then trajectory
};

}  // namespace hypercast::forecast
