#include "io/xdmf.hpp"

#include <numeric>

#include "io/durable.hpp"
#include "io/hdf5.hpp"
#include "io/number_text.hpp"

namespace hypercast::io {

namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (char c : text) switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  return result;
}

std::string extents(const TrajectoryLayout& layout) {
  std::string text;
  for (const auto& axis : layout.axes) text += (text.empty() ? "" : " ") + std::to_string(axis.points.size());
  return text;
}

std::string topology(const TrajectoryLayout& layout, const std::string& mesh) {
  if (layout.axes.size() > 1)
    return "<Topology TopologyType=\"" + std::to_string(layout.axes.size()) + "DSMesh\" Dimensions=\"" +
           extents(layout) + "\"/>";
  const std::string points = extents(layout);  // one line through all points
  return "<Topology TopologyType=\"Polyline\" NodesPerElement=\"" + points +
         "\" NumberOfElements=\"1\"><DataItem Format=\"HDF\" NumberType=\"Int\" Precision=\"8\" "
         "Dimensions=\"1 " +
         points + "\">" + escaped(mesh) + ":/line</DataItem></Topology>";
}

std::string geometry(const TrajectoryLayout& layout, const std::string& mesh) {
  return "<Geometry GeometryType=\"XYZ\"><DataItem Format=\"HDF\" NumberType=\"Float\" Precision=\"4\" "
         "Dimensions=\"" +
         extents(layout) + " 3\">" + escaped(mesh) + ":/coordinates</DataItem></Geometry>";
}

// Where the mesh file shows one frame of one channel.
std::string view_name(std::size_t channel, int trajectory, std::size_t frame) {
  return "fields/" + std::to_string(channel) + "/" + std::to_string(trajectory) + "/" + std::to_string(frame);
}

std::string attribute(const TrajectoryLayout& layout, const std::string& mesh, std::size_t channel,
                      int trajectory, std::size_t frame) {
  return "    <Attribute Name=\"" + escaped(layout.channels[channel]) +
         "\" AttributeType=\"Scalar\" Center=\"Node\"><DataItem Format=\"HDF\" NumberType=\"Float\" "
         "Precision=\"4\" Dimensions=\"" +
         extents(layout) + "\">" + escaped(mesh) + ":/" + view_name(channel, trajectory, frame) +
         "</DataItem></Attribute>\n";
}

void write_views(const h5::File& mesh, const TrajectoryLayout& layout, const std::string& file) {
  h5::Shape shape = {hsize_t(layout.trajectories), layout.times.size()}, grid;
  for (const auto& axis : layout.axes) grid.push_back(axis.points.size());
  shape.insert(shape.end(), grid.begin(), grid.end());
  for (std::size_t channel = 0; channel < layout.channels.size(); ++channel)
    for (int trajectory = 0; trajectory < layout.trajectories; ++trajectory)
      for (std::size_t frame = 0; frame < layout.times.size(); ++frame) {
        h5::Shape start(shape.size(), 0), count = shape;
        start[0] = trajectory, start[1] = frame, count[0] = count[1] = 1;
        h5::create_view(mesh, view_name(channel, trajectory, frame), grid,
                        {file, "/t0_fields/" + layout.channels[channel], shape, start, count});
      }
}

void write_mesh(const TrajectoryLayout& layout, const std::string& file, const std::filesystem::path& path) {
  h5::Shape shape;
  for (const auto& axis : layout.axes) shape.push_back(axis.points.size());
  shape.push_back(3);
  std::vector<float> coordinates(layout.points() * 3, 0.0f);
  for (std::size_t point = 0; point < layout.points(); ++point) {
    std::size_t rest = point;
    for (std::size_t d = layout.axes.size(); d-- > 0;) {
      const auto& points = layout.axes[d].points;
      coordinates[3 * point + d] = static_cast<float>(points[rest % points.size()]);
      rest /= points.size();
    }
  }
  const h5::File mesh = h5::create_in_memory();
  h5::write_dataset<float>(mesh, "coordinates", shape, coordinates);
  if (layout.axes.size() == 1) {
    std::vector<std::int64_t> line(layout.points());
    std::iota(line.begin(), line.end(), 0);
    h5::write_dataset<std::int64_t>(mesh, "line", {1, line.size()}, line);
  }
  write_views(mesh, layout, file);
  write_durably(path, std::span<const char>(h5::image(mesh)));
}

}  // namespace

std::string xdmf_text(const TrajectoryLayout& layout, const std::string& mesh) {
  const std::string grid = "    " + topology(layout, mesh) + "\n    " + geometry(layout, mesh) + "\n";
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Xdmf Version=\"3.0\">\n <Domain>\n";
  for (int trajectory = 0; trajectory < layout.trajectories; ++trajectory) {
    text += "  <Grid Name=\"trajectory_" + std::to_string(trajectory) +
            "\" GridType=\"Collection\" CollectionType=\"Temporal\">\n";
    for (std::size_t frame = 0; frame < layout.times.size(); ++frame) {
      text += "   <Grid Name=\"frame_" + std::to_string(frame) +
              "\" GridType=\"Uniform\">\n    <Time Value=\"" + text_of(layout.times[frame]) + "\"/>\n" + grid;
      for (std::size_t channel = 0; channel < layout.channels.size(); ++channel)
        text += attribute(layout, mesh, channel, trajectory, frame);
      text += "   </Grid>\n";
    }
    text += "  </Grid>\n";
  }
  return text + " </Domain>\n</Xdmf>\n";
}

void write_xdmf(const TrajectoryLayout& layout, const std::filesystem::path& trajectory_file) {
  std::filesystem::path mesh = trajectory_file, sidecar = trajectory_file;
  mesh.replace_extension(".mesh");
  sidecar.replace_extension(".xdmf");
  write_mesh(layout, trajectory_file.filename().string(), mesh);
  write_durably(sidecar, xdmf_text(layout, mesh.filename().string()));
}

}  // namespace hypercast::io
