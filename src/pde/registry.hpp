#pragma once
// Every equation, by the name decks use. The table is generated from the files of systems/.

#include <memory>

#include "core/registry.hpp"
#include "pde/system.hpp"

namespace hypercast::pde {

using SystemRegistry = Registry<std::function<std::unique_ptr<System>()>>;

void register_systems(SystemRegistry& registry);  // generated

inline SystemRegistry systems() {
  SystemRegistry registry("equation");
  register_systems(registry);
  return registry;
}

}  // namespace hypercast::pde
