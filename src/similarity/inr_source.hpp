#pragma once
// Features of hypercast's own models: what a layer of an INR makes of points in its domain.

#include <memory>
#include <string>
#include <vector>

#include "hyper/model.hpp"
#include "similarity/source.hpp"

namespace hypercast::similarity {

// Of one checkpoint at one time.
struct InrPlace {
  std::string checkpoint;
  double time = 0;  // or the number of a function
  int layer = 0;    // from 1; 0: the field
};

struct InrSampling {
  std::int64_t points = 1000;
  std::uint64_t seed = 0;
  std::vector<double> parameters;  // of the equation
};

// The model of a checkpoint and its parameters.
class StoredInr {
 public:
  // COLLECTIVE. UserError: as io::read_checkpoint; refused when it holds no model, a model of codes, or one
  // that depends on other parameters than are given.
  StoredInr(const Comm& comm, const std::string& file, const std::vector<double>& parameters);
  const hyper::Model<float>& model() const { return *model_; }
  const std::string& file() const { return file_; }
  int layers() const;  // hidden ones: features of every layer, or those before the readout alone
  Buffer<float> weights(double time) const;
  // UserError (Exit::refused) when the points of this domain are not those of another, or there is no such
  // layer.
  void check_like(const StoredInr& other) const;
  void check_layer(int layer) const;

 private:
  std::string file_;
  std::vector<double> parameters_;
  Schema schema_;
  Buffer<float> phi_;
  std::unique_ptr<hyper::Model<float>> model_;
};

// Rows are the values of the layer at points drawn uniformly in the domain. `inr` is shared by the sources of
// its checkpoint.
std::unique_ptr<Source> inr_source(std::shared_ptr<const StoredInr> inr, const InrPlace& place,
                                   const InrSampling& sampling);

}  // namespace hypercast::similarity
