#pragma once
// What all apps agree on: one deck describes a study, so every app knows every section.

#include "core/version.hpp"
#include "deck/schema.hpp"

namespace hypercast {

Schema study_schema();

// The libraries that every app uses.
Facts study_libraries();

}  // namespace hypercast
