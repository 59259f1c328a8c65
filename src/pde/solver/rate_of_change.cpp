#include "pde/rate_of_change.hpp"

#include <algorithm>

#include "pde/layout.hpp"
#include "pde/setup.hpp"
#include "pde/solver/fourier_grid.hpp"
#include "pde/solver/gather.hpp"
#include "pde/solver/semidiscrete.hpp"

namespace hypercast::pde {

namespace {

// COLLECTIVE. A grid that one rank cannot take either is refused on all of them.
int most_workers(const System& system, const Domain& domain, const Discretisation& discretisation,
                 int ranks) {
  if (discretisation.is_spectral()) {
    for (int n = ranks; n > 0; --n)
      if (fourier_complaint(domain, n).empty()) return n;
    return ranks;  // discretise() says why
  }
  const auto reach = stencil_reach(system, domain, discretisation.order);
  return most_ranks(domain, require_rank_grid(domain, reach, 1).width, ranks);
}

io::Block nothing(int dims) { return {std::vector<int>(dims, 0), std::vector<int>(dims, 0)}; }

}  // namespace

struct RateOfChange::Parts {
  Parts(const Comm& comm, const System& system, const Domain& domain, const Discretisation& discretisation)
      : all(static_cast<MPI_Comm>(comm)),
        works(comm.rank() < most_workers(system, domain, discretisation, comm.size())),
        group(comm.split(works ? 0 : 1, comm.rank())),
        extents(domain.extents()),
        channels(system.channels().size()),
        block(nothing(domain.dims())) {
    if (!works) return;
    equation = discretise(group, system, domain, discretisation);
    block = equation->block();
    state = equation->make_state();
    petsc_call(VecDuplicate(state, rate.out()));
    values.resize(block.points() * channels);
    rates.resize(values.size());
  }

  Comm all;
  bool works;  // whether this rank holds points
  Comm group;  // of those that do
  std::vector<int> extents;
  std::size_t channels;
  io::Block block;
  std::unique_ptr<Semidiscrete> equation;
  VecHandle state, rate;
  std::vector<double> values, rates;  // of this rank's part of a whole frame
};

RateOfChange::RateOfChange(const Comm& comm, const System& system, const Domain& domain,
                           const Discretisation& discretisation)
    : parts_(std::make_unique<Parts>(comm, system, domain, discretisation)) {}
RateOfChange::~RateOfChange() = default;

void RateOfChange::refresh() {
  if (parts_->works) parts_->equation->refresh();
}

const io::Block& RateOfChange::block() const { return parts_->block; }

void RateOfChange::evaluate(double t, std::span<const double> values, std::span<double> rates) {
  auto& p = *parts_;
  if (!p.works) return;
  p.equation->set_values(values, p.state);
  p.equation->evaluate(Semidiscrete::Part::all, t, p.state, p.rate);
  p.equation->get_values(p.rate, rates);
}

void RateOfChange::evaluate_frame(double t, std::span<const double> frame, std::span<double> rates) {
  auto& p = *parts_;
  scatter(frame, p.extents, p.block, p.values);
  evaluate(t, p.values, p.rates);
  const auto whole = gather(p.all, p.block, p.rates, p.extents);
  check(whole.size() == rates.size(), "rates that do not fit the grid");
  std::copy(whole.begin(), whole.end(), rates.begin());
}

}  // namespace hypercast::pde
