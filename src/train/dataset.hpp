#pragma once
// The frames that are learned: read once, normalised, in one array per node.

#include <filesystem>
#include <span>
#include <vector>

#include "core/context.hpp"
#include "core/shared_array.hpp"
#include "hyper/model.hpp"
#include "train/options.hpp"

namespace hypercast::train {

// Which frames of a window of `count` are fitted and which are held out.
struct Split {
  std::vector<int> fitted, held_out;
};
Split split_frames(int count, const DataOptions& options);

class Dataset {
 public:
  // COLLECTIVE. For time conditions the samples are the In-t frames of one trajectory; for index conditions
  // they are the first frames of all trajectories, none held out. UserError when files, frames or values do
  // not allow it.
  Dataset(const Context& context, const std::filesystem::path& folder, const DataOptions& options,
          hyper::Condition condition);

  const hyper::ModelFacts& facts() const { return facts_; }
  const Split& split() const { return split_; }
  std::size_t frame_size() const { return frame_size_; }  // points x channels
  double condition(int sample) const { return conditions_[sample]; }
  // Normalised, [point][channel].
  std::span<const float> frame(int sample) const {
    return values_.values().subspan(sample * frame_size_, frame_size_);
  }
  // Mean square of the normalised frame.
  double mean_square(int sample) const { return mean_squares_[sample]; }

  // The rates e^{rate t} (t scaled to the window) of a dynamic mode decomposition of the fitted frames, put
  // into the facts. Every rank computes the same.
  void find_rates(int most);

 private:
  struct Source;
  static Source find(const Context& context, const std::filesystem::path& folder, const DataOptions& options,
                     hyper::Condition condition);
  Dataset(const Context& context, Source source, const DataOptions& options, hyper::Condition condition);
  void read(const Context& context, const Source& source);
  void normalise(const Comm& node);

  hyper::ModelFacts facts_;
  Split split_;
  std::size_t frame_size_;
  std::vector<double> conditions_, mean_squares_;
  SharedArray<float> values_;
};

}  // namespace hypercast::train
