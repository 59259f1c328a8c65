#include "io/masks.hpp"

#include <functional>
#include <numeric>

#include "io/durable.hpp"
#include "io/number_text.hpp"
#include "io/on_root.hpp"
#include "io/well.hpp"

namespace hypercast::io {

namespace {

std::size_t volume(const std::vector<std::size_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

std::string dataset_name(double rate) { return "rate_" + text_of(rate); }

void write_mask(const h5::File& file, const Mask& mask) {
  const std::string name = dataset_name(mask.rate);
  check(!h5::exists(file, name), "two masks share a rate");
  check(volume(mask.shape) == mask.observed.size(), "a mask does not fit its shape");
  const h5::Shape shape(mask.shape.begin(), mask.shape.end());
  const h5::Dataset dataset = h5::create_dataset(file, name, h5::bool_type(), shape);
  h5::write_values(dataset, std::vector<bool>(mask.observed.begin(), mask.observed.end()));
  h5::write(dataset, "rate", mask.rate);
  h5::write(dataset, "seed", mask.seed);
  h5::write(dataset, "ones", static_cast<std::int64_t>(mask.ones()));
}

std::string rates_of(const h5::File& file) {
  std::string text;
  for (const auto& name : h5::names(file))
    if (name.starts_with("rate_")) text += (text.empty() ? "" : ", ") + name.substr(5);
  return text.empty() ? "none" : text;
}

// Of rank 0; how it fails is in the header.
Mask parse_mask(const std::filesystem::path& path, double rate) {
  const auto refuse = [&](const std::string& why) -> UserError {
    return {Exit::data, path.string() + ": " + why};
  };
  if (!std::filesystem::exists(path))
    throw UserError(Exit::no_input, "no observation masks at " + path.string());
  if (!h5::has_signature(path)) throw refuse("not an HDF5 file");
  try {
    const h5::File file = h5::open(path);
    const std::string name = dataset_name(rate);
    if (!h5::exists(file, name) || h5::is_group(file, name))
      throw refuse("no mask of rate " + text_of(rate) + "; there are: " + rates_of(file));
    const h5::Dataset dataset = h5::open_dataset(file, name);
    const auto kind = h5::type_class(dataset);
    if (kind != H5T_ENUM && kind != H5T_INTEGER) throw refuse("'" + name + "' is not a mask");
    const h5::Shape shape = h5::shape(dataset);
    Mask mask{rate, 0, {shape.begin(), shape.end()}, {}};
    if (h5::has_attribute(dataset, "seed"))
      mask.seed = static_cast<std::int64_t>(h5::read_number(dataset, "seed"));
    mask.observed.resize(volume(mask.shape));
    const h5::Type bools = h5::bool_type();
    h5::call(H5Dread(dataset, kind == H5T_ENUM ? bools.get() : H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL,
                     H5P_DEFAULT, mask.observed.data()),
             "cannot read '" + name + "'");
    for (auto value : mask.observed)
      if (value > 1) throw refuse("'" + name + "' has a value that is neither 0 nor 1");
    return mask;
  } catch (const h5::Failure& failure) {
    throw refuse("damaged HDF5 file: " + failure.plain);
  }
}

template <class T>
void share(const Comm& comm, std::vector<T>& values) {
  std::vector<std::int64_t> numbers(values.begin(), values.end());
  values.clear();
  for (auto number : comm.all_gather(std::span<const std::int64_t>(numbers)))
    values.push_back(static_cast<T>(number));
}

}  // namespace

std::size_t Mask::ones() const { return std::accumulate(observed.begin(), observed.end(), std::size_t{0}); }

std::filesystem::path masks_path(const std::filesystem::path& run_folder) {
  return run_folder / "data" / "observation_masks.hdf5";
}

void write_masks(const std::filesystem::path& path, std::span<const Mask> masks,
                 const Provenance& provenance) {
  const h5::File file = h5::create_in_memory();
  for (const auto& mask : masks) write_mask(file, mask);
  write_provenance(file, provenance);
  write_durably(path, std::span<const char>(h5::image(file)));
}

Mask read_mask(const Comm& comm, const std::filesystem::path& path, double rate) {
  Mask mask;
  mask.rate = rate;
  on_root(comm, [&] { mask = parse_mask(path, rate); });
  share(comm, mask.shape);  // only rank 0 has any
  share(comm, mask.observed);
  comm.broadcast(std::span(&mask.seed, 1));
  return mask;
}

}  // namespace hypercast::io
