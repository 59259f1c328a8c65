#pragma once
// One rank speaks to another. Blocking; an order of calls in which both wait for each other hangs.

#include <span>

#include "core/comm.hpp"

namespace hypercast {

// Returns when `values` may be written again. The other rank calls receive() with as many values.
template <class T>
void send(const Comm& comm, std::span<const T> values, int to);

// Waits for `values.size()` values of rank `from`, in the order in which it sent them.
template <class T>
void receive(const Comm& comm, std::span<T> values, int from);

}  // namespace hypercast
