// An embedding per function: condition i -> row i of a learned table, so that H(i) = theta_i for a set of
// functions.

#include "hyper/embedding.hpp"
#include "hyper/encoder.hpp"

namespace hypercast::hyper {

namespace {

class Index final : public EncoderKind {
 public:
  void describe(Section& s) override {
    s.about("An embedding per function: H(i) = theta_i for the first frames of all trajectories.");
    s.key("width", width_, "entries of an embedding").at_least(1);
  }
  Condition condition() const override { return Condition::index; }
  nn::FunctionPtr<float> make(const ConditionFacts& facts, float) const override {
    return make_embedding<float>(facts.count, static_cast<std::size_t>(width_));
  }
  nn::FunctionPtr<double> make(const ConditionFacts& facts, double) const override {
    return make_embedding<double>(facts.count, static_cast<std::size_t>(width_));
  }

 private:
  int width_ = 16;
};

}  // namespace

void register_index(EncoderRegistry& registry) {
  registry.add("index", "a learned embedding per function", [] { return std::make_unique<Index>(); });
}

}  // namespace hypercast::hyper
