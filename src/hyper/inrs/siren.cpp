// SIREN: dense layers with sine activations.
//   phi_1 = sin(omega0 (W_1 x + b_1)),  phi_l = sin(omega (W_l phi_{l-1} + b_l))
// V. Sitzmann et al., "Implicit neural representations with periodic activation functions", NeurIPS 2020.

#include "hyper/inr.hpp"
#include "nn/mlp.hpp"

namespace hypercast::hyper {

namespace {

class Siren final : public InrKind {
 public:
  void describe(Section& s) override {
    s.about("SIREN: an MLP with sine activations.");
    s.key("width", width_, "neurons of a hidden layer").at_least(1);
    s.key("depth", depth_, "hidden layers").at_least(1);
    s.key("omega0", omega0_, "frequency factor of the first layer").above(0);
    s.key("omega", omega_, "frequency factor of the other layers").above(0);
  }
  nn::FunctionPtr<float> features(const InrShape& shape, float) const override {
    return make<float>(shape.inputs());
  }
  nn::FunctionPtr<double> features(const InrShape& shape, double) const override {
    return make<double>(shape.inputs());
  }

 private:
  template <class Real>
  nn::FunctionPtr<Real> make(std::size_t inputs) const {
    const auto width = static_cast<std::size_t>(width_);
    std::vector<nn::Dense> layers{{inputs, width, nn::Activation::sine, omega0_}};
    for (int l = 1; l < depth_; ++l) layers.push_back({width, width, nn::Activation::sine, omega_});
    return std::make_unique<nn::Mlp<Real>>(std::move(layers));
  }

  int width_ = 32;
  int depth_ = 3;
  double omega0_ = 5;
  double omega_ = 5;
};

}  // namespace

void register_siren(InrRegistry& registry) {
  registry.add("siren", "MLP with sine activations", [] { return std::make_unique<Siren>(); });
}

}  // namespace hypercast::hyper
