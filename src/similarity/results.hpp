#pragma once
// From scores to the file and to the lines that a user reads.

#include <filesystem>

#include "deck/app.hpp"
#include "io/provenance.hpp"
#include "similarity/compare.hpp"
#include "similarity/diagnostics.hpp"
#include "similarity/models.hpp"

namespace hypercast::similarity {

struct Results {
  const std::vector<ModelEntry>& models;
  const std::vector<NamedMeasure>& measures;
  const std::vector<Extent>& extents;  // of each model
  const std::vector<Diagnosis>& diagnoses;
  const std::vector<Compared>& compared;  // one a measure
  std::int64_t rows;
};

// COLLECTIVE. Where a file of this run comes from.
io::Provenance provenance_of(const Study& study);

// COLLECTIVE. STEM.hdf5 and, if the deck wants them, STEM*.csv (io/similarity_file.hpp); the log tells the
// most and the least similar pairs, how layers match, and how well groups part.
void write_results(const Study& study, const Results& results, const std::filesystem::path& stem);

}  // namespace hypercast::similarity
