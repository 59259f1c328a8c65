#pragma once
// The communicator a test runs on.

#include "core/comm.hpp"

const hypercast::Comm& test_world();
