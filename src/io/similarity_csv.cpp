#include "core/error.hpp"
#include "io/durable.hpp"
#include "io/number_text.hpp"
#include "io/similarity_file.hpp"

namespace hypercast::io {

namespace {

using Names = std::vector<std::string>;

// A text as a cell (RFC 4180): in quotes where it would not be read back as it is.
std::string cell(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos && text.front() != ' ' &&
      text.back() != ' ')
    return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string matrix(const Names& models, const std::vector<double>& values) {
  std::string text = "model";
  for (const auto& name : models) text += "," + cell(name);
  for (std::size_t x = 0; x < models.size(); ++x) {
    text += "\n" + cell(models[x]);
    for (std::size_t y = 0; y < models.size(); ++y) text += "," + text_of(values[x * models.size() + y]);
  }
  return text + "\n";
}

std::string list(const Names& models, const std::vector<double>& values) {
  std::string text = "model,value\n";
  for (std::size_t x = 0; x < models.size(); ++x) text += cell(models[x]) + "," + text_of(values[x]) + "\n";
  return text;
}

// One line for each value; what a measure does not have is left empty.
std::string lines(const Names& models, const MeasureResult& measure) {
  const auto optional = [](const auto& values, std::size_t i) {
    return values.empty() ? "" : text_of(static_cast<double>(values[i]));
  };
  const std::size_t targets = measure.of_pairs ? models.size() : 1;
  std::string text;
  for (std::size_t i = 0; i < measure.value.size(); ++i) {
    text += cell(models[i / targets]) + "," + (measure.of_pairs ? cell(models[i % targets]) : "") + "," +
            cell(measure.id) + "," + text_of(measure.value[i]);
    text += "," + optional(measure.standard_error, i) + "," + optional(measure.p_value, i) + "," +
            optional(measure.status, i) + "\n";
  }
  return text;
}

}  // namespace

void write_similarity_csv(const std::filesystem::path& stem, const SimilarityResults& results) {
  const Names& models = results.models.name;
  std::string all = "model_x,model_y,measure,value,stderr,p_value,status\n";
  for (const auto& measure : results.measures) {
    if (measure.value.empty()) continue;
    const std::size_t size = measure.of_pairs ? models.size() * models.size() : models.size();
    for (const std::size_t given :
         {measure.value.size(), measure.standard_error.size(), measure.p_value.size(), measure.status.size()})
      check(given == size || given == 0, "values of a measure that do not fit the models");
    write_durably(stem.string() + "_" + measure.id + ".csv",
                  measure.of_pairs ? matrix(models, measure.value) : list(models, measure.value));
    all += lines(models, measure);
  }
  write_durably(stem.string() + ".csv", all);
}

}  // namespace hypercast::io
