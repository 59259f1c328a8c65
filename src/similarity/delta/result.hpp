#pragma once
// From what was computed of each model in each repeat to matrices.

#include <cstdint>
#include <vector>

#include "similarity/delta/delta.hpp"

namespace hypercast::similarity {

// A model trained and tested on itself.
struct OwnStep {
  double loss = 0;         // before it
  double eta = 0;          // its length
  double square = 0;       // |dl/dphi|^2
  double delta = 0;        // fall of the loss
  double first_order = 0;  // steps eta |dl/dphi|^2
};

// Of target B in one repeat; arrays over sources A.
struct DeltaRecord {
  std::size_t repeat = 0, model = 0;
  OwnStep source;                                      // B as a source, whose rows are `left`
  OwnStep target;                                      // B as a target, whose rows are `right`
  std::vector<double> delta, tag, first_order, kappa;  // of A -> B
  // Twins, else empty; fall of a loss in units of eta:
  std::vector<double> source_twin;  // B trained under its own code, tested under A's
  std::vector<double> target_twin;  // B trained under A's code, tested under its own

  DeltaRecord(std::size_t models, bool twin);
  // As one stretch of numbers, to be sent. read() wants a record whose arrays have their sizes.
  void append_to(std::vector<double>& numbers) const;
  std::span<const double> read(std::span<const double> numbers);  // what follows it
};

// Whether a model's rows are fit to be compared.
struct ModelFacts {
  bool varies = true, finite = true;
};

// Matrices of NaN with one status.
DeltaResult undefined_delta(std::size_t models, Status status);

// records [repeats][models], facts [models].
DeltaResult summarise(const DeltaScheme& scheme, std::size_t outputs, std::span<const ModelFacts> facts,
                      std::span<const DeltaRecord> records);

}  // namespace hypercast::similarity
