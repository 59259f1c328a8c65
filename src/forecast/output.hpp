#pragma once
// Writing forecasts: frames on a grid, or values at a list of points.

#include <filesystem>

#include "core/context.hpp"
#include "forecast/weight_path.hpp"
#include "hyper/model.hpp"
#include "io/provenance.hpp"

namespace hypercast::forecast {

// `factor` times the points of the training grid along each axis, on the same domain.
std::vector<io::Axis> refined(const std::vector<io::Axis>& axes, int factor);

// COLLECTIVE. The trajectories of the path at `times`, in The Well's layout, with XDMF; an ensemble's spread
// follows as channels <name>_spread. Frames are computed by one rank each, so the file does not depend on the
// number of ranks. A value that is not finite is a UserError (Exit::diverged), unless the path has left its
// bounds before that time. False when a signal asked to stop: then there is no file.
bool write_frames(const Context& context, const hyper::Model<float>& model, WeightPath& path,
                  const std::vector<io::Axis>& axes, const std::vector<double>& times,
                  const std::filesystem::path& file, const io::Provenance& provenance);

// COLLECTIVE. The forecast of one trajectory at rows t, x[, y[, z]]. Rows of one time that follow each other
// are computed together, in groups that do not depend on the number of ranks. False when a signal asked to
// stop: then there is no file. UserError (Exit::data) for a place outside the domain (a periodic axis has no
// outside) or, with index conditions, a function the model does not know.
bool write_points(const Context& context, const hyper::Model<float>& model, WeightPath& path, int trajectory,
                  const std::vector<double>& rows, const std::filesystem::path& file,
                  const io::Provenance& provenance);

// UserError (Exit::data) when the model knows no such condition.
void check_condition(const hyper::ModelFacts& facts, double t);

}  // namespace hypercast::forecast
