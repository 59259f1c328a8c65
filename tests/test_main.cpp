// GoogleTest under MPI: rank 0 prints, other ranks print only their failures, and a failure anywhere fails
// everywhere. A rank that leaves a test early while others wait in a collective is ended by ctest's timeout.

#include <gtest/gtest.h>

#include "core/comm.hpp"
#include "io/child_jobs.hpp"
#include "test_world.hpp"

namespace {

const hypercast::Comm* current_world = nullptr;

class FailuresOnly : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (part.failed())
      fprintf(stderr, "rank %d: %s:%d: %s\n", current_world->rank(),
              part.file_name() ? part.file_name() : "?", part.line_number(), part.summary());
  }
};

}  // namespace

const hypercast::Comm& test_world() { return *current_world; }

int main(int argc, char** argv) {
  if (const auto code = hypercast::io::serve_child(argc, argv, hypercast::io::child_jobs())) return *code;
  testing::InitGoogleTest(&argc, argv);
  hypercast::Session session(argc, argv);
  const hypercast::Comm world = session.world();
  current_world = &world;
  if (!world.is_root()) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailuresOnly);
  }
  const bool failed = RUN_ALL_TESTS() != 0;
  return world.any(failed) ? 1 : 0;
}
