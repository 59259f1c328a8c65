#pragma once
// hypercast-similarity: features of many models -> how similar they are.

#include "deck/app.hpp"

namespace hypercast::similarity {

// COLLECTIVE. Compares the models of [similarity] and writes similarity/similarity.hdf5
// (io/similarity_file.hpp) and tables beside it. Exit::again when a signal asked to stop before the end:
// nothing is written then.
Exit similarity(const Study& study);

// COLLECTIVE. For --check: which models, how large, which measures by which route.
std::string describe(const Study& study);

std::string list_measures();  // for --list

}  // namespace hypercast::similarity
