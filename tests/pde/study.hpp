#pragma once
// The whole of hypercast-solve, from deck to files, in a folder of its own.

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pde/ensemble.hpp"
#include "pde/solver/solve.hpp"
#include "problem.hpp"

namespace hypercast::pde {

namespace fs = std::filesystem;

// A folder of its own for each test, the same on all ranks, removed afterwards.
class Studying : public Solving {
 protected:
  void SetUp() override {
    const std::string mine =
        (fs::temp_directory_path() / ("hypercast_pde_" + std::to_string(getpid()))).string();
    folder_ = test_world().broadcast(mine);
    add_pde_sections(schema_);
    schema_.add<RunOptions>();
  }
  void TearDown() override {
    test_world().barrier();
    if (test_world().is_root()) fs::remove_all(folder_);
    test_world().barrier();
  }

  Deck deck(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    return Deck(schema_, text, "deck.toml", overrides);
  }
  Exit run(const Deck& deck, bool overwrite = false, int signal = 0) {
    const Log log(1);  // says nothing
    Timers timers;
    Signals signals(folder_, 0, 0);
    const Comm node = test_world().node();
    const Context context{test_world(), node, log, timers, signals};
    if (signal != 0) raise(signal);
    std::map<std::string, std::string> flags;
    if (overwrite) flags["overwrite"] = "";
    return solve(Study{context, deck, folder_, flags, "", {}});
  }
  Exit refusal(const Deck& deck, bool overwrite = false) {
    try {
      return run(deck, overwrite);
    } catch (const UserError& error) {
      reason_ = error.what();
      return error.code();
    }
  }

  Schema schema_;
  fs::path folder_;
  std::string reason_;  // of the last refusal
};

inline const std::string ensemble_deck = R"(
[pde]
name = "burgers"
[grid]
points = [24, 16]
[time]
frames = 3
end = 0.2
step = 0.01
integrator = "rk"
[ensemble]
train = 3
test = 1
trajectories_per_file = 2
ranks_per_group = 1
)";

// All values of a trajectory file.
inline std::vector<float> fields(const fs::path& file) {
  const io::TrajectoryReader reader(test_world(), file);
  std::vector<float> all;
  const auto frames = static_cast<std::int64_t>(reader.layout().times.size());
  for (int trajectory = 0; trajectory < reader.layout().trajectories; ++trajectory) {
    std::vector<float> values(frames * reader.layout().frame_size());
    reader.read(trajectory, {0, frames}, values);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

}  // namespace hypercast::pde
