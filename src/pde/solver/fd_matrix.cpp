#include "pde/solver/fd_matrix.hpp"

#include <algorithm>

namespace hypercast::pde {

namespace {

// The matrix as (row, column, value); entries of one place are summed. Indices are those of the haloed block.
struct Triples {
  std::vector<PetscInt> rows, columns;
  std::vector<double> values;
  void add(PetscInt row, PetscInt column, double value) {
    rows.push_back(row);
    columns.push_back(column);
    values.push_back(value);
  }
};

using Point = std::array<int, 3>;  // global indices by slot; beyond a periodic seam they go on counting

// The unknowns at a point: all channels, or one field.
struct Unknowns {
  const FdGrid& grid;
  int channels;
  DM dm;
};

PetscInt local_index(const Unknowns& unknowns, const Point& point, int channel) {
  const auto& [start, count] = unknowns.grid.haloed();
  const PetscInt place =
      ((point[0] - start[0]) * count[1] + point[1] - start[1]) * count[2] + point[2] - start[2];
  return place * unknowns.channels + channel;
}

// The tensor product of the one-dimensional rows along the axes from `axis` on.
void add_product(const Unknowns& unknowns, const LinearTerm& term, int axis, Point point, PetscInt row,
                 double weight, Triples& triples) {
  const FdGrid& grid = unknowns.grid;
  if (axis == grid.dims()) return triples.add(row, local_index(unknowns, point, term.column), weight);
  const int order = term.orders[axis];
  if (order == 0) return add_product(unknowns, term, axis + 1, point, row, weight, triples);
  const int centre = point[grid.slot(axis)];
  const Row& stencil = grid.line(axis, order, grid.odd(term.column)[axis]).row(centre);
  for (std::size_t j = 0; j < stencil.weights.size(); ++j) {
    point[grid.slot(axis)] = centre + stencil.start + static_cast<int>(j);
    add_product(unknowns, term, axis + 1, point, row, weight * stencil.weights[j], triples);
  }
}

Triples make_triples(const Unknowns& unknowns, std::span<const LinearTerm> terms) {
  const FdGrid& grid = unknowns.grid;
  Triples triples;
  const auto& [start, count] = grid.owned();
  const auto& walls = grid.wall_points();
  std::size_t local = 0;
  for (int i = 0; i < count[0]; ++i)
    for (int j = 0; j < count[1]; ++j)
      for (int k = 0; k < count[2]; ++k, ++local) {
        const Point point{start[0] + i, start[1] + j, start[2] + k};
        const bool on_wall = std::binary_search(walls.begin(), walls.end(), local);
        for (int c = 0; c < unknowns.channels; ++c) {
          const auto row = local_index(unknowns, point, c);
          triples.add(row, row, 0.0);
          for (const auto& term : terms)
            if (term.row == c && !on_wall)
              add_product(unknowns, term, 0, point, row, term.coefficient, triples);
        }
      }
  return triples;
}

MatHandle make(const Unknowns& unknowns, std::span<const LinearTerm> terms) {
  auto triples = make_triples(unknowns, terms);
  const auto rows = static_cast<PetscInt>(unknowns.grid.owned().size()) * unknowns.channels;
  ISLocalToGlobalMapping mapping = nullptr;
  MatHandle matrix;
  petsc_call(DMGetLocalToGlobalMapping(unknowns.dm, &mapping));
  petsc_call(MatCreate(PetscObjectComm(reinterpret_cast<PetscObject>(unknowns.dm)), matrix.out()));
  petsc_call(MatSetSizes(matrix, rows, rows, PETSC_DETERMINE, PETSC_DETERMINE));
  petsc_call(MatSetType(matrix, MATAIJ));
  petsc_call(MatSetFromOptions(matrix));
  petsc_call(MatSetLocalToGlobalMapping(matrix, mapping, mapping));
  petsc_call(MatSetPreallocationCOOLocal(matrix, static_cast<PetscCount>(triples.rows.size()),
                                         triples.rows.data(), triples.columns.data()));
  petsc_call(MatSetValuesCOO(matrix, triples.values.data(), INSERT_VALUES));
  return matrix;
}

Unknowns all_channels(const FdGrid& grid) { return {grid, grid.channels(), grid.system_dm()}; }

}  // namespace

MatHandle make_matrix(const FdGrid& grid, std::span<const LinearTerm> terms) {
  return make(all_channels(grid), terms);
}

MatHandle make_scalar_matrix(const FdGrid& grid, std::span<const LinearTerm> terms) {
  return make({grid, 1, grid.scalar_dm()}, terms);
}

void assemble(const FdGrid& grid, std::span<const LinearTerm> terms, Mat matrix) {
  petsc_call(MatSetValuesCOO(matrix, make_triples(all_channels(grid), terms).values.data(), INSERT_VALUES));
}

}  // namespace hypercast::pde
