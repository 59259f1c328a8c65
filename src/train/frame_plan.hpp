#pragma once
// Which of the frames that are learned are in a node's memory, and when. `[data] memory` decides; it counts
// frames only, and the plan follows from the deck and the data alone, never from ranks or nodes.
//
// All frames fit, or memory = 0: they are read once and stay.
//
// Else they are streamed. The fitted frames are cut into blocks of frames that follow each other, each a 32nd
// of the window. An epoch (train/schedule.hpp) takes the blocks in random order, as many at a time as the
// window holds, and draws the frames of these blocks in random order, each once; then the blocks are
// replaced. So every fitted frame comes up once an epoch and is read once an epoch, a block at a time; a
// batch mixes frames of the 32 places in the window or a few more (of fewer, where it holds fewer frames),
// not of all places. Beside the window there is room for one batch: for frames of a batch that began in the
// window before, and for frames that are looked at in between, held-out ones, which are read each time.
//
// Where every trajectory has points of its own, leaves of a batch come from any trajectories: each batch is
// read for itself.

#include <optional>
#include <string>

#include "deck/deck.hpp"
#include "hyper/frames.hpp"
#include "hyper/model.hpp"
#include "train/options.hpp"
#include "train/schedule.hpp"

namespace hypercast::train {

struct FramePlan {
  std::size_t room = 0;   // frames in memory at a time; 0: all are
  std::size_t spare = 0;  // of these: beside the window
  Blocks blocks;          // of fitted frames, and of a window
  bool streamed() const { return room > 0; }
};

// What is wanted of the frames of a list.
struct FrameDemand {
  std::size_t samples = 0;   // all of them
  std::size_t fitted = 0;    // of these: trained on
  std::size_t batch = 0;     // frames of a step; 0: none is trained on
  std::size_t together = 1;  // as many must be in memory at the same time: with codes those of a trajectory
  bool own_points = false;   // of every trajectory
};
FrameDemand demand_of(const hyper::FrameList& list, const DataOptions& options,
                      const hyper::Conditioning& condition, int batch);

// Nothing when there is too little room: for the frames wanted together, or for two batches.
std::optional<FramePlan> plan_for(const FrameDemand& demand, std::size_t room);

// Of frames that are trained on, and of others for validation, which get their part of the memory, at least
// as much as they must have. UserError (Exit::data) that points at the key and says what is enough when it is
// too small.
struct FramePlans {
  FramePlan fitted, valid;
};
FramePlans plan_frames(const Deck& deck, double memory, std::size_t frame_size, const FrameDemand& fitted,
                       const FrameDemand& valid = {});

// A line on it for the log and --check.
std::string text_of(const FramePlan& plan, const FrameDemand& demand, std::size_t frame_size);

}  // namespace hypercast::train
