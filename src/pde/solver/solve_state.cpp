#include "pde/solver/solve_state.hpp"

#include "io/checkpoint.hpp"

namespace hypercast::pde {

namespace fs = std::filesystem;

fs::path state_path(const fs::path& trajectory_file) {
  return fs::path(trajectory_file).replace_extension(".state");
}

void write_state(const fs::path& trajectory_file, const SolveState& state, const io::Provenance& provenance) {
  io::Archive archive;
  archive.put_text("solve_hash", state.solve_hash);
  archive.put_number("trajectory", state.trajectory);
  archive.put_number("frame", state.frame);
  archive.put_number("tail_energy", state.tail_energy);
  archive.put("values", state.values);
  std::vector<double> certificates;
  for (const auto& c : state.certificates)
    certificates.insert(certificates.end(), {c.err_time, c.err_space, c.order_time, c.order_space,
                                             c.err_agreement, c.converged_until});
  archive.put("certificates", {static_cast<std::int64_t>(state.certificates.size()), 6},
              std::span<const double>(certificates));
  io::write_checkpoint(state_path(trajectory_file), archive, provenance);
}

std::optional<SolveState> read_state(const Comm& comm, const fs::path& trajectory_file,
                                     std::string& complaint) {
  try {
    const auto archive = io::read_checkpoint(comm, state_path(trajectory_file));
    SolveState state{archive.text("solve_hash"),
                     static_cast<int>(archive.number("trajectory")),
                     static_cast<int>(archive.number("frame")),
                     {},
                     {},
                     archive.number("tail_energy")};
    const auto values = archive.values<double>("values");
    state.values.assign(values.begin(), values.end());
    const auto c = archive.values<double>("certificates");
    for (std::size_t i = 0; i + 6 <= c.size(); i += 6)
      state.certificates.push_back({c[i], c[i + 1], c[i + 2], c[i + 3], c[i + 4], c[i + 5]});
    return state;
  } catch (const UserError& error) {
    if (error.code() != Exit::no_input) complaint = error.what();
    return std::nullopt;
  }
}

void remove_state(const fs::path& trajectory_file) {
  std::error_code absent;
  fs::remove(state_path(trajectory_file), absent);
}

}  // namespace hypercast::pde
