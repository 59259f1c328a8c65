#include "hyper/dynamics.hpp"

#include <fmt/format.h>

namespace hypercast::hyper {

namespace {

std::unique_ptr<DynamicsKind> kind_of(const Deck& deck) {
  const auto name = deck.read<DynamicsOptions>().kind;
  auto kind = dynamics_registry().find(name).make();
  deck.read("dynamics." + name, *kind);
  return kind;
}

template <class Described>
std::string section_text(const std::string& name, Described& described) {
  Section section(name);
  described.describe(section);
  std::string text = "[" + name + "]\n";
  for (const auto& key : section.keys()) text += key.name() + " = " + key.value_text() + "\n";
  return text;
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

void add_dynamics_kinds(Schema& schema) {
  const auto registry = dynamics_registry();
  for (const auto& name : registry.names()) {
    std::shared_ptr kind = registry.find(name).make();
    schema.add("dynamics." + name, [kind](Section& s) { kind->describe(s); });
  }
}

std::string list_dynamics() {
  const auto registry = dynamics_registry();
  std::string text = "latent dynamics ([dynamics] kind)\n";
  for (const auto& name : registry.names())
    text += fmt::format("  {:<16} {}\n", name, registry.find(name).summary);
  return text;
}

template <class Real>
DynamicsPtr<Real> make_dynamics(const Deck& deck, const CodeScaling& scaling) {
  return kind_of(deck)->make(scaling, Real{});
}

template DynamicsPtr<float> make_dynamics(const Deck&, const CodeScaling&);
template DynamicsPtr<double> make_dynamics(const Deck&, const CodeScaling&);

std::string dynamics_deck(const Deck& deck) {
  auto options = deck.read<DynamicsOptions>();
  return section_text("dynamics", options) + section_text("dynamics." + options.kind, *kind_of(deck));
}

}  // namespace hypercast::hyper
