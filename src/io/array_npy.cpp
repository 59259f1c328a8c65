#include <fcntl.h>

#include <algorithm>

#include "io/array_source.hpp"
#include "io/npy.hpp"

namespace hypercast::io {

namespace {

constexpr std::size_t most = std::size_t{1} << 20;  // bytes that are read at once

class NpySource final : public ArraySource {
 public:
  NpySource(const std::filesystem::path& path, std::unique_ptr<Descriptor> file, const NpyHeader& header)
      : ArraySource({header.shape, header.type}), path_(path), file_(std::move(file)), header_(header) {}

  void read(Range rows, std::span<double> out) override {
    const std::size_t row = info().row_size(), count = rows.size();
    if (file_->size() < header_.start + info().rows() * row * header_.type.bytes)
      throw UserError(Exit::data, path_.string() + ": it became shorter while it was read");
    if (!header_.fortran_order) return read_run(rows.begin * row, count * row, out, 1);
    std::vector<std::size_t> index(header_.shape.size(), 0);  // of a column; the first is not used
    for (std::size_t column = 0; column < row; ++column) {
      read_run(rows.begin + column * info().rows(), count, out.subspan(place(index)), row);
      for (std::size_t k = 1; k < index.size() && ++index[k] == header_.shape[k]; ++k) index[k] = 0;
    }
  }

 private:
  // Where in a row the number stands that has this index.
  std::size_t place(const std::vector<std::size_t>& index) const {
    std::size_t at = 0;
    for (std::size_t k = 1; k < index.size(); ++k) at = at * header_.shape[k] + index[k];
    return at;
  }

  // `count` numbers that lie one after the other in the file, WRITTEN to out[0], out[stride], ...
  void read_run(std::size_t first, std::size_t count, std::span<double> out, std::size_t stride) {
    const std::size_t width = header_.type.bytes, piece = most / width;
    for (std::size_t done = 0; done < count; done += piece) {
      bytes_.resize(std::min(piece, count - done) * width);
      file_->read_at(bytes_, header_.start + (first + done) * width);
      to_doubles(header_.type, bytes_, out.subspan(done * stride), stride);
    }
  }

  std::filesystem::path path_;
  std::unique_ptr<Descriptor> file_;
  NpyHeader header_;
  std::vector<char> bytes_;
};

}  // namespace

std::unique_ptr<ArraySource> open_npy(const std::filesystem::path& path) {
  auto file = std::make_unique<Descriptor>(path, O_RDONLY);
  const NpyHeader header = read_npy_header(*file, path);
  return std::make_unique<NpySource>(path, std::move(file), header);
}

}  // namespace hypercast::io
