#include "similarity/families.hpp"

namespace hypercast::similarity {

namespace {

class Models final : public Family {
 public:
  Models(const Match& match, const std::vector<const ModelMeasure*>& measures) {
    const Range mine = match.rows.ownership().mine();
    for (const auto* measure : measures) {
      std::vector<double> own;
      for (auto j = mine.begin; j < mine.end; ++j) {
        const Score score = measure->score(whole(match.rows, j), match.rows.widths()[j],
                                           match.labels.model(j), match.labels.classes);
        own.insert(own.end(), {score.value, static_cast<double>(score.status)});
      }
      const auto found = match.context.comm.all_gather<double>(own);
      auto& scores = scores_.emplace_back();
      for (std::size_t i = 0; i < found.size(); i += 2)
        scores.entries.push_back({found[i], static_cast<Status>(static_cast<int>(found[i + 1]))});
    }
  }
  // Single models know no other order.
  std::vector<Scores> scores(const std::vector<std::int64_t>&) const override { return scores_; }

 private:
  std::vector<Scores> scores_;
};

}  // namespace

std::unique_ptr<Family> make_family(const Match& match, std::vector<const ModelMeasure*> measures) {
  return std::make_unique<Models>(match, measures);
}

}  // namespace hypercast::similarity
