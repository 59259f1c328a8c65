#pragma once
// Looks at the items of an HDF5 file and writes down, in a line each, what is not as it should be. A file may
// be anything: whatever HDF5 cannot read becomes a complaint too. Seen inside io only.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/hdf5.hpp"

namespace hypercast::io {

class Inspector {
 public:
  struct Item {
    hid_t id;
    std::string name;  // "" for the root
  };

  explicit Inspector(const h5::File& file) : file_(file) {}

  Item root() const { return {static_cast<hid_t>(file_), ""}; }
  // Control characters are shown as '?'.
  void complain(const std::string& text);
  std::vector<std::string> take_complaints() { return std::move(complaints_); }

  // Runs `look`; what it throws becomes the complaint that `what` cannot be read.
  void attempt(const std::string& what, const std::function<void()>& look);

  // Each gives what is asked for, or nothing after a complaint. Texts and truths are those of h5py; with
  // `asked` a truth of another value is a complaint, too.
  std::optional<h5::Object> group(const std::string& path);
  std::optional<h5::Dataset> dataset(const std::string& path);
  // Complains about another type than float32, but gives what holds numbers.
  std::optional<h5::Dataset> singles(const std::string& path);
  std::optional<std::vector<double>> values(const std::string& path, hid_t dataset);
  std::optional<std::string> text(const Item& item, const std::string& attribute);
  std::optional<std::vector<std::string>> texts(const Item& item, const std::string& attribute);
  std::optional<bool> truth(const Item& item, const std::string& attribute, std::optional<bool> asked = {});
  std::optional<std::vector<bool>> truths(const Item& item, const std::string& attribute, std::size_t count);
  std::optional<std::int64_t> integer(const Item& item, const std::string& attribute);
  std::optional<double> number(const Item& item, const std::string& attribute);

  // Of a dataset of truths; true also when it is too large to be read.
  bool any_true(const std::string& path, hid_t dataset);

  // Names of a list are those of the datasets of a group, each once.
  void same_names(const std::string& group, const std::vector<std::string>& listed);

  // Complains when a value of a dataset of numbers is not finite in single precision. `labels` name its axes;
  // `alive` is called now and then.
  void finite(const std::string& path, const std::vector<std::string>& labels,
              const std::function<void()>& alive);

 private:
  bool has(const Item& item, const std::string& attribute);
  std::string where(const Item& item, const std::string& attribute) const;

  const h5::File& file_;
  std::vector<std::string> complaints_;
};

}  // namespace hypercast::io
