#include "io/similarity_file.hpp"

#include <set>

#include "core/error.hpp"
#include "io/durable.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

// Names that are in use within one group.
class Names {
 public:
  void add(const std::string& name) {
    check(!name.empty() && name.find('/') == std::string::npos, "results with an impossible name");
    check(names_.insert(name).second, "two results share a name");
  }

 private:
  std::set<std::string> names_;
};

void write_facts(hid_t group, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts)
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, bool>)
            h5::write_bool(group, fact.first, value);
          else
            h5::write(group, fact.first, value);
        },
        fact.second);
}

void write_values(hid_t group, const std::string& name, const h5::Shape& shape,
                  const std::vector<std::string>& values) {
  check(shape.size() == 1 && shape[0] == values.size(), "texts that do not fit their shape");
  h5::write_texts_dataset(group, name, values);
}

template <class T>
void write_values(hid_t group, const std::string& name, const h5::Shape& shape,
                  const std::vector<T>& values) {
  h5::write_dataset<T>(group, name, shape, std::span(values));
}

void write_models(hid_t file, const ComparedModels& models) {
  const h5::Group group = h5::create_group(file, "models");
  const h5::Shape shape{models.name.size()};
  Names names;
  const auto write = [&](const std::string& name, const auto& values) {
    names.add(name);
    write_values(group, name, shape, values);
  };
  write("name", models.name);
  write("group", models.group);
  write("layer", models.layer);
  write("place", models.place);
  for (const auto& column : models.columns)
    std::visit([&](const auto& values) { write(column.name, values); }, column.values);
}

void write_measure(hid_t measures, const MeasureResult& measure, std::size_t models) {
  const h5::Group group = h5::create_group(measures, measure.id);
  write_facts(group, measure.facts);
  const h5::Shape shape = measure.of_pairs ? h5::Shape{models, models} : h5::Shape{models};
  Names names;
  const auto write = [&](const std::string& name, const auto& values) {
    names.add(name);
    if (!values.empty()) write_values(group, name, shape, values);
  };
  write("value", measure.value);
  write("stderr", measure.standard_error);
  write("null_mean", measure.null_mean);
  write("null_sd", measure.null_sd);
  write("p_value", measure.p_value);
  write("status", measure.status);
  for (const auto& array : measure.arrays) {
    names.add(array.name);
    write_values(group, array.name, {array.shape.begin(), array.shape.end()}, array.values);
  }
}

h5::Group create_groups(hid_t file, const std::string& path) {
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (!h5::exists(file, path.substr(0, slash))) h5::create_group(file, path.substr(0, slash));
  return h5::create_group(file, path);
}

void write_one_table(hid_t file, const ResultTable& table) {
  const h5::Group group = create_groups(file, table.name);
  write_facts(group, table.facts);
  Names names;
  std::set<std::size_t> lengths;
  for (const auto& column : table.columns) {
    names.add(column.name);
    std::visit(
        [&](const auto& values) {
          lengths.insert(values.size());
          write_values(group, column.name, {values.size()}, values);
        },
        column.values);
  }
  check(lengths.size() <= 1, "columns of a table differ in length");
}

}  // namespace

void write_similarity(const std::filesystem::path& stem, const SimilarityResults& results,
                      const Provenance& provenance, const Measurements& measured) {
  const h5::File file = h5::create_in_memory();
  write_models(file, results.models);
  const h5::Group measures = h5::create_group(file, "measures");
  Names ids;
  for (const auto& measure : results.measures) {
    ids.add(measure.id);
    write_measure(measures, measure, results.models.name.size());
  }
  for (const auto& table : results.tables) write_one_table(file, table);
  write_provenance(file, provenance);
  write_measurements(file, measured);
  write_durably(stem.string() + ".hdf5", std::span<const char>(h5::image(file)));
}

}  // namespace hypercast::io
