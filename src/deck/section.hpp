#pragma once
// The schema of one deck section. A struct of options describes itself once; that one description parses the
// deck, checks types and ranges, supplies defaults (the values the members are initialised with), prints
// `--help SECTION` and writes the key reference.
//
//   struct TimeOptions {
//     static constexpr const char* section = "time";
//     double end = 1;
//     std::string integrator = "rk";
//     void describe(Section& s) {
//       s.about("Time axis of the reference trajectories.");
//       s.key("end", end, "time of the last frame").above(0);
//       s.key("integrator", integrator, "PETSc TS family").one_of({"rk", "arkimex"});
//     }
//   };
//
// Types of keys: bool, int, std::int64_t, double, std::string, std::vector<int>, std::vector<double>,
// std::vector<std::string> and std::vector<std::vector<double>>. Integers are accepted where a double is
// wanted, never the other way round; nan and inf are refused. Ranges on a vector hold for its elements.

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hypercast {

// The value of a key.
using KeyValue =
    std::variant<bool, int, std::int64_t, double, std::string, std::vector<int>, std::vector<double>,
                 std::vector<std::string>, std::vector<std::vector<double>>>;

// A pointer to the member that a key fills.
using KeyTarget =
    std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::vector<int>*, std::vector<double>*,
                 std::vector<std::string>*, std::vector<std::vector<double>>*>;

class Key {
 public:
  Key(std::string name, KeyTarget target, std::string doc);

  Key& above(double bound);                     // value > bound
  Key& at_least(double bound);                  // value >= bound
  Key& below(double bound);                     // value < bound
  Key& at_most(double bound);                   // value <= bound
  Key& one_of(std::vector<std::string> words);  // for integers too: one_of({"2", "4", "6"})
  Key& unit(std::string text);
  Key& required();  // no default: the deck must give it when the section is read

  const std::string& name() const { return name_; }
  const std::string& doc() const { return doc_; }
  const std::string& unit() const { return unit_; }
  const KeyTarget& target() const { return target_; }
  const std::vector<std::string>& words() const { return words_; }
  bool is_required() const { return required_; }
  std::string type() const;                  // "integer", "number", "list of numbers", ...
  std::string range() const;                 // "> 0", "2, 4, 6", "" when free
  KeyValue value() const;                    // the member's present value
  std::string value_text() const;            // the same as TOML
  void assign(const KeyValue& value) const;  // to the member; the alternatives must match
  // "" when a value is inside the range, else what is wrong with it.
  std::string complaint(const KeyValue& value) const;
  std::string complaint() const { return complaint(value()); }

 private:
  struct Bound {
    double value;
    std::string relation;  // "> ", ">= ", "< ", "<= "
    bool (*holds)(double value, double bound);
  };
  std::string name_, doc_, unit_;
  KeyTarget target_;
  std::vector<Bound> bounds_;
  std::vector<std::string> words_;
  bool required_ = false;
};

class Section {
 public:
  explicit Section(std::string name) : name_(std::move(name)) {}

  void about(std::string text) { about_ = std::move(text); }
  template <class T>
  Key& key(std::string name, T& member, std::string doc) {
    return keys_.emplace_back(std::move(name), KeyTarget(&member), std::move(doc));
  }

  const std::string& name() const { return name_; }
  const std::string& about() const { return about_; }
  const std::deque<Key>& keys() const { return keys_; }

 private:
  std::string name_, about_;
  std::deque<Key> keys_;  // a deque: references returned by key() stay valid
};

}  // namespace hypercast
