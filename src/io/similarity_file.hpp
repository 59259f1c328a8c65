#pragma once
// What comparing models leaves behind: one HDF5 file, and the same as CSV. FORMATS.md, section 12, shows the
// files. They are written by one rank, complete or absent; Error (Exit::io) on failure. M is the number of
// models. Names within the file (of columns, measures, arrays, tables) are for paths in HDF5: not empty, no
// two the same, without a slash but where it says so; Error (Exit::internal) otherwise, and where sizes
// differ.

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "io/forecast.hpp"
#include "io/provenance.hpp"

namespace hypercast::io {

// An attribute of a group.
using Fact = std::pair<std::string, std::variant<std::string, bool, double, std::vector<std::string>>>;

struct Column {
  std::string name;
  std::variant<std::vector<double>, std::vector<std::int32_t>, std::vector<std::string>> values;
};

struct ComparedModels {
  std::vector<std::string> name, group, layer, place;  // each [M]; any text, names unique
  std::vector<Column> columns;                         // each [M]: layout, rows, width, norms, ...
};

struct NamedArray {
  std::string name;
  std::vector<std::size_t> shape;  // one axis or more
  std::vector<double> values;      // row-major
};

struct MeasureResult {
  std::string id;           // the deck's name of the measure: "cka"
  std::vector<Fact> facts;  // formula, source, larger_is_more_similar, ...
  // [M][M], row x (source) and column y (target); of measures of single models [M]. Empty: not there. Only a
  // measure that is no more than a group of arrays has no `value`.
  bool of_pairs = true;
  std::vector<double> value, standard_error, null_mean, null_sd, p_value;
  std::vector<std::int32_t> status;  // 0: ok, else why `value` is NaN or doubtful
  std::vector<NamedArray> arrays;    // more that belongs to it
};

struct ResultTable {
  std::string name;  // of its group, which may lie in another one: "layer_match/cka"
  std::vector<Fact> facts;
  std::vector<Column> columns;  // of one length
};

struct SimilarityResults {
  ComparedModels models;
  std::vector<MeasureResult> measures;
  std::vector<ResultTable> tables;
};

// STEM.hdf5.
void write_similarity(const std::filesystem::path& stem, const SimilarityResults& results,
                      const Provenance& provenance, const Measurements& measured = {});

// STEM_<id>.csv for each measure: its values, names of models in the first row and column. STEM.csv: a line
// for each value of each measure.
void write_similarity_csv(const std::filesystem::path& stem, const SimilarityResults& results);

}  // namespace hypercast::io
