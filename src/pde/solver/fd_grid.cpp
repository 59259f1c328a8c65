#include "pde/solver/fd_grid.hpp"

#include <algorithm>

#include "pde/setup.hpp"

namespace hypercast::pde {

namespace {

bool has_mixed_terms(const System& system, int dims) {
  for (const auto& term : system.linear(dims))
    if (std::count(term.orders.begin(), term.orders.end(), 0) < 2) return true;
  return false;
}

}  // namespace

FdGrid::FdGrid(const Comm& comm, const System& system, const Domain& domain, int order)
    : domain_(domain),
      ranks_(comm.size()),
      order_(order),
      channels_(static_cast<int>(system.channels().size())),
      reflect_(system.reflects_at_walls(domain)) {
  if (const auto text = order_complaint(system, domain, order); !text.empty())
    throw UserError(Exit::data, "grid.order: " + text);
  for (int c = 0; c < channels_; ++c) odd_.push_back(system.odd(c));
  const auto cut = require_rank_grid(domain, stencil_reach(system, domain, order), comm.size());
  const bool box = has_mixed_terms(system, domain.dims());
  make_dm(comm, 1, cut, false, scalar_);
  make_dm(comm, channels_, cut, box, system_);
  auto& [o, n] = owned_;
  auto& [go, gn] = haloed_;
  petsc_call(DMDAGetCorners(scalar_, &o[2], &o[1], &o[0], &n[2], &n[1], &n[0]));
  petsc_call(DMDAGetGhostCorners(scalar_, &go[2], &go[1], &go[0], &gn[2], &gn[1], &gn[0]));
  find_wall_points();
}

void FdGrid::make_dm(const Comm& comm, int dof, const RankGrid& cut, bool box, DmHandle& dm) const {
  std::array<PetscInt, 3> points{1, 1, 1}, parts{1, 1, 1};
  std::array<DMBoundaryType, 3> boundary{DM_BOUNDARY_NONE, DM_BOUNDARY_NONE, DM_BOUNDARY_NONE};
  for (int a = 0; a < dims(); ++a) {
    const int direction = 2 - slot(a);
    points[direction] = domain_.axes[a].points;
    parts[direction] = cut.parts[a];
    if (domain_.axes[a].is_periodic()) boundary[direction] = DM_BOUNDARY_PERIODIC;
  }
  petsc_call(DMDACreate(comm, dm.out()));
  petsc_call(DMSetDimension(dm, dims()));
  petsc_call(DMDASetSizes(dm, points[0], points[1], points[2]));
  petsc_call(DMDASetNumProcs(dm, parts[0], parts[1], parts[2]));
  petsc_call(DMDASetBoundaryType(dm, boundary[0], boundary[1], boundary[2]));
  petsc_call(DMDASetDof(dm, dof));
  petsc_call(DMDASetStencilWidth(dm, cut.width));
  petsc_call(DMDASetStencilType(dm, box ? DMDA_STENCIL_BOX : DMDA_STENCIL_STAR));
  petsc_call(DMSetUp(dm));
}

void FdGrid::find_wall_points() {
  const auto& [start, count] = owned_;
  std::size_t point = 0;
  std::array<int, 3> i{};
  for (i[0] = 0; i[0] < count[0]; ++i[0])
    for (i[1] = 0; i[1] < count[1]; ++i[1])
      for (i[2] = 0; i[2] < count[2]; ++i[2], ++point)
        for (int a = 0; a < dims(); ++a) {
          const int index = start[slot(a)] + i[slot(a)];
          const auto& axis = domain_.axes[a];
          if (axis.boundary != Boundary::dirichlet || (index != 0 && index != axis.points - 1)) continue;
          wall_points_.push_back(point);
          break;
        }
}

io::Block FdGrid::block() const {
  const int first = 3 - dims();
  return {{owned_.start.begin() + first, owned_.start.end()},
          {owned_.count.begin() + first, owned_.count.end()}};
}

const Line& FdGrid::line(int axis, int m, bool odd) const {
  odd = odd && domain_.axes[axis].boundary == Boundary::neumann;
  const std::array<int, 3> key{axis, m, odd};
  const auto found = lines_.find(key);
  if (found != lines_.end()) return found->second;
  return lines_.emplace(key, Line(domain_.axes[axis], m, order_, reflect_, odd)).first->second;
}

}  // namespace hypercast::pde
