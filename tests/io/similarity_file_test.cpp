// What comparing models leaves behind, read back through HDF5 and as text.

#include "io/similarity_file.hpp"

#include <cmath>
#include <limits>

#include "helpers.hpp"
#include "io/hdf5.hpp"
#include "similarity_sample.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

h5::Object object(hid_t file, const std::string& name) {
  return h5::Object(h5::call(H5Oopen(file, name.c_str(), H5P_DEFAULT), name));
}

}  // namespace

TEST(SimilarityFile, HoldsWhatItWasGiven) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const SimilarityResults results = similarity_sample();
  write_similarity(folder / "s", results, {{"software", "test"}}, {{"seconds_kernels", {1.5}}});
  const std::string image = file_bytes(folder / "s.hdf5");
  const h5::File file = h5::open_image(image);
  EXPECT_EQ(h5::names(file), (std::vector<std::string>{"group_separation", "layer_match", "measures",
                                                       "models", "provenance"}));
  EXPECT_EQ(h5::shape(h5::open_dataset(file, "models/name")), h5::Shape{2});
  EXPECT_EQ(h5::dataset_nature(h5::open_dataset(file, "models/place")).element, h5::Element::text);
  EXPECT_EQ(h5::read_dataset<double>(file, "models/width"), (std::vector<double>{64, 128}));

  const h5::Object cka = object(file, "measures/cka");
  EXPECT_EQ(h5::names(cka), (std::vector<std::string>{"p_value", "status", "stderr", "value"}));
  EXPECT_EQ(h5::shape(h5::open_dataset(cka, "value")), (h5::Shape{2, 2}));
  EXPECT_EQ(h5::read_dataset<double>(cka, "value")[1], 0.25);
  EXPECT_TRUE(std::isnan(h5::read_dataset<double>(cka, "value")[2]));
  EXPECT_EQ(h5::read_dataset<std::int32_t>(cka, "status"), (std::vector<std::int32_t>{0, 0, 1, 0}));
  EXPECT_EQ(h5::type_size(h5::open_dataset(cka, "status")), 4u);
  EXPECT_EQ(h5::read_text(cka, "formula"), "<K, L> / (|K| |L|)");
  EXPECT_TRUE(h5::read_bool(cka, "symmetric"));
  EXPECT_EQ(h5::read_number(cka, "upper"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(h5::read_texts(cka, "parameters"), std::vector<std::string>{});
  EXPECT_EQ(h5::read_texts(cka, "invariances"), (std::vector<std::string>{"translation", "scale"}));

  EXPECT_EQ(h5::shape(h5::open_dataset(file, "measures/logme/value")), h5::Shape{2});
  const h5::Object delta = object(file, "measures/delta");
  EXPECT_EQ(h5::names(delta), (std::vector<std::string>{"kappa", "l0"}));
  EXPECT_EQ(h5::shape(h5::open_dataset(delta, "l0")), (h5::Shape{3, 2}));
  EXPECT_EQ(h5::read_dataset<double>(delta, "l0")[5], 6);

  const h5::Object match = object(file, "layer_match/cka");
  EXPECT_EQ(h5::read_number(match, "chance"), 0.25);
  EXPECT_EQ(h5::read_dataset<std::int32_t>(match, "right"), (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_EQ(h5::dataset_nature(h5::open_dataset(match, "layer")).element, h5::Element::text);
  EXPECT_EQ(h5::read_dataset<double>(file, "group_separation/auprc"), std::vector<double>{0.75});
  EXPECT_EQ(h5::read_text(object(file, "provenance"), "software"), "test");
  EXPECT_EQ(h5::read_number(object(file, "provenance"), "seconds_kernels"), 1.5);
}

TEST(SimilarityFile, EqualResultsAreEqualBytes) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  for (const char* stem : {"a", "b"}) write_similarity(folder / stem, similarity_sample(), {});
  EXPECT_EQ(file_bytes(folder / "a.hdf5"), file_bytes(folder / "b.hdf5"));
}

TEST(SimilarityFile, CsvForEachMeasureAndForAll) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  write_similarity_csv(folder / "s", similarity_sample());
  EXPECT_EQ(file_bytes(folder / "s_cka.csv"),
            "model,\"a, \"\"first\"\"\",b\n\"a, \"\"first\"\"\",1,0.25\nb,nan,1\n");
  EXPECT_EQ(file_bytes(folder / "s_logme.csv"), "model,value\n\"a, \"\"first\"\"\",-0.5\nb,0.1\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "s_delta.csv"));
  EXPECT_EQ(file_bytes(folder / "s.csv"),
            "model_x,model_y,measure,value,stderr,p_value,status\n"
            "\"a, \"\"first\"\"\",\"a, \"\"first\"\"\",cka,1,0.01,nan,0\n"
            "\"a, \"\"first\"\"\",b,cka,0.25,0.02,0.5,0\n"
            "b,\"a, \"\"first\"\"\",cka,nan,0.03,0.25,1\n"
            "b,b,cka,1,0.04,nan,0\n"
            "\"a, \"\"first\"\"\",,logme,-0.5,,,\n"
            "b,,logme,0.1,,,\n");
}

TEST(SimilarityFile, ImpossibleResultsAreNotWritten) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const auto refused = [&](void (*change)(SimilarityResults&), bool csv = false) {
    SimilarityResults results = similarity_sample();
    change(results);
    EXPECT_THROW(write_similarity(folder / "s", results, {}), Error);
    EXPECT_FALSE(std::filesystem::exists(folder / "s.hdf5"));
    if (csv) {
      EXPECT_THROW(write_similarity_csv(folder / "s", results), Error);
    }
  };
  refused([](SimilarityResults& r) { r.measures[0].value.pop_back(); }, true);
  refused([](SimilarityResults& r) { r.measures[0].status.pop_back(); }, true);
  refused([](SimilarityResults& r) { r.measures[0].of_pairs = false; }, true);
  refused([](SimilarityResults& r) { r.measures[1].id = "cka"; });
  refused([](SimilarityResults& r) { r.measures[1].id = "a/b"; });
  refused([](SimilarityResults& r) { r.measures[0].arrays = {{"value", {1}, {1.0}}}; });
  refused([](SimilarityResults& r) { r.measures[0].arrays = {{"more", {2}, {1.0}}}; });
  refused([](SimilarityResults& r) { r.models.layer.pop_back(); });
  refused([](SimilarityResults& r) { r.models.columns.push_back({"place", std::vector<double>{1, 2}}); });
  refused([](SimilarityResults& r) { r.models.columns.push_back({"rows", std::vector<double>{1}}); });
  refused([](SimilarityResults& r) { r.tables[0].columns.push_back({"short", std::vector<double>{1.0}}); });
  refused([](SimilarityResults& r) { r.tables.push_back(r.tables[0]); });
  refused([](SimilarityResults& r) { r.tables[0].name = "measures"; });
}

TEST(SimilarityFile, AFullDiskLeavesWhatWasThere) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  write_file(folder / "s.hdf5", "old");
  {
    const FileSizeLimit full(1000);
    EXPECT_THROW(write_similarity(folder / "s", similarity_sample(), {}), Error);
  }
  EXPECT_EQ(file_bytes(folder / "s.hdf5"), "old");
}
