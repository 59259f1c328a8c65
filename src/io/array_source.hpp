#pragma once
// The two kinds of file behind an ArrayReader (io/array.hpp), and what children do for it. Seen inside io
// only.

#include "io/array.hpp"
#include "io/child.hpp"

namespace hypercast::io {

class ArraySource {
 public:
  explicit ArraySource(ArrayInfo info) : info_(std::move(info)) {}
  virtual ~ArraySource() = default;
  const ArrayInfo& info() const { return info_; }
  // As ArrayReader's, for rows that are there and an `out` of the right size.
  virtual void read(Range rows, std::span<double> out) = 0;

 private:
  ArrayInfo info_;
};

std::unique_ptr<ArraySource> open_npy(const std::filesystem::path& path);
std::unique_ptr<ArraySource> open_hdf5_array(const ArrayPlace& place);

// What is known of an array, as text: "<f4 1000 512".
std::string to_text(const ArrayInfo& info);

// The children's part. "array": that text of DATASET. "rows": the bytes of DATASET's numbers as they are in
// the file, from row BEGIN to the end; the arguments are DATASET, that text, BEGIN. "datasets": the paths of
// those that fit PATTERN, each with a zero behind it.
void answer_with_array(const std::filesystem::path& path, std::span<const std::string> arguments,
                       const ChildAnswer& answer);
void answer_with_rows(const std::filesystem::path& path, std::span<const std::string> arguments,
                      const ChildAnswer& answer);
void answer_with_datasets(const std::filesystem::path& path, std::span<const std::string> arguments,
                          const ChildAnswer& answer);

}  // namespace hypercast::io
