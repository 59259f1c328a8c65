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

std::string repeated(const std::string& word, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += " " + word;
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

std::string attribute(const TrajectoryLayout& layout, const std::string& file, const std::string& channel,
                      int trajectory, std::size_t frame) {
  const std::size_t axes = layout.axes.size(), rank = axes + 2;
  const std::string sizes = extents(layout);
  const std::string start = std::to_string(trajectory) + " " + std::to_string(frame) + repeated("0", axes);
  const std::string name = escaped(channel);
  return "    <Attribute Name=\"" + name + "\" AttributeType=\"Scalar\" Center=\"Node\">\n" +
         "     <DataItem ItemType=\"HyperSlab\" Type=\"HyperSlab\" Dimensions=\"" + sizes + "\">\n" +
         "      <DataItem Format=\"XML\" Dimensions=\"3 " + std::to_string(rank) + "\">" + start + " " +
         repeated("1", rank) + "  1 1 " + sizes + "</DataItem>\n" +
         "      <DataItem Format=\"HDF\" NumberType=\"Float\" Precision=\"4\" Dimensions=\"" +
         std::to_string(layout.trajectories) + " " + std::to_string(layout.times.size()) + " " + sizes +
         "\">" + escaped(file) + ":/t0_fields/" + name + "</DataItem>\n     </DataItem>\n    </Attribute>\n";
}

void write_mesh(const TrajectoryLayout& layout, const std::filesystem::path& path) {
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
  const h5::File file = h5::create_in_memory();
  h5::write_dataset<float>(file, "coordinates", shape, coordinates);
  if (layout.axes.size() == 1) {
    std::vector<std::int64_t> line(layout.points());
    std::iota(line.begin(), line.end(), 0);
    h5::write_dataset<std::int64_t>(file, "line", {1, line.size()}, line);
  }
  write_durably(path, std::span<const char>(h5::image(file)));
}

}  // namespace

std::string xdmf_text(const TrajectoryLayout& layout, const std::string& file, const std::string& mesh) {
  const std::string grid = "    " + topology(layout, mesh) + "\n    " + geometry(layout, mesh) + "\n";
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Xdmf Version=\"3.0\">\n <Domain>\n";
  for (int trajectory = 0; trajectory < layout.trajectories; ++trajectory) {
    text += "  <Grid Name=\"trajectory_" + std::to_string(trajectory) +
            "\" GridType=\"Collection\" CollectionType=\"Temporal\">\n";
    for (std::size_t frame = 0; frame < layout.times.size(); ++frame) {
      text += "   <Grid Name=\"frame_" + std::to_string(frame) +
              "\" GridType=\"Uniform\">\n    <Time Value=\"" + text_of(layout.times[frame]) + "\"/>\n" + grid;
      for (const auto& channel : layout.channels) text += attribute(layout, file, channel, trajectory, frame);
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
  write_mesh(layout, mesh);
  write_durably(sidecar, xdmf_text(layout, trajectory_file.filename().string(), mesh.filename().string()));
}

}  // namespace hypercast::io
