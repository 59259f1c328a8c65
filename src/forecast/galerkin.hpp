#pragma once
// Mode `galerkin`: theta = H(t) up to a time t*, from there theta follows the equation of the deck.

#include <memory>

#include "deck/app.hpp"
#include "forecast/direct.hpp"
#include "forecast/galerkin/evolution.hpp"
#include "io/provenance.hpp"

namespace hypercast::forecast {

class Galerkin final : public WeightPath {
 public:
  // `inr` is the model's in double precision; the steps go to STEM_galerkin.hdf5 and .csv. Model and
  // parameters are borrowed. UserError when the model has no time (Exit::refused) or the deck no equation
  // (Exit::data).
  Galerkin(const Study& study, const hyper::Model<float>& model, std::span<const float> phi,
           hyper::Inr<double> inr, std::filesystem::path stem, io::Provenance origin);
  ~Galerkin() override;

  // COLLECTIVE. Integrates to `latest`; the reference, if there is one, polishes the start. UserError:
  // Exit::refused when the equation does not fit the model, Exit::diverged with time and residual when a step
  // stalls (the steps made are written before). Needs a PetscSession.
  bool prepare(double latest, const Reference* reference) override;
  Buffer<float> weights(int trajectory, int member, double t) override;

  const Evolution& evolution() const { return evolution_; }

 private:
  Buffer<double> start_weights() const;
  Buffer<double> polished(GridField& grid, Projection& projection, Buffer<double> q,
                          const Reference* reference) const;
  void write_steps() const;

  const Study& study_;
  const hyper::Model<float>& model_;
  Direct direct_;
  hyper::Inr<double> inr_;
  std::filesystem::path stem_;
  io::Provenance origin_;
  GalerkinOptions options_;
  double start_;
  std::unique_ptr<TangentSpace> space_;
  Evolution evolution_;
};

}  // namespace hypercast::forecast
