#include "similarity/diagnostics.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_set>

namespace hypercast::similarity {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::int64_t reading = 512;  // rows at a time

// Rows that have been before, by hashes of their bits: FNV-1a over words, which are mixed first, since the
// low bits of numbers that were floats are zero. Of n rows two differ and share a hash with a probability of
// about n^2 / 2^65.
class Seen {
 public:
  bool again(std::span<const double> row) {
    std::uint64_t hash = 14695981039346656037u;
    for (const double number : row) {
      const auto bits = std::bit_cast<std::uint64_t>(number + 0.0);  // -0 is 0
      hash = (hash ^ bits ^ (bits >> 32)) * 1099511628211u;
      hash ^= hash >> 29;
    }
    return !hashes_.insert(hash).second;
  }

 private:
  std::unordered_set<std::uint64_t> hashes_;
};

double squared_norm(std::span<const double> row) {
  return Eigen::Map<const Eigen::VectorXd>(row.data(), static_cast<Eigen::Index>(row.size())).squaredNorm();
}

// The smaller of covariance and Gram matrix of centred rows, which have the same eigenvalues above zero.
Eigen::MatrixXd smaller_gram(const Rows& centred, std::size_t model) {
  const auto n = centred.count();
  const auto width = static_cast<Eigen::Index>(centred.widths()[model]);
  const auto rows = all_rows(n);
  const auto block = [&](const Range& range) {
    RowMajor x(range.size(), width);
    centred.read(model, std::span(rows).subspan(range.begin, range.size()),
                 std::span(x.data(), static_cast<std::size_t>(x.size())));
    return x;
  };
  const auto size = std::min<Eigen::Index>(n, width);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(size, size);
  for (const auto& range : blocks_of(n, reading)) {
    const RowMajor x = block(range);
    if (width < n) {
      gram.selfadjointView<Eigen::Lower>().rankUpdate(x.transpose());
      continue;
    }
    for (const auto& other : blocks_of(range.end, reading))
      gram.block(range.begin, other.begin, range.size(), other.size()) = x * block(other).transpose();
  }
  return gram;
}

// Whether the spectra of so many models like this take some seconds at most: products, and about 20 times as
// long for each operation of an eigenvalue solver; and fit into memory.
bool affordable(const Rows& features, std::size_t model, const Resources& resources) {
  constexpr double most = 2e11;
  const auto n = static_cast<double>(features.count()), width = static_cast<double>(features.widths()[model]);
  const double size = std::min(n, width);
  return static_cast<double>(features.models()) * size * (n * width + 20 * size * size) < most &&
         3 * sizeof(double) * size * size < resources.memory;
}

void find_spectrum(const Rows& centred, std::size_t model, const Resources& resources, Diagnosis& found) {
  found.rank = found.participation = std::numeric_limits<double>::quiet_NaN();
  if (!affordable(centred, model, resources)) return;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(smaller_gram(centred, model),
                                                              Eigen::EigenvaluesOnly);
  const Eigen::VectorXd& values = solver.eigenvalues();  // rising
  const double largest = values.tail<1>()[0];
  if (!std::isfinite(largest)) return;
  found.rank = static_cast<double>((values.array() > 1e-12 * largest).count());
  found.participation = largest > 0 ? std::pow(values.sum(), 2) / values.squaredNorm() : 0;
}

Diagnosis diagnosis_of(const Rows& features, const Rows& centred, std::size_t model) {
  const std::size_t width = features.widths()[model];
  const auto n = static_cast<double>(features.count());
  const auto rows = all_rows(features.count());
  Buffer<double> block, first(width);
  std::vector<char> varies(width);  // not bits, which would be slow
  features.read(model, std::span(rows).first(1), first);
  Seen seen;
  Diagnosis found;
  double squares = 0, all = 0, largest = 0;
  for (const auto& range : blocks_of(features.count(), reading)) {
    const auto some = std::span(rows).subspan(range.begin, range.size());
    block.resize(some.size() * width);
    features.read(model, some, block);
    for (std::size_t i = 0; i < block.size(); i += width) {
      const auto row = std::span<const double>(block).subspan(i, width);
      for (std::size_t c = 0; c < width; ++c) varies[c] |= row[c] != first[c];
      squares += squared_norm(row);
      if (seen.again(row)) ++found.duplicate_rows;
    }
    centred.read(model, some, block);
    for (std::size_t i = 0; i < block.size(); i += width) {
      const double row = squared_norm(std::span<const double>(block).subspan(i, width));
      all += row;
      for (const double number : std::span<const double>(block).subspan(i, width))
        found.largest = std::max(found.largest, std::abs(number));
      largest = std::max(largest, row);
    }
  }
  found.width = static_cast<double>(width);
  found.norm = std::sqrt(squares / n);
  found.deviation = std::sqrt(all / n);
  found.largest_row_share = all > 0 ? largest / all : 0;
  found.constant_columns = static_cast<double>(std::count(varies.begin(), varies.end(), char{0}));
  return found;
}

bool sorted_by_class(const Labels& labels, std::int64_t each) {
  if (labels.empty()) return false;
  const auto& of = labels.of[0];
  double inputs = 0, changes = 0;
  for (std::size_t i = 0; i < of.size(); i += each) {
    ++inputs;
    changes += i > 0 && of[i] != of[i - each] ? 1 : 0;
  }
  // In random order, nearly every other label is another one.
  return labels.classes > 1 && changes < 0.2 * inputs * (1 - 1.0 / labels.classes);
}

}  // namespace

