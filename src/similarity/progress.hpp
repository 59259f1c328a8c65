#pragma once
// What is known of a comparison, in a checkpoint, so that a run which was stopped goes on where it was.

#include "deck/app.hpp"
#include "similarity/compare.hpp"

namespace hypercast::similarity {

class Progress {
 public:
  // Of comparisons that agree in `key`; borrows the study.
  Progress(const Study& study, std::filesystem::path file, std::string key);
  // COLLECTIVE. Fills what is known of measures with the same parameters. What belongs to another comparison,
  // or is damaged, is told and left alone.
  void restore(const std::vector<NamedMeasure>& measures, std::vector<Compared>& found) const;
  // COLLECTIVE. Error (Exit::io) on failure.
  void save(const std::vector<NamedMeasure>& measures, const std::vector<Compared>& found) const;
  void remove() const;  // COLLECTIVE

 private:
  const Study& study_;
  std::filesystem::path file_;
  std::string key_;
};

}  // namespace hypercast::similarity
