#pragma once
// The cage around the HDF5 C library. Included by .cpp files of io only; hdf5.h is seen nowhere else.
//
// Handles own their identifiers and convert to hid_t. Every call throws Failure with HDF5's own error stack
// in one line; HDF5 itself prints nothing. Text is variable-length UTF-8, truth an enum FALSE/TRUE over one
// byte: the types h5py turns into str and bool.

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/handle.hpp"

namespace hypercast::io::h5 {

template <herr_t (*close)(hid_t)>
struct Traits {
  using type = hid_t;
  static hid_t none() { return H5I_INVALID_HID; }
  static void release(hid_t& id) noexcept { close(id); }
};
using File = Handle<Traits<H5Fclose>>;
using Group = Handle<Traits<H5Gclose>>;
using Dataset = Handle<Traits<H5Dclose>>;
using Attribute = Handle<Traits<H5Aclose>>;
using Space = Handle<Traits<H5Sclose>>;
using Type = Handle<Traits<H5Tclose>>;
using Properties = Handle<Traits<H5Pclose>>;
using Object = Handle<Traits<H5Oclose>>;
using Shape = std::vector<hsize_t>;

// Exit::io; `plain` is the text without the place in the source.
struct Failure : Error {
  Failure(const std::string& text, Where where) : Error(text, Exit::io, where), plain(text) {}
  std::string plain;
};

// Throws Failure when `code` is negative, else returns it.
template <class T>
T call(T code, const std::string& what, Where where = Where::here());

// --- files
// ---------------------------------------------------------------------------------------------------
// Plain files of one rank, without HDF5's locks (there is one writer, and readers see finished files only).
// Many ranks may read one file, each for itself.
// A user block, 512 2^k bytes or none, comes in front and is left alone.
File create(const std::filesystem::path& path, std::size_t user_block = 0);  // replaces
File open(const std::filesystem::path& path);                                // read only
File open_to_change(const std::filesystem::path& path);
File create_in_memory(std::size_t user_block = 0);
File open_image(std::span<const char> image);           // read only; copies the bytes
std::vector<char> image(const File& file);              // what comes after its user block
bool has_signature(const std::filesystem::path& path);  // looks at bytes only
void close(File& file);                                 // unlike the destructor, reports failure

// --- types and spaces
// ----------------------------------------------------------------------------------------
template <class T>
hid_t native();  // float, double, std::int32_t, std::int64_t
template <class T>
hid_t stored();                   // the same, little-endian
Type text_type();                 // variable length, UTF-8
Type bool_type();                 // enum FALSE = 0, TRUE = 1 over a byte
Space space(const Shape& shape);  // scalar when `shape` is empty; extents may be zero

// --- groups and links
// ----------------------------------------------------------------------------------------
Group create_group(hid_t parent, const std::string& name);
bool exists(hid_t parent, const std::string& path);  // walks "a/b/c" safely
bool is_group(hid_t parent, const std::string& name);
std::vector<std::string> names(hid_t group);  // of its links, by name

// --- attributes
// ----------------------------------------------------------------------------------------------
void write(hid_t object, const std::string& name, const std::string& value);
void write(hid_t object, const std::string& name, const std::vector<std::string>& values);  // may be empty
void write(hid_t object, const std::string& name, const std::vector<bool>& values);
void write_bool(hid_t object, const std::string& name, bool value);
void write(hid_t object, const std::string& name, double value);
void write(hid_t object, const std::string& name, std::int64_t value);
void write(hid_t object, const std::string& name, const std::vector<double>& values);  // up to 64 kB
void remove_attribute(hid_t object, const std::string& name);

bool has_attribute(hid_t object, const std::string& name);
std::string read_text(hid_t object, const std::string& name);
std::vector<std::string> read_texts(hid_t object, const std::string& name);
bool read_bool(hid_t object, const std::string& name);
std::vector<bool> read_bools(hid_t object, const std::string& name);
double read_number(hid_t object, const std::string& name);  // of whatever number type
bool is_number(hid_t object, const std::string& name);      // whether read_number can read it

// What an attribute or a dataset is made of, as h5py tells it.
enum class Element { text, fixed_text, truth, integer, real, other };
struct Nature {
  Element element = Element::other;
  std::size_t size = 0;  // bytes of one
  Shape shape;
  bool null = false;  // H5S_NULL: not even a scalar
};
Nature attribute_nature(hid_t object, const std::string& name);
Nature dataset_nature(hid_t dataset);
std::string shape_text(const Shape& shape);  // "(2, 3, 7)"
std::size_t volume(const Shape& shape);      // the product of the extents

// --- datasets
// ------------------------------------------------------------------------------------------------
// Contiguous, with its space in the file at once, never filled, without time stamps.
Dataset create_dataset(hid_t parent, const std::string& name, hid_t type, const Shape& shape);
Dataset open_dataset(hid_t parent, const std::string& path);
// The same for reading boxes that go along the first `leading` axes and are full in the others: no chunk is
// unpacked twice, as long as those side by side fit into 1 GiB.
Dataset open_to_stream(hid_t parent, const std::string& path, std::size_t leading);
Shape shape(hid_t dataset);
H5T_class_t type_class(hid_t dataset);
std::size_t type_size(hid_t dataset);

std::uint64_t offset(
    hid_t dataset);  // where its values start in the file, counted from the file's first byte

// A dataset float32 of shape `shown` that holds nothing itself: it shows a box (first index, extents, one
// axis or more of extent 1 left out) of a dataset in another file, named as seen from this one's folder.
// Where that file or dataset is missing it shows NaN.
struct BoxOfFile {
  std::string file, dataset;
  Shape shape;  // of that dataset
  Shape start, count;
};
void create_view(hid_t parent, const std::string& name, const Shape& shown, const BoxOfFile& box);

// All of a dataset.
template <class T>
void write_values(hid_t dataset, std::span<const T> values);
void write_values(hid_t dataset, const std::vector<bool>& values);  // of bool_type()

// Create and write.
template <class T>
void write_dataset(hid_t parent, const std::string& name, const Shape& shape, std::span<const T> values);
void write_text_dataset(hid_t parent, const std::string& name, const std::string& value);
void write_texts_dataset(hid_t parent, const std::string& name, const std::vector<std::string>& values);
template <class T>
std::vector<T> read_dataset(hid_t parent, const std::string& path);
std::string read_text_dataset(hid_t parent, const std::string& path);
std::vector<bool> read_bool_dataset(hid_t parent, const std::string& path);  // of Element::truth

// A box of a dataset, given by its first index and its extents, to contiguous memory.
void read_box(hid_t dataset, const Shape& start, const Shape& count, std::span<float> values);
// The bytes of its values as they are in the file.
void read_box_as_stored(hid_t dataset, const Shape& start, const Shape& count, std::span<char> bytes);

}  // namespace hypercast::io::h5