std::vector<Diagnosis> diagnose(const Context& context, const Rows& features, const Resources& resources) {
  const auto scope = context.timers.scope("diagnostics");
  const Centred centred(features);
  std::vector<double> own;
  each_own_model(context, features, [&](std::size_t j) {
    auto d = diagnosis_of(features, centred, j);
    find_spectrum(centred, j, resources, d);
    own.insert(own.end(), {d.width, d.norm, d.deviation, d.rank, d.participation, d.largest_row_share,
                           d.constant_columns, d.duplicate_rows, d.largest});
  });
  const auto all = context.comm.all_gather<double>(own);
  std::vector<Diagnosis> models;
  for (std::size_t i = 0; i + 8 < all.size(); i += 9)
    models.push_back({all[i], all[i + 1], all[i + 2], all[i + 3], all[i + 4], all[i + 5], all[i + 6],
                      all[i + 7], all[i + 8]});
  return models;
}

std::vector<std::string> warnings(const std::vector<Diagnosis>& models, const std::vector<std::string>& names,
                                  std::int64_t n, const Labels& labels, std::int64_t each, bool biased) {
  std::vector<std::string> lines;
  const auto tell = [&](const auto& holds, const auto& text) {
    std::size_t count = 0, first = 0;
    for (std::size_t j = 0; j < models.size(); ++j)
      if (holds(models[j]) && count++ == 0) first = j;
    if (count > 0)
      lines.push_back(fmt::format("{} of {} models {} (the first: {})", count, models.size(),
                                  text(models[first]), names[first]));
  };
  const auto rows = static_cast<double>(n);
  if (biased)
    tell([&](const Diagnosis& d) { return rows < 5 * d.width; },
         [&](const Diagnosis& d) {
           return fmt::format(
               "have {:.0f} columns or more for {} rows: measures with a bias come out too high, prefer "
               "cka_debiased or more rows",
               d.width, n);
         });
  tell([&](const Diagnosis& d) { return d.largest_row_share > std::max(0.1, 20 / rows); },
       [](const Diagnosis& d) {
         return fmt::format(
             "owe {:.0f} % or more of their variance to one row: kernel measures will follow it",
             100 * d.largest_row_share);
       });
  tell([&](const Diagnosis& d) { return d.duplicate_rows > 0.01 * rows && d.largest > 0; },
       [](const Diagnosis& d) {
         return fmt::format("repeat rows ({:.0f} of them): repeated rows, as of padding, raise similarities",
                            d.duplicate_rows);
       });
  tell(
      [](const Diagnosis& d) { return d.largest == 0; },
      [](const Diagnosis&) { return std::string("are the same in all rows: their scores are not defined"); });
  tell([](const Diagnosis& d) { return d.largest > 1e70 || (d.largest > 0 && d.largest < 1e-70); },
       [](const Diagnosis& d) {
         return fmt::format(
             "have numbers about {:.0e}, whose fourth powers a double cannot hold: scale them for kernel "
             "measures",
             d.largest);
       });
  if (sorted_by_class(labels, each))
    lines.push_back(
        "rows are sorted by class: groups of the jackknife are then classes; rows = \"random\" mixes them");
  return lines;
}

}  // namespace hypercast::similarity
