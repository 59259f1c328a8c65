#include "pde/solver/fd_equation.hpp"
#include "pde/solver/fourier_equation.hpp"

namespace hypercast::pde {

std::unique_ptr<Semidiscrete> discretise(const Comm& comm, const System& system, const Domain& domain,
                                         const Discretisation& discretisation) {
  if (discretisation.is_spectral()) return std::make_unique<FourierEquation>(comm, system, domain);
  return std::make_unique<FdEquation>(comm, system, domain, discretisation.order);
}

}  // namespace hypercast::pde
