#include "study.hpp"

#include "bench/options.hpp"
#include "deck/app.hpp"
#include "forecast/options.hpp"
#include "hyper/model.hpp"
#include "io/provenance.hpp"
#include "nn/libraries.hpp"
#include "pde/setup.hpp"
#include "similarity/options.hpp"
#include "train/options.hpp"

namespace hypercast {

Schema study_schema() {
  Schema schema;
  schema.add<RunOptions>();
  pde::add_pde_sections(schema);
  train::add_train_sections(schema);
  hyper::add_model_sections(schema);
  forecast::add_forecast_sections(schema);
  similarity::add_similarity_sections(schema);
  bench::add_bench_sections(schema);
  return schema;
}

Facts study_libraries() {
  Facts all;
  for (const auto& facts : {core_libraries(), deck_libraries(), io::io_libraries(), nn::nn_libraries()})
    all.insert(all.end(), facts.begin(), facts.end());
  return all;
}

}  // namespace hypercast
