#include "similarity/families.hpp"

namespace hypercast::similarity {

namespace {

class Models final : public Fit {
 public:
  Models(const Match& match, const Measures& measures) {
    for (const auto* measure : measures) {
      std::vector<double> own;
      each_own_model(match.context, match.rows, [&](std::size_t j) {
        const Score score = as_kind<ModelMeasure>(measure).score(whole(match.rows, j), match.rows.widths()[j],
                                                                 match.labels.model(j), match.labels.classes);
        own.insert(own.end(), {score.value, static_cast<double>(score.status)});
      });
      const auto found = match.context.comm.all_gather<double>(own);
      auto& scores = scores_.emplace_back();
      for (std::size_t i = 0; i < found.size(); i += 2)
        scores.entries.push_back({found[i], static_cast<Status>(static_cast<int>(found[i + 1]))});
    }
  }
  std::vector<Scores> scores(const std::vector<std::int64_t>&) const override { return scores_; }

 private:
  std::vector<Scores> scores_;
};

// Single models know no other order of rows.
void compare(const Match& match, const Measures& measures, const Sink& sink) {
  auto alone = match.resampling;
  alone.permutations = 0;
  compare_by_fits(
      {match.context, match.rows, match.labels, alone, match.resources},
      [&](const Match& some) { return std::make_unique<Models>(some, measures); }, sink);
}

Demand demand(const Outline& outline, const Measures& measures) {
  double operations = 0;
  for (const auto width : outline.widths) {
    const auto d = static_cast<double>(width);
    operations += 4 * outline.rows() * d * std::min(outline.rows(), d);
  }
  return {"", operations * static_cast<double>(measures.size()) * (1 + outline.resampling.groups),
          4 * outline.rows() * outline.widest() * sizeof(double)};
}

}  // namespace

Family model_family() { return {"models", is_kind<ModelMeasure>, demand, compare}; }

}  // namespace hypercast::similarity
