#pragma once
// The finite-difference grid: a PETSc DMDA, the block of this rank, and the stencils along the axes.
//
// A DMDA stores its x fastest and hypercast the last axis, so axis a of the domain is direction dims-1-a of
// the DMDA, and blocks need no transposing. Loops run over three slots, slowest first; slot = 3 - dims +
// axis.

#include <array>
#include <map>

#include "core/comm.hpp"
#include "pde/finite_differences.hpp"
#include "pde/layout.hpp"
#include "pde/solver/petsc.hpp"
#include "pde/system.hpp"

namespace hypercast::pde {

class FdGrid {
 public:
  // COLLECTIVE. UserError (Exit::data) when the grid has too few points for the stencils on so many ranks.
  FdGrid(const Comm& comm, const System& system, const Domain& domain, int order);

  const Domain& domain() const { return domain_; }
  int ranks() const { return ranks_; }
  int channels() const { return channels_; }
  int dims() const { return domain_.dims(); }
  int slot(int axis) const { return 3 - dims() + axis; }
  DM scalar_dm() const { return scalar_; }  // one value a point: halos of single fields
  DM system_dm() const { return system_; }  // all channels: states and matrices

  // This rank's block and the same with its halo, by slot (1 wide where the domain has no axis).
  struct Box {
    std::array<int, 3> start{}, count{};
    std::size_t size() const { return std::size_t(count[0]) * count[1] * count[2]; }
  };
  const Box& owned() const { return owned_; }
  const Box& haloed() const { return haloed_; }
  io::Block block() const;

  // d^m/dx^m along an axis; of a field that is odd there or not (operators.hpp).
  const Line& line(int axis, int m, bool odd) const;
  Parity odd(int channel) const { return odd_[channel]; }
  // Local points on Dirichlet walls, where the equation does not hold.
  const std::vector<std::size_t>& wall_points() const { return wall_points_; }

 private:
  void make_dm(const Comm& comm, int dof, const RankGrid& cut, bool box, DmHandle& dm) const;
  void find_wall_points();

  Domain domain_;
  int ranks_;
  int order_;
  int channels_;
  bool reflect_;
  std::vector<Parity> odd_;  // of the channels
  DmHandle scalar_, system_;
  Box owned_, haloed_;
  std::vector<std::size_t> wall_points_;
  mutable std::map<std::array<int, 3>, Line> lines_;
};

}  // namespace hypercast::pde
