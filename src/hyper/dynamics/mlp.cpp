// A neural ODE with a linear part, dz/dt = A z + N(z, mu) with an MLP N integrated by a Runge-Kutta method.
// R. T. Q. Chen et al., "Neural ordinary differential equations", NeurIPS 2018; for codes of fields: Y. Yin
// et al., "Continuous PDE dynamics forecasting with implicit neural representations", ICLR 2023.

#include "nn/mlp.hpp"

#include "hyper/linear_plus.hpp"

namespace hypercast::hyper {

namespace {

class MlpKind final : public DynamicsKind {
 public:
  void describe(Section& s) override {
    s.about("dz/dt = A z + N(z, mu) with an MLP N, integrated by a Runge-Kutta method.");
    s.key("depth", depth_, "hidden layers").at_least(1);
    s.key("width", width_, "neurons of a hidden layer").at_least(1);
    s.key("activation", activation_, "of the hidden layers").one_of(nn::activation_names());
    rest_.describe(s, "N");
  }
  DynamicsPtr<float> make(const CodeScaling& scaling, float) const override { return made<float>(scaling); }
  DynamicsPtr<double> make(const CodeScaling& scaling, double) const override {
    return made<double>(scaling);
  }

 private:
  template <class Real>
  DynamicsPtr<Real> made(const CodeScaling& scaling) const {
    const auto width = static_cast<std::size_t>(width_);
    const std::size_t inputs = scaling.code() + scaling.parameters();
    const auto activation = nn::activation_named(activation_);
    std::vector<nn::Dense> layers;
    for (int l = 0; l < depth_; ++l) layers.push_back({l == 0 ? inputs : width, width, activation, 1});
    layers.push_back({width, scaling.code(), nn::Activation::identity, 1});
    return linear_plus<Real>(scaling, std::make_unique<nn::Mlp<Real>>(std::move(layers)), rest_);
  }

  int depth_ = 2;
  int width_ = 512;
  std::string activation_ = "silu";
  LinearPlusOptions rest_;
};

}  // namespace

void register_mlp(DynamicsRegistry& registry) {
  registry.add("mlp", "a neural ODE: linear part plus MLP", [] { return std::make_unique<MlpKind>(); });
}

}  // namespace hypercast::hyper
