#include "pde/system.hpp"

#include <algorithm>
#include <numeric>

#include "core/error.hpp"

namespace hypercast::pde {

namespace {

// d^orders of a field with several nonzero orders: one axis after the other.
void add_mixed(const LinearTerm& term, Operators& operators, const Operand& u, std::span<double> out) {
  std::vector<int> axes;
  for (int axis = 0; axis < operators.domain().dims(); ++axis)
    if (term.orders[axis] > 0) axes.push_back(axis);
  std::unique_ptr<Operand> inner;
  Buffer<double> field(operators.size());
  for (std::size_t i = 0; i + 1 < axes.size(); ++i) {
    const Operand& from = inner ? *inner : u;
    Parity odd = from.odd();
    odd[axes[i]] = odd[axes[i]] != (term.orders[axes[i]] % 2 == 1);
    operators.derivative(from, axes[i], term.orders[axes[i]], field);
    inner = operators.operand(field, odd);
  }
  operators.add_derivative(inner ? *inner : u, axes.back(), term.orders[axes.back()], term.coefficient, out);
}

}  // namespace

std::vector<Symmetry> System::symmetries(const Domain& domain) const {
  std::vector<Symmetry> all;
  for (int a = 0; a < domain.dims(); ++a) {
    Symmetry shift, mirror;
    shift.shift[a] = 1;
    mirror.mirror[a] = true;
    for (std::size_t c = 0; c < channels().size(); ++c)
      mirror.signs.push_back(odd(static_cast<int>(c))[a] ? -1.0 : 1.0);
    Domain walled = domain;
    walled.axes[a].boundary = Boundary::neumann;
    if (domain.axes[a].is_periodic()) all.push_back(shift);
    if (complaint(walled).empty() && reflects_at_walls(walled)) all.push_back(mirror);
  }
  return all;
}

void add_linear(std::span<const LinearTerm> terms, Operators& operators, Fields u, Rates dudt) {
  for (const auto& term : terms) {
    const auto out = dudt[term.row];
    if (std::accumulate(term.orders.begin(), term.orders.end(), 0) > 0) {
      add_mixed(term, operators, *u[term.column], out);
      continue;
    }
    const auto values = u[term.column]->values();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += term.coefficient * values[i];
  }
}

namespace {

// Of an entry of a list of numbers: "velocity_0".
std::string entry_name(const std::string& key, std::size_t i) { return key + "_" + std::to_string(i); }

}  // namespace

std::vector<std::pair<std::string, double>> parameters(System& system) {
  Section section("");
  system.describe(section);
  std::vector<std::pair<std::string, double>> result;
  for (const auto& key : section.keys()) {
    if (const auto* number = std::get_if<double*>(&key.target())) result.emplace_back(key.name(), **number);
    if (const auto* number = std::get_if<int*>(&key.target())) result.emplace_back(key.name(), **number);
    if (const auto* list = std::get_if<std::vector<double>*>(&key.target()))
      for (std::size_t i = 0; i < (*list)->size(); ++i)
        result.emplace_back(entry_name(key.name(), i), (**list)[i]);
  }
  return result;
}

std::string set_parameter(System& system, const std::string& key, double value) {
  Section section("");
  system.describe(section);
  for (const auto& candidate : section.keys()) {
    double* place = nullptr;
    if (const auto* number = std::get_if<double*>(&candidate.target()); number && candidate.name() == key)
      place = *number;
    if (const auto* list = std::get_if<std::vector<double>*>(&candidate.target()))
      for (std::size_t i = 0; i < (*list)->size(); ++i)
        if (entry_name(candidate.name(), i) == key) place = &(**list)[i];
    if (!place) continue;
    *place = value;
    return candidate.complaint();
  }
  return "the equation has no number '" + key + "'";
}

}  // namespace hypercast::pde
