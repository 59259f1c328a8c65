#include "train/step_report.hpp"

#include <fmt/format.h>

#include "core/isa.hpp"
#include "io/durable.hpp"
#include "io/on_root.hpp"
#include "machine/calibrate.hpp"

namespace hypercast::train {

namespace {

constexpr std::int64_t fewest_steps = 10;
constexpr double worth_telling = 0.98;  // rates are not known any better

std::string text_of(const Grid& grid) {
  return fmt::format("replicas {}, trunk {}", grid.replicas, name_of(grid.trunk));
}

}  // namespace

StepReport::StepReport(const Study& study, bool calibrate) : study_(study), calibrate_(calibrate) {}

void StepReport::begin(int stage, const Modelled& modelled, const Grid& grid, std::int64_t steps) {
  stage_ = stage;
  floors_.reset();
  why_none_ = calibrate_ ? modelled.why_not : "[train] calibrate is off";
  if (calibrate_ && modelled.shape && steps >= fewest_steps) {
    if (!rates_) {
      const auto scope = study_.context.timers.scope("calibration");
      rates_ = machine::calibrate(study_.context);
    }
    floors_ = step_cost(*rates_, *modelled.shape, grid);
    recommend(*modelled.shape, grid);
  }
  before_ = step_times(study_.context.timers);
}

void StepReport::recommend(const ModelShape& shape, const Grid& grid) const {
  const Grid best = train::recommend(*rates_, shape, grid.ranks);
  const double milliseconds = 1e3 * step_cost(*rates_, shape, best).seconds();
  const double chosen = 1e3 * floors_->seconds();
  if (milliseconds < worth_telling * chosen)
    study_.context.log.info("grid: {}; the cost model recommends {} ({:.3g} ms a step instead of {:.3g})",
                            text_of(grid), text_of(best), milliseconds, chosen);
  else
    study_.context.log.info("grid: {}, as the cost model recommends ({:.3g} ms a step)", text_of(grid),
                            chosen);
}

std::string StepReport::title(std::int64_t steps) const {
  std::string text = fmt::format("phases of {} steps, isa {}", steps, isa_name(isa()));
  if (!floors_) return text + ", without floors: " + why_none_;
  return text + fmt::format(
                    ", beside their floors at {:.1f} Gflop/s a rank, {:.1f} GB/s memory, {:.1f} GB/s last "
                    "cache, {:.2f} cycles a sincos",
                    1e-9 * rates_->flops_together, 1e-9 * rates_->bandwidth, 1e-9 * rates_->cache_bandwidth,
                    rates_->sincos_cycles);
}

void StepReport::end(std::int64_t steps) {
  if (steps < fewest_steps) return;
  const auto& context = study_.context;
  const auto phases = breakdown(context.comm, before_, step_times(context.timers), steps, floors_);
  context.log.info("{}\n{}", title(steps), table_of(phases));
  csv_ += csv_of(stage_, phases);
  io::on_root(context.comm, [&] { io::write_durably(study_.folder / "timing.csv", csv_title() + csv_); });
}

}  // namespace hypercast::train
