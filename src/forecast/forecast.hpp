#pragma once
// hypercast-forecast: fields from a checkpoint, and how good they are.

#include "deck/app.hpp"
#include "forecast/options.hpp"

namespace hypercast::forecast {

// Whether this deck's forecast evaluates the equation: it then needs a PetscSession.
bool needs_solver(const Deck& deck);

// COLLECTIVE. Needs a checkpoint and nothing else; where a reference is at hand, errors and baselines are
// computed and printed. Writes DIR/forecast/<dataset>.hdf5 (+ XDMF, _errors.hdf5, _errors.csv) or, for a list
// of points, DIR/forecast/<dataset>_points.hdf5. Exit::again after a signal.
Exit forecast(const Study& study);

// COLLECTIVE. For --check.
std::string describe(const Study& study);

}  // namespace hypercast::forecast
