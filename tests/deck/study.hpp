#pragma once
// A small schema that has every kind of key, for the tests of the deck.

#include <string>
#include <vector>

#include "core/error.hpp"
#include "deck/deck.hpp"

struct TimeOptions {
  static constexpr const char* section = "time";
  double end = 1;
  std::string integrator = "rk";
  int order = 4;
  void describe(hypercast::Section& s) {
    s.about("Time axis.");
    s.key("end", end, "time of the last frame").above(0).at_most(100).unit("s");
    s.key("integrator", integrator, "PETSc TS family").one_of({"rk", "arkimex"});
    s.key("order", order, "order | of accuracy").one_of({"2", "4", "6"});
  }
};

struct PdeOptions {
  static constexpr const char* section = "pde";
  std::string name = "burgers";
  void describe(hypercast::Section& s) { s.key("name", name, "which equation"); }
};

struct BurgersOptions {
  double nu = 0.01;
  void describe(hypercast::Section& s) { s.key("nu", nu, "viscosity").at_least(0); }
};

struct HeatOptions {
  double kappa = 1e-8;
  void describe(hypercast::Section& s) { s.key("kappa", kappa, "diffusivity").below(2); }
};

struct DataOptions {
  static constexpr const char* section = "data";
  std::string path;
  bool shuffle = true;
  std::int64_t seed = 1;
  std::vector<int> sizes{64, 64};
  std::vector<double> times;
  std::vector<std::string> fields{"u"};
  std::vector<std::vector<double>> boxes;
  void describe(hypercast::Section& s) {
    s.about("What is read.");
    s.key("path", path, "where from").required();
    s.key("shuffle", shuffle, "in random order");
    s.key("seed", seed, "of the random numbers");
    s.key("sizes", sizes, "points per axis").at_least(1);
    s.key("times", times, "when");
    s.key("fields", fields, "which").one_of({"u", "v"});
    s.key("boxes", boxes, "where");
  }
};

template <class Options>
void add_table(hypercast::Schema& schema, const std::string& section) {
  auto options = std::make_shared<Options>();
  schema.add(section, [options](hypercast::Section& s) { options->describe(s); });
}

inline const hypercast::Schema& test_schema() {
  static const hypercast::Schema schema = [] {
    hypercast::Schema s;
    s.add<TimeOptions>();
    s.add<PdeOptions>();
    add_table<BurgersOptions>(s, "pde.burgers");
    add_table<HeatOptions>(s, "pde.heat");
    add_table<HeatOptions>(s, "a.b.c.d");
    s.add<DataOptions>();
    s.add_free("petsc", "Options for PETSc.");
    return s;
  }();
  return schema;
}

inline hypercast::Deck deck_of(const std::string& text, std::vector<std::string> overrides = {}) {
  return hypercast::Deck(test_schema(), text, "study.toml", std::move(overrides));
}

// The text of the UserError that `work` throws; its code goes to `code`.
template <class Work>
std::string complaint_of(Work work, hypercast::Exit* code = nullptr) {
  try {
    work();
  } catch (const hypercast::UserError& error) {
    if (code) *code = error.code();
    return error.what();
  }
  return "no error";
}
