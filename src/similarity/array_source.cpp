#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/buffer.hpp"
#include "io/array.hpp"
#include "similarity/source.hpp"

namespace hypercast::similarity {

namespace {

// Of one row of an array: so many places with so many features each; features of a place lie side by side, or
// those of one feature do.
struct Shape {
  std::size_t places = 1, features = 1;
  bool features_first = false;
};

Shape shape_of(const io::ArrayInfo& info, const Layout& layout, const std::string& place) {
  const auto& s = info.shape;
  const std::size_t axes = layout.layout == "rows" ? 2 : layout.layout == "ntd" ? 3 : 4;
  if (s.size() != axes && s.size() != 2)
    throw UserError(Exit::data, fmt::format("{} has {} axes, [similarity] layout = \"{}\" wants {}", place,
                                            s.size(), layout.layout, axes));
  for (const auto extent : s)
    if (extent == 0) throw UserError(Exit::data, place + " is empty");
  if (s.size() == 2) return {1, s[1], false};
  if (axes == 3) return {s[1], s[2], false};
  return layout.layout == "nchw" ? Shape{s[2] * s[3], s[1], true} : Shape{s[1] * s[2], s[3], false};
}

enum class Pool { flatten, average, places };

Pool pool_of(const Layout& layout, const Shape& shape) {
  if (shape.places == 1 || layout.pool == "flatten") return Pool::flatten;
  return layout.pool == "average" ? Pool::average : Pool::places;
}

class ArrayRows final : public Source {
 public:
  ArrayRows(const std::string& place, const Layout& layout)
      : reader_(io::array_place(place)),
        shape_(shape_of(reader_.info(), layout, place)),
        pool_(pool_of(layout, shape_)) {}

  std::int64_t rows() const override { return samples() * static_cast<std::int64_t>(rows_each()); }
  std::int64_t samples() const override { return static_cast<std::int64_t>(reader_.info().rows()); }
  std::size_t places() const override { return shape_.places; }
  std::size_t width() const override {
    return pool_ == Pool::flatten ? shape_.places * shape_.features : shape_.features;
  }
  bool fits_float() const override { return pool_ != Pool::average && reader_.info().type.fits_float(); }
  double rounding() const override { return reader_.info().type.rounding(); }

  void read(const Range& rows, std::span<double> out) override {
    if (pool_ == Pool::flatten) return reader_.read(rows, out);
    const auto each = static_cast<std::int64_t>(rows_each());
    hold({rows.begin / each, (rows.end + each - 1) / each});
    const std::size_t width = shape_.features, size = shape_.places * width;
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const auto sample = std::span<const double>(numbers_).subspan((row / each - held_.begin) * size, size);
      const auto to = out.subspan((row - rows.begin) * width, width);
      if (pool_ == Pool::average)
        average(sample, to);
      else
        for (std::size_t f = 0; f < width; ++f) to[f] = at(sample, static_cast<std::size_t>(row % each), f);
    }
  }

 private:
  std::size_t rows_each() const { return pool_ == Pool::places ? shape_.places : 1; }

  // Samples [begin, end) in numbers_. The last one of before may be the first again, and is not read twice.
  void hold(const Range& samples) {
    const std::size_t size = shape_.places * shape_.features;
    const bool again = held_.size() > 0 && held_.end - 1 == samples.begin;
    if (again)
      std::copy(numbers_.end() - static_cast<std::ptrdiff_t>(size), numbers_.end(), numbers_.begin());
    numbers_.resize(samples.size() * size);
    const Range fresh{samples.begin + (again ? 1 : 0), samples.end};
    if (fresh.size() > 0)
      reader_.read(fresh, std::span(numbers_).subspan((fresh.begin - samples.begin) * size));
    held_ = samples;
  }

  double at(std::span<const double> sample, std::size_t place, std::size_t feature) const {
    return shape_.features_first ? sample[feature * shape_.places + place]
                                 : sample[place * shape_.features + feature];
  }
  void average(std::span<const double> sample, std::span<double> means) const {
    for (std::size_t f = 0; f < means.size(); ++f) {
      double sum = 0;
      for (std::size_t place = 0; place < shape_.places; ++place) sum += at(sample, place, f);
      means[f] = sum / static_cast<double>(shape_.places);
    }
  }

  io::ArrayReader reader_;
  Shape shape_;
  Pool pool_;
  Range held_;
  Buffer<double> numbers_;
};

}  // namespace

std::unique_ptr<Source> array_source(const std::string& place, const Layout& layout) {
  return std::make_unique<ArrayRows>(place, layout);
}

std::vector<std::int64_t> whole_numbers(const std::string& place) {
  io::ArrayReader reader(io::array_place(place));
  if (reader.info().shape.size() != 1)
    throw UserError(Exit::data,
                    fmt::format("{} is no list: it has {} axes", place, reader.info().shape.size()));
  const auto n = static_cast<std::int64_t>(reader.info().rows());
  std::vector<double> values(n);
  reader.read({0, n}, values);
  std::vector<std::int64_t> numbers;
  for (const double value : values) {
    if (value != std::floor(value) || std::abs(value) > 9e15)
      throw UserError(Exit::data, fmt::format("{}: row {} is {}, not a whole number below 2^53", place,
                                              numbers.size(), value));
    numbers.push_back(static_cast<std::int64_t>(value));
  }
  return numbers;
}

}  // namespace hypercast::similarity
