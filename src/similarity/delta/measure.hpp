#pragma once
// Delta among the measures of a deck.

#include "similarity/delta/options.hpp"
#include "similarity/measure.hpp"

namespace hypercast::similarity {

class DeltaMeasure final : public Measure {
 public:
  Card card() const override;  // of the scheme that the deck asks for; UserError (data) as scheme_of()
  void describe(Section& section) override { options_.describe(section); }
  std::string parameters() override;
  const DeltaOptions& options() const { return options_; }

 private:
  DeltaOptions options_;
};

}  // namespace hypercast::similarity
