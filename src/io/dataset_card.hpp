#pragma once
// What The Well wants beside `data`, in a run folder: stats.yaml, <name>.yaml and a card for people,
// DATASET.md (FORMATS.md, section 9).

#include <filesystem>
#include <string>

#include "core/comm.hpp"
#include "io/provenance.hpp"

namespace hypercast::io {

// What the files do not tell, in a few plain words each. What is empty is left out.
struct DatasetText {
  std::string equation;        // "Burgers' equation u_t + u u_x = nu u_xx"
  std::string initial_states;  // "sums of 4 waves with random phases"
  std::string discretisation;  // "spectral, 256 modes"
  std::string integrator;      // "etdrk4, dt = 1e-3"
  Measurements measured;       // errors of the data
  Provenance provenance;       // of the run that made them
};

// COLLECTIVE. Describes the trajectories of root/data/{train,valid,test}. Statistics are those of train;
// where there is none, stats.yaml is not written. Each file is complete or absent (io/durable.hpp), and
// replaces an earlier one. UserError (Exit::no_input) when there is no trajectory at all, (Exit::data) when a
// file cannot be read or has other fields, another grid or another dataset's name than the first,
// (Exit::refused) when the name makes no name of a file; Error (Exit::io) when writing fails.
void write_dataset_card(const Comm& comm, const std::filesystem::path& root, const DatasetText& text);

}  // namespace hypercast::io
