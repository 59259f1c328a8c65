#include "forecast/options.hpp"

#include "forecast/galerkin/options.hpp"

namespace hypercast::forecast {

void ForecastOptions::describe(Section& s) {
  s.about("Fields from a checkpoint at any times and places, and their errors where a reference is at hand.");
  s.key("mode", mode,
        "direct: theta = H(t); interpolates inside the training window, does not extrapolate in general; "
        "latent: theta = H(z(t)) with learned dynamics, for trajectories that training did not see; "
        "galerkin: from the "
        "end of the window theta follows the equation of [pde]")
      .one_of({"direct", "galerkin", "latent"});
  s.key("checkpoint", checkpoint, "file; empty: the newest in ckpt of the run folder that verifies");
  s.key(
      "reference", reference,
      "folder of trajectory files to compare with, and to start latent forecasts from; empty: [data] path "
      "or, "
      "without it, data/train in the run folder, if it is there; models of many trajectories take data/test "
      "first");
  s.key("times", times,
        "times (or function numbers) of the frames; empty: those of the reference, else those of training");
  s.key("refine", refine,
        "grid of the forecast: so many times the points of the training grid along each axis")
      .at_least(1);
  s.key("points", points, "file of places instead of a grid: CSV, NPY or HDF5, columns t, x[, y[, z]]");
  s.key("trajectory", trajectory,
        "counted through the reference: whose values [forecast] points asks for; with observations or "
        "parameters, the one to compare with")
      .at_least(0);
  s.key("observed", observed,
        "part of the points of the first frame that a forecast of codes starts from; 0: as in training")
      .at_least(0)
      .at_most(1);
  s.key("observations", observations,
        "file of measured values that a forecast of codes starts from: CSV, NPY or HDF5, columns t, x[, y[, "
        "z]], "
        "then the fields; each time in it starts the forecast anew");
  s.key("observation_noise", observation_noise,
        "standard deviation of the errors of these measurements, as a part of the fields' own: the larger, "
        "the "
        "more a code leans on what is known from training")
      .at_least(0)
      .at_most(1e6);
  s.key(
      "parameters", parameters,
      "values of [condition] parameters, in that order, of the one trajectory to forecast; empty: those that "
      "the reference tells");
  s.key("bound", bound,
        "latent dynamics are lost when a code is larger than this times the largest of training")
      .above(1);
  s.key("baselines", baselines, "also forecast by what needs no model");
  s.key("residual", residual,
        "measure how well the forecast obeys its equation, |du/dt - F(u)| / |F(u)|, where the deck names the "
        "equation and the parameters that the data were solved with");
  s.key("valid_threshold", valid_threshold, "a frame is useful while its relative L2 error is at most this")
      .above(0);
  s.key("dmd_rank", dmd_rank, "largest rank of the DMD baseline").at_least(1);
  s.key("dmd_tolerance", dmd_tolerance, "singular values kept by the DMD baseline, relative to the largest")
      .at_least(0)
      .below(1);
  s.key("spectra", spectra, "also compare energy spectra, for chaotic flows; every axis must be periodic");
}

void add_forecast_sections(Schema& schema) {
  schema.add<ForecastOptions>();
  schema.add<GalerkinOptions>();
}

}  // namespace hypercast::forecast
