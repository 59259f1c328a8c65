#include "hyper/dynamics.hpp"

#include "hyper/kinds.hpp"

namespace hypercast::hyper {

namespace {

auto chosen(const Deck& deck) {
  return kind_of(deck, "dynamics", deck.read<DynamicsOptions>().kind, dynamics_registry());
}

}  // namespace

DynamicsRegistry dynamics_registry() {
  DynamicsRegistry registry("latent dynamics");
  register_dynamics(registry);
  return registry;
}

void DynamicsOptions::describe(Section& s) {
  s.key("kind", kind, "how codes move").one_of(dynamics_registry().names());
}

void add_dynamics_kinds(Schema& schema) { add_kinds(schema, "dynamics", dynamics_registry()); }

std::string list_dynamics() { return listed("latent dynamics ([dynamics] kind)", dynamics_registry()); }

template <class Real>
DynamicsPtr<Real> make_dynamics(const Deck& deck, const CodeScaling& scaling) {
  return chosen(deck)->make(scaling, Real{});
}

template DynamicsPtr<float> make_dynamics(const Deck&, const CodeScaling&);
template DynamicsPtr<double> make_dynamics(const Deck&, const CodeScaling&);

std::string dynamics_deck(const Deck& deck) {
  auto options = deck.read<DynamicsOptions>();
  return section_text("dynamics", options) + section_text("dynamics." + options.kind, *chosen(deck));
}

}  // namespace hypercast::hyper
