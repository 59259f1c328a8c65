#pragma once
// From a deck to a checked problem: the equation with its parameters, its domain, and the options.

#include <memory>

#include "deck/deck.hpp"
#include "pde/discretisation.hpp"
#include "pde/initial.hpp"
#include "pde/options.hpp"
#include "pde/system.hpp"

namespace hypercast::pde {

// Adds every section of the solver, [pde.<name>] of each registered equation included.
void add_pde_sections(Schema& schema);

struct Setup {
  std::string name;  // of the equation
  std::unique_ptr<System> system;
  Domain domain;
  Discretisation discretisation;
  TimeOptions time;
  InitialOptions initial;
  EnsembleOptions ensemble;
  ObservationOptions observation;
  CertifyOptions certify;
};
// UserError (Exit::data) that points at the key for everything that cannot be solved.
Setup read_setup(const Deck& deck);

// Why finite differences of this order cannot close the walls of this problem; "" when they can.
std::string order_complaint(const System& system, const Domain& domain, int order);
// How far the stencils of the derivatives that occur reach along each axis, in points (see layout.hpp).
std::vector<int> stencil_reach(const System& system, const Domain& domain, int order);

// One line each: equations, initial states, integrators; for --list.
std::string list_text();

}  // namespace hypercast::pde
