#pragma once
// Mode `direct`: theta = H(t), or H(t, mu) for the parameters of each trajectory of the reference: the
// literal mapping from a time to the weights of an INR.

#include "forecast/reference.hpp"
#include "forecast/weight_path.hpp"
#include "hyper/model.hpp"

namespace hypercast::forecast {

class Direct final : public WeightPath {
 public:
  // The model and its parameters are borrowed. `parameters`: mu, as many as the model
  // depends on, where no reference tells it.
  Direct(const hyper::Model<float>& model, std::span<const float> phi, std::vector<double> parameters = {})
      : model_(model), phi_(phi), given_(std::move(parameters)) {}
  int trajectories() const override { return mu_.empty() ? 1 : static_cast<int>(mu_.size()); }
  // UserError (Exit::data) when H depends on parameters that nobody tells.
  bool prepare(double latest, const Reference* reference) override;
  std::vector<std::pair<std::string, double>> parameters(int trajectory) const override {
    if (mu_.empty()) return {};
    return hyper::named_parameters(model_.facts.parameters, mu_[trajectory]);
  }
  Buffer<float> weights(int trajectory, int, double t) override {
    return model_.hypernetwork.weights(
        phi_, model_.condition(t, mu_.empty() ? std::span<const double>() : mu_[trajectory]));
  }

 private:
  const hyper::Model<float>& model_;
  std::span<const float> phi_;
  std::vector<double> given_;
  std::vector<std::vector<double>> mu_;  // [trajectory]; empty: H depends on no parameters
};

}  // namespace hypercast::forecast
