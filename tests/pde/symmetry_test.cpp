// Symmetries of equations: what a system declares must hold.

#include "pde/symmetry.hpp"

#include <set>

#include "pde/rate_of_change.hpp"
#include "problem.hpp"

using namespace hypercast;
using namespace hypercast::pde;

namespace {

using Symmetries = Solving;

// An image of a frame [point][channel].
std::vector<double> image_of(const GridMap& map, const std::vector<double>& frame) {
  const std::size_t channels = map.signs.size();
  std::vector<double> image(frame.size());
  for (std::size_t i = 0; i < frame.size(); ++i)
    image[i] = map.signs[i % channels] * frame[map.from[i / channels] * channels + i % channels];
  return image;
}

// Grids of another extent along every axis, so that axes cannot be mixed up.
Domain uneven_box(int dims, Boundary boundary) {
  Domain domain = box(dims, 16, boundary);
  for (int a = 0; a < dims; ++a) {
    domain.axes[a].points = 16 - 2 * a;
    domain.axes[a].length = 2 * std::numbers::pi * (1 + 0.25 * a);
    domain.axes[a].lower = -0.7 * a;
  }
  return domain;
}

// A state without any symmetry of its own.
std::vector<double> rough_state(const System& system, const Domain& domain) {
  const std::size_t channels = system.channels().size();
  std::vector<double> u(domain.points() * channels);
  const Random random(5, Random::Purpose::test);
  for (std::size_t i = 0; i < u.size(); ++i) u[i] = 0.3 * random.normal(i);
  for (std::size_t i = 0; i < u.size(); i += channels) system.from_family(std::span(u).subspan(i, channels));
  return u;
}

// F(map u) = map F(u), so that the image of a solution is a solution. How many maps were looked at.
std::size_t expect_symmetric(const System& system, const std::string& name, const Domain& domain,
                             const Discretisation& how) {
  const std::size_t channels = system.channels().size();
  const auto maps = images(system.symmetries(domain), domain, channels, 12, 3);
  const auto u = rough_state(system, domain);
  RateOfChange rate(test_world(), system, domain, how);
  std::vector<double> rates(u.size()), of_image(u.size());
  rate.evaluate_frame(0, u, rates);
  for (const auto& map : maps) {
    rate.evaluate_frame(0, image_of(map, u), of_image);
    EXPECT_LT(relative_max(of_image, image_of(map, rates)), 1e-9)
        << name << " on " << to_text(domain) << " by " << to_text(how);
  }
  return maps.size();
}

}  // namespace

TEST_F(Symmetries, OfEveryEquationMapSolutionsToSolutions) {
  for (const auto& name : systems().names()) {
    const auto system = make(name);
    std::size_t most = 0;
    for (const int dims : {1, 2, 3})
      for (const auto boundary : {Boundary::periodic, Boundary::neumann, Boundary::dirichlet}) {
        const Domain domain = uneven_box(dims, boundary);
        if (!system->complaint(domain).empty()) continue;
        most = std::max(most, expect_symmetric(*system, name, domain, differences(4)));
        if (boundary == Boundary::periodic) expect_symmetric(*system, name, domain, fourier());
      }
    EXPECT_EQ(most, 12u) << name << ": has shifts at least";
  }
}

TEST_F(Symmetries, ForcingLeavesShiftsAlongItsCrests) {
  const auto system = systems().find("navier_stokes").make();
  Section section("");
  system->describe(section);
  for (const auto& key : section.keys())
    if (auto* rows = std::get_if<std::vector<std::vector<double>>*>(&key.target());
        rows && key.name() == "forcing")
      **rows = {{0.1, 0.0, 1.0, 1.0}, {0.2, 1.1, 2.0, 2.0}};
  const Domain domain = box(2, 12, Boundary::periodic);
  ASSERT_EQ(system->complaint(domain), "");
  EXPECT_EQ(expect_symmetric(*system, "forced", domain, fourier()), 12u);
  const auto all = images(system->symmetries(domain), domain, 1, 1000, 3);
  EXPECT_EQ(all.size(), 12u) << "(k, -k) for every k, and no other shift";
  for (const auto& map : all) EXPECT_EQ((map.from[0] / 12 + map.from[0] % 12) % 12, 0u);
}

TEST_F(Symmetries, AllImagesAreListedWhenThereAreFew) {
  const auto system = make("heat");
  const Domain domain = uneven_box(2, Boundary::periodic);  // 16 x 14
  const auto symmetries = system->symmetries(domain);
  const std::size_t all = 16 * 14 * 4;
  const auto maps = images(symmetries, domain, 1, 5000, 1);
  EXPECT_EQ(maps.size(), all);
  std::set<std::vector<std::uint32_t>> different;
  for (const auto& map : maps) different.insert(map.from);
  EXPECT_EQ(different.size(), all);
  const auto walls = images(system->symmetries(uneven_box(2, Boundary::neumann)),
                            uneven_box(2, Boundary::neumann), 1, 100, 1);
  EXPECT_EQ(walls.size(), 4u) << "two mirrors";
}

TEST_F(Symmetries, OfManyImagesSomeAreDrawn) {
  const auto system = make("heat");
  const Domain domain = uneven_box(2, Boundary::periodic);
  const auto symmetries = system->symmetries(domain);
  const auto maps = images(symmetries, domain, 1, 20, 1), again = images(symmetries, domain, 1, 20, 1),
             others = images(symmetries, domain, 1, 20, 2);
  ASSERT_EQ(maps.size(), 20u);
  std::set<std::vector<std::uint32_t>> different;
  for (std::size_t k = 0; k < 20; ++k) {
    EXPECT_EQ(maps[k].from, again[k].from);
    different.insert(maps[k].from);
  }
  EXPECT_EQ(different.size(), 20u);
  EXPECT_NE(maps[1].from, others[1].from);
  for (std::uint32_t i = 0; i < maps[0].from.size(); ++i)
    ASSERT_EQ(maps[0].from[i], i) << "the first is the identity";
}

TEST_F(Symmetries, MirrorsTurnSigns) {
  Domain domain = box(1, 5, Boundary::neumann);
  const auto maps = images({{{}, {true}, {1.0, -1.0}}}, domain, 2, 10, 1);
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[1].from, (std::vector<std::uint32_t>{4, 3, 2, 1, 0}));
  EXPECT_EQ(maps[1].signs, (std::vector<double>{1, -1}));
  domain.axes[0].boundary = Boundary::periodic;  // point 0 lies on the mirror
  EXPECT_EQ(images({{{}, {true}, {}}}, domain, 1, 10, 1)[1].from,
            (std::vector<std::uint32_t>{0, 4, 3, 2, 1}));
  EXPECT_EQ(images({{{2}, {}, {}}}, domain, 1, 10, 1)[1].from, (std::vector<std::uint32_t>{3, 4, 0, 1, 2}));
  EXPECT_EQ(images({}, domain, 1, 10, 1).size(), 1u);
}

// A shift along two axes at once comes back after the least common multiple of their extents.
TEST_F(Symmetries, ADiagonalShiftGoesRoundBothAxes) {
  Domain domain = box(2, 4, Boundary::periodic);
  domain.axes[1].points = 6;
  EXPECT_EQ(images({{{1, 1}, {}, {}}}, domain, 1, 100, 1).size(), 12u);
}
