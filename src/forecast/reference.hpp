#pragma once
// The truth that forecasts are compared with.

#include <filesystem>
#include <optional>
#include <vector>

#include "hyper/frames.hpp"
#include "hyper/model.hpp"

namespace hypercast::forecast {

// What a frame is to the model. Codes are those of the errors file.
enum class Window { fitted = 0, held_out = 1, out_t = 2 };
Window window_of(const hyper::ModelFacts& facts, double t);

// Models that learned from many trajectories forecast others than these.
bool is_of_many(const hyper::ModelFacts& facts);

// UserError (Exit::data) when the trajectories of this folder have other fields or another grid than the
// model.
void check_fits(const std::filesystem::path& folder, const hyper::ModelFacts& facts,
                const hyper::FrameList& list);

class Reference {
 public:
  // COLLECTIVE. Time conditions: all frames of the trajectory that was learned; index conditions: the first
  // frames of all, as one trajectory whose times are the numbers of the functions; codes, and whatever
  // depends on parameters: all frames of all trajectories, or of `only` that one. UserError when there is no
  // such trajectory, the files do not fit the model's grid and fields, or a value is not finite.
  Reference(const Context& context, const std::filesystem::path& folder, const hyper::ModelFacts& facts,
            std::optional<int> only = {});

  const std::string& dataset_name() const { return dataset_name_; }
  int trajectories() const { return trajectories_; }
  const std::vector<double>& times() const { return times_; }  // or function numbers
  std::size_t frame_size() const { return frames_.size(); }
  // values[point][channel]
  std::span<const float> frame(int trajectory, std::size_t k) const {
    return frames_[trajectory * times_.size() + k];
  }
  // The equation's numbers of a trajectory.
  const std::vector<std::pair<std::string, double>>& parameters(int trajectory) const {
    return parameters_[trajectory];
  }
  // The frame at that time, if there is one.
  std::optional<std::size_t> find(double t) const;

 private:
  Reference(const Context& context, const hyper::FrameList& list, hyper::Condition condition);

  std::string dataset_name_;
  int trajectories_;
  std::vector<double> times_;
  std::vector<std::vector<std::pair<std::string, double>>> parameters_;
  hyper::Frames frames_;
};

}  // namespace hypercast::forecast
