#pragma once
// Where a file came from: the attributes of its /provenance group. Never part of the payload.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/comm.hpp"
#include "core/version.hpp"

namespace hypercast::io {

// Ordered names and values; names follow openPMD where it has one (FORMATS.md lists them).
using Provenance = std::vector<std::pair<std::string, std::string>>;

// The value of that name; "" when there is none.
std::string value_of(const Provenance& provenance, const std::string& name);

// Named numbers known only once the work is done, such as measured errors. In a file they are attributes
// beside the texts: float64 with one axis, also where there is one value. At most 8000 values a name; no name
// is that of a text.
using Measurements = std::vector<std::pair<std::string, std::vector<double>>>;

struct ProvenanceInput {
  std::string command_line;
  std::string deck;           // as the user wrote it
  std::string deck_resolved;  // every key with the value in use
  std::uint64_t seed = 0;
  Facts libraries;  // of the modules the program uses; PETSc, HDF5, Eigen and MPI also get attributes of
                    // their own
  Provenance more;  // petsc_options_used, checkpoint, ...; a name from above is replaced
};

// COLLECTIVE. The standard attributes; what is asked of the machine is rank 0's, so all ranks hold equal
// values.
Provenance provenance(const Comm& comm, const ProvenanceInput& input);

Facts io_libraries();  // HDF5, xxHash

}  // namespace hypercast::io
