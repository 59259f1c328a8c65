#include "io/provenance_reader.hpp"

#include "io/hdf5.hpp"

namespace hypercast::io {

std::optional<std::string> read_provenance(const std::filesystem::path& path, const std::string& name) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  if (!h5::has_signature(path)) return "";
  try {
    const h5::File file = h5::open(path);
    if (!h5::is_group(file, "provenance")) return "";
    const h5::Object group(h5::call(H5Oopen(file, "provenance", H5P_DEFAULT), "opening /provenance"));
    return h5::has_attribute(group, name) ? h5::read_text(group, name) : "";
  } catch (const h5::Failure&) {
    return "";  // a damaged file is nobody's
  }
}

}  // namespace hypercast::io
