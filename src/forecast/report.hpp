#pragma once
// How good a forecast is: errors beside those of what a user would have without the model, spectra, and how
// well it obeys its equation; tables beside the forecast file, and a summary in the log.

#include <filesystem>

#include "deck/app.hpp"
#include "forecast/errors.hpp"
#include "forecast/options.hpp"
#include "forecast/weight_path.hpp"
#include "hyper/model.hpp"
#include "io/provenance.hpp"

namespace hypercast::forecast {

// Whether the deck asks for the physics residual and names an equation to measure it with.
bool wants_residual(const Deck& deck);

// COLLECTIVE. The tables of the forecast in `file`: STEM_errors and, by key, STEM_spectra, as .hdf5 and .csv;
// those of an earlier forecast are removed. Without a reference (null) there are no errors; without a
// residual either, there is no table.
void report(const Study& study, const hyper::Model<float>& model, WeightPath& path,
            const Reference* reference, const std::vector<double>& times, const std::filesystem::path& file,
            const io::Provenance& origin);

}  // namespace hypercast::forecast
