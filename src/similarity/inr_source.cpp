#include "similarity/inr_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/random.hpp"
#include "hyper/model_file.hpp"
#include "io/checkpoint.hpp"

namespace hypercast::similarity {

StoredInr::StoredInr(const Comm& comm, const std::string& file, const std::vector<double>& parameters)
    : file_(file), parameters_(parameters) {
  const auto archive = io::read_checkpoint(comm, file);
  const auto stored = hyper::get_model(archive);
  hyper::add_model_sections(schema_);
  model_ = std::make_unique<hyper::Model<float>>(
      hyper::make_model<float>(hyper::deck_of_model(schema_, stored.deck), stored.facts));
  phi_ = hyper::get_phi(archive);
  if (phi_.size() != model_->params())
    throw UserError(Exit::refused, file + ": its parameters do not fit its own model");
  if (model_->facts.condition == hyper::Condition::code)
    throw UserError(Exit::refused, file + " is a model of codes: its INRs are not functions of a time");
  if (parameters.size() != model_->facts.parameters.size())
    throw UserError(Exit::refused,
                    fmt::format("{} depends on {} parameters, [similarity.inr] parameters gives {}", file,
                                model_->facts.parameters.size(), parameters.size()));
}

int StoredInr::layers() const { return static_cast<int>(model_->inr.features().hidden_layers()) + 1; }

Buffer<float> StoredInr::weights(double time) const {
  return model_->hypernetwork.weights(phi_, model_->condition(time, parameters_));
}

void StoredInr::check_like(const StoredInr& other) const {
  const auto &a = model_->coordinates.axes(), &b = other.model_->coordinates.axes();
  const bool same = std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.lower == y.lower && x.length == y.length && x.boundary == y.boundary;
  });
  if (!same) throw UserError(Exit::refused, file_ + " lives in another domain than " + other.file_);
}

void StoredInr::check_layer(int layer) const {
  if (layer > layers())
    throw UserError(Exit::refused, fmt::format("{} has {} hidden layers, not {}", file_, layers(), layer));
}

namespace {

class InrRows final : public Source {
 public:
  InrRows(std::shared_ptr<const StoredInr> inr, const InrPlace& place, const InrSampling& sampling)
      : inr_(std::move(inr)), layer_(place.layer), sampling_(sampling), theta_(inr_->weights(place.time)) {
    const auto& features = inr_->model().inr.features();
    Buffer<float> point(inr_->model().coordinates.inputs()), y(features.outputs()),
        tape(features.tape_size(1));
    nn::Packed<float> packed(features);
    features.forward(packed.pack(std::span<const float>(theta_).first(inr_->model().inr.hidden())), point, y,
                     tape);
    width_ = layer_ == 0                ? inr_->model().inr.channels()
             : layer_ == inr_->layers() ? features.outputs()
                                        : features.hidden(layer_ - 1, 1, tape).size();
  }
  std::int64_t rows() const override { return sampling_.points; }
  std::size_t width() const override { return width_; }
  bool fits_float() const override { return true; }
  double rounding() const override { return 6e-8; }

  void read(const Range& rows, std::span<double> out) override {
    for (std::int64_t begin = rows.begin; begin < rows.end;
         begin += static_cast<std::int64_t>(hyper::point_block)) {
      const Range some{begin, std::min(rows.end, begin + static_cast<std::int64_t>(hyper::point_block))};
      const auto values = of_layer(some);
      std::copy(values.begin(), values.end(), out.begin() + (begin - rows.begin) * width_);
    }
  }

 private:
  Buffer<float> inputs(const Range& rows) const {
    const auto& coordinates = inr_->model().coordinates;
    const Random random(sampling_.seed, Random::Purpose::points, 3);
    std::vector<double> points;
    for (auto row = rows.begin; row < rows.end; ++row)
      for (std::size_t k = 0; k < coordinates.dimensions(); ++k)
        points.push_back(coordinates.axes()[k].lower +
                         coordinates.axes()[k].length * random.uniform(row * coordinates.dimensions() + k));
    Buffer<float> x(rows.size() * coordinates.inputs());
    coordinates.embed<float>(points, x);
    return x;
  }

  Buffer<float> of_layer(const Range& rows) const {
    const auto& inr = inr_->model().inr;
    const auto x = inputs(rows);
    const auto count = static_cast<std::size_t>(rows.size());
    Buffer<float> values(count * width_);
    if (layer_ == 0) {
      inr.evaluate(theta_, x, values);
      return values;
    }
    const auto& features = inr.features();
    Buffer<float> y(count * features.outputs()), tape(features.tape_size(count));
    nn::Packed<float> packed(features);
    features.forward(packed.pack(std::span<const float>(theta_).first(inr.hidden())), x, y, tape);
    if (layer_ == inr_->layers()) return y;
    const auto hidden = features.hidden(layer_ - 1, count, tape);
    values.assign(hidden.begin(), hidden.end());
    return values;
  }

  std::shared_ptr<const StoredInr> inr_;
  int layer_;
  InrSampling sampling_;
  Buffer<float> theta_;
  std::size_t width_ = 0;
};

}  // namespace

std::unique_ptr<Source> inr_source(std::shared_ptr<const StoredInr> inr, const InrPlace& place,
                                   const InrSampling& sampling) {
  return std::make_unique<InrRows>(std::move(inr), place, sampling);
}

}  // namespace hypercast::similarity
