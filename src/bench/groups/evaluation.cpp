// How fast an INR is evaluated at many points, as a forecast does it: in one call, and in calls of a few
// thousand points.

#include <fmt/core.h>

#include "bench/rate_items.hpp"
#include "bench/siren.hpp"
#include "io/array.hpp"
#include "io/durable.hpp"
#include "io/npy.hpp"
#include "io/on_root.hpp"

namespace hypercast::bench {

namespace {

// All numbers of an NPY file of so many.
Buffer<float> numbers_of(const std::string& file, std::size_t count) {
  if (!io::is_npy(file)) throw UserError(Exit::data, "[bench.evaluation]: " + file + " is no NPY file");
  io::ArrayReader reader({file, ""});
  const auto& info = reader.info();
  if (info.rows() * info.row_size() != count)
    throw UserError(Exit::data, fmt::format("[bench.evaluation]: {} holds {} numbers instead of {}", file,
                                            info.rows() * info.row_size(), count));
  std::vector<double> values(count);
  reader.read({0, static_cast<std::int64_t>(info.rows())}, values);
  return {values.begin(), values.end()};
}

class Evaluation final : public Group {
 public:
  void describe(Section& s) override {
    s.about("A SIREN evaluated at many points: 2 operations a weight and point; its sines take time, too.");
    s.key("width", shape_.width, "neurons of a hidden layer").at_least(1);
    s.key("layers", shape_.layers, "hidden layers").at_least(1);
    s.key("inputs", shape_.inputs, "of the SIREN").at_least(1);
    s.key("outputs", shape_.outputs, "of the SIREN").at_least(1);
    s.key("omega", shape_.omega, "frequency factor of all layers").above(0);
    s.key("points", points_, "at which it is evaluated").at_least(1);
    s.key("chunk", chunk_, "points of a call of the second measurement").at_least(1);
    s.key("weights", weights_, "NPY file with theta; empty: made up");
    s.key("places", places_,
          "NPY file with [points][inputs]; empty: made up. With both, the values [points][outputs] go to "
          "bench/values.npy in the run folder");
  }

  void run(const Bench& bench) const override {
    const auto inr = make_siren(shape_);
    const auto inputs = static_cast<std::size_t>(points_) * inr.inputs();
    Buffer<float> theta, x, values(static_cast<std::size_t>(points_) * inr.channels());
    io::on_all(bench.context.comm, [&] {
      theta = weights_.empty() ? made_up_weights(inr) : numbers_of(weights_, inr.params());
      x = places_.empty() ? made_up_values(inputs) : numbers_of(places_, inputs);
    });
    const std::string who =
        fmt::format("a SIREN of {} x {} at {} points", shape_.layers, shape_.width, points_);
    measure(bench, "evaluation.one_call", who + " in one call", [&] { inr.evaluate(theta, x, values); });
    measure(bench, "evaluation.chunks", fmt::format("{} in calls of {}", who, chunk_),
            [&] { evaluate_chunks(inr, theta, x, values); });
    if (weights_.empty() || places_.empty()) return;
    const std::vector<std::size_t> size{static_cast<std::size_t>(points_), inr.channels()};
    io::on_root(bench.context.comm, [&] {
      const std::string bytes = io::npy_bytes(values, size);
      io::write_durably(bench.folder / "bench" / "values.npy", bytes);
    });
  }

 private:
  void measure(const Bench& bench, const std::string& name, const std::string& what,
               const std::function<void()>& evaluate) const {
    evaluate();  // touches the memory
    const double flops = 2.0 * points_ * shape_.weights();
    add_rates(bench, {name, "flop/s", what, "fma.float"},
              [&](double seconds) { return flops * machine::passes_a_second(seconds, evaluate); });
  }
  void evaluate_chunks(const hyper::Inr<float>& inr, std::span<const float> theta, std::span<const float> x,
                       std::span<float> values) const {
    for (int at = 0; at < points_; at += chunk_) {
      const auto first = static_cast<std::size_t>(at),
                 n = static_cast<std::size_t>(std::min(chunk_, points_ - at));
      inr.evaluate(theta, x.subspan(first * inr.inputs(), n * inr.inputs()),
                   values.subspan(first * inr.channels(), n * inr.channels()));
    }
  }

  SirenShape shape_;
  int points_ = 1000000, chunk_ = 4096;
  std::string weights_, places_;
};

}  // namespace

void register_evaluation(GroupRegistry& registry) {
  registry.add("evaluation", "an INR at many points", [] { return std::make_unique<Evaluation>(); });
}

}  // namespace hypercast::bench
