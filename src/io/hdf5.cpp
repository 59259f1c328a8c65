#include "io/hdf5.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <memory>

namespace hypercast::io::h5 {

namespace {

herr_t append_line(unsigned, const H5E_error2_t* entry, void* out) {
  auto& text = *static_cast<std::string*>(out);
  const std::string line = entry->desc ? entry->desc : "";
  if (!line.empty() && text.find(line) == std::string::npos) text += (text.empty() ? "" : "; ") + line;
  return 0;
}

std::string error_stack() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, append_line, &text);
  H5Eclear2(H5E_DEFAULT);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

Properties properties(hid_t kind) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // we print
  return Properties(call(H5Pcreate(kind), "HDF5 cannot make a property list"));
}

Properties plain() {
  Properties access = properties(H5P_FILE_ACCESS);
  call(H5Pset_file_locking(access, false, true), "H5Pset_file_locking");
  return access;
}

Properties creation(std::size_t user_block) {
  Properties file = properties(H5P_FILE_CREATE);
  call(H5Pset_userblock(file, user_block), "H5Pset_userblock");
  call(H5Pset_obj_track_times(file, false), "H5Pset_obj_track_times");
  return file;
}

Properties in_memory() {
  Properties access = properties(H5P_FILE_ACCESS);
  call(H5Pset_fapl_core(access, std::size_t{1} << 22, false), "H5Pset_fapl_core");
  return access;
}

// HDF5 tells files in memory apart by their names; identifiers are never given twice.
std::string name_in_memory(const Properties& access) { return "memory " + std::to_string(access.get()); }

}  // namespace

template <class T>
T call(T code, const std::string& what, Where where) {
  if (code >= 0) return code;
  const std::string stack = error_stack();
  throw Failure(stack.empty() ? what : what + ": " + stack, where);
}
template int call(int, const std::string&, Where);
template hid_t call(hid_t, const std::string&, Where);

File create(const std::filesystem::path& path, std::size_t user_block) {
  const Properties access = plain(), file = creation(user_block);
  return File(call(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, file, access), "cannot create " + path.string()));
}

File open(const std::filesystem::path& path) {
  const Properties access = plain();
  return File(call(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), "cannot open " + path.string()));
}

File open_to_change(const std::filesystem::path& path) {
  const Properties access = plain();
  return File(call(H5Fopen(path.c_str(), H5F_ACC_RDWR, access), "cannot open " + path.string()));
}

File create_in_memory(std::size_t user_block) {
  const Properties access = in_memory(), file = creation(user_block);
  return File(call(H5Fcreate(name_in_memory(access).c_str(), H5F_ACC_TRUNC, file, access),
                   "cannot create a file in memory"));
}

File open_image(std::span<const char> image) {
  const Properties access = in_memory();
  call(H5Pset_file_image(access, const_cast<char*>(image.data()), image.size()), "H5Pset_file_image");
  return File(
      call(H5Fopen(name_in_memory(access).c_str(), H5F_ACC_RDONLY, access), "cannot open a file in memory"));
}

std::vector<char> image(const File& file) {
  call(H5Fflush(file, H5F_SCOPE_GLOBAL), "cannot flush a file in memory");
  const ssize_t size = H5Fget_file_image(file, nullptr, 0);
  call<hid_t>(size, "cannot size a file in memory");
  std::vector<char> bytes(size);
  call<hid_t>(H5Fget_file_image(file, bytes.data(), bytes.size()), "cannot copy a file in memory");
  return bytes;
}

bool has_signature(const std::filesystem::path& path) {
  // The superblock is at 0, 512, 1024, 2048, ...
  static constexpr std::array<char, 8> signature = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::ifstream file(path, std::ios::binary);
  std::array<char, 8> bytes{};
  for (std::streamoff at = 0; file.seekg(at) && file.read(bytes.data(), bytes.size()); at = at ? 2 * at : 512)
    if (bytes == signature) return true;
  return false;
}

void close(File& file) {
  // The destructor's close cannot speak, so let it drop a second reference and close the last one here.
  const hid_t id = file;
  call(H5Iinc_ref(id), "H5Iinc_ref");
  file.reset();
  call(H5Fclose(id), "cannot close the file");
}

template <class T>
hid_t native() {
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, std::int32_t>) return H5T_NATIVE_INT32;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
}
template <class T>
hid_t stored() {
  if constexpr (std::is_same_v<T, float>) return H5T_IEEE_F32LE;
  if constexpr (std::is_same_v<T, double>) return H5T_IEEE_F64LE;
  if constexpr (std::is_same_v<T, std::int32_t>) return H5T_STD_I32LE;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_STD_I64LE;
}
template hid_t native<float>();
template hid_t native<double>();
template hid_t native<std::int32_t>();
template hid_t native<std::int64_t>();
template hid_t stored<float>();
template hid_t stored<double>();
template hid_t stored<std::int32_t>();
template hid_t stored<std::int64_t>();

Type text_type() {
  Type type(call(H5Tcopy(H5T_C_S1), "H5Tcopy"));
  call(H5Tset_size(type, H5T_VARIABLE), "H5Tset_size");
  call(H5Tset_cset(type, H5T_CSET_UTF8), "H5Tset_cset");
  return type;
}

Type bool_type() {
  Type type(call(H5Tenum_create(H5T_STD_I8LE), "H5Tenum_create"));
  for (std::int8_t value : {0, 1})
    call(H5Tenum_insert(type, value ? "TRUE" : "FALSE", &value), "H5Tenum_insert");
  return type;
}

Space space(const Shape& shape) {
  if (shape.empty()) return Space(call(H5Screate(H5S_SCALAR), "H5Screate"));
  return Space(
      call(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), "H5Screate_simple"));
}

Group create_group(hid_t parent, const std::string& name) {
  const Properties made = properties(H5P_GROUP_CREATE);
  call(H5Pset_obj_track_times(made, false), "H5Pset_obj_track_times");
  return Group(call(H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, made, H5P_DEFAULT),
                    "cannot create group '" + name + "'"));
}

bool exists(hid_t parent, const std::string& path) {
  for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
    const std::string head = path.substr(0, slash);
    if (call(H5Lexists(parent, head.c_str(), H5P_DEFAULT), "cannot look up '" + head + "'") == 0)
      return false;
    if (slash == std::string::npos) break;
  }
  return call(H5Oexists_by_name(parent, path.c_str(), H5P_DEFAULT), "cannot look up '" + path + "'") > 0;
}

bool is_group(hid_t parent, const std::string& name) {
  const Object object(call(H5Oopen(parent, name.c_str(), H5P_DEFAULT), "cannot open '" + name + "'"));
  return H5Iget_type(object) == H5I_GROUP;
}

std::vector<std::string> names(hid_t group) {
  H5G_info_t info;
  call(H5Gget_info(group, &info), "cannot list a group");
  std::vector<std::string> result;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    const auto by = [&](char* text, std::size_t size) {
      const ssize_t length =
          H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, text, size, H5P_DEFAULT);
      return call<hid_t>(length, "cannot list a group");
    };
    std::string name(by(nullptr, 0), '\0');
    by(name.data(), name.size() + 1);
    result.push_back(name);
  }
  return result;
}

}  // namespace hypercast::io::h5
