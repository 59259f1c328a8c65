#pragma once
// Features of a few models for tests: noise of several widths, and maps of it.

#include <cmath>

#include "core/random.hpp"
#include "room.hpp"
#include "rows_of.hpp"

struct Zoo {
  Room room;
  hypercast::similarity::Stored rows;

  // Models of n rows with these widths; each shares some of what the first one is made of.
  Zoo(MPI_Comm comm, std::int64_t n, const std::vector<std::size_t>& widths)
      : room(comm), rows(make(room.comm, n, widths)) {}

  static double entry(std::size_t model, std::int64_t row, std::size_t column) {
    using hypercast::Random;
    const Random own(11, Random::Purpose::test, static_cast<std::uint32_t>(model)),
        common(7, Random::Purpose::test);
    const double wave = std::sin(common.normal(row) * static_cast<double>(column + 1));
    return 3 + wave + 0.5 * own.normal(row * 1000 + column);
  }

 private:
  static hypercast::similarity::Stored make(const hypercast::Comm& comm, std::int64_t n,
                                            const std::vector<std::size_t>& widths) {
    struct Model {
      std::size_t width;
      std::vector<double> values;
    };
    std::vector<Model> models;
    for (std::size_t j = 0; j < widths.size(); ++j) {
      models.push_back({widths[j], {}});
      for (std::int64_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < widths[j]; ++c) models[j].values.push_back(entry(j, i, c));
    }
    return rows_of(comm, n, models);
  }
};
