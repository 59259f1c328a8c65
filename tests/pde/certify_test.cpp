// The solver's measured errors, against true ones.

#include "pde/solver/certify.hpp"

#include <iostream>

#include "problem.hpp"

namespace hypercast::pde {
namespace {

class Certify : public Solving {};

Setup setup_of(const std::string& name, const Domain& domain, const Discretisation& how,
               const TimeOptions& time) {
  Setup setup;
  setup.name = name;
  setup.system = systems().find(name).make();
  setup.domain = domain;
  setup.discretisation = how;
  setup.time = time;
  setup.certify.every = 1;
  return setup;
}

// Of the deck's own run at its last frame, without and with the points of the grid taken into account.
double true_error(const Comm& comm, const Setup& setup) {
  return exact_error(comm, *setup.system, setup.domain, setup.discretisation, setup.time);
}

Certificate certify(const Comm& comm, const Setup& setup) {
  const auto state = at_time(*setup.system->exact(setup.domain), 0);
  const auto certificate = Certifier(comm, setup).certify(state, setup.time.frames, [] { return false; });
  if (test_world().is_root())
    std::cout << "  " << setup.name << " " << to_text(setup.domain) << " " << to_text(setup.discretisation)
              << ": " << to_text(*certificate) << "\n";
  return *certificate;
}

TEST_F(Certify, TimeErrorIsTheTrueOne) {
  for (const char* integrator : {"etdrk4", "arkimex", "rk"}) {
    auto setup = setup_of("burgers", box(1, 64, Boundary::periodic), fourier(),
                          until(1, 20, integrator, integrator[0] == 'e' ? "" : "3"));
    if (integrator[0] == 'r') setup.time.step = 0.01;
    const auto certificate = certify(Comm::self(), setup);
    EXPECT_NEAR(certificate.err_time / true_error(Comm::self(), setup), 1, 0.2) << integrator;
    EXPECT_NEAR(certificate.order_time, integrator[0] == 'e' ? 4 : 3, 0.3) << integrator;
    EXPECT_LT(certificate.err_space, 1e-11);
    EXPECT_EQ(certificate.converged_until, 1);
  }
}

TEST_F(Certify, SpaceErrorIsTheTrueOne) {
  const struct {
    const char* name;
    Domain domain;
  } cases[] = {{"burgers", box(1, 48, Boundary::periodic)},
               {"heat", box(2, 24, Boundary::neumann, 1)},
               {"heat", box(1, 33, Boundary::dirichlet, 1)}};
  for (const auto& [name, domain] : cases) {
    const auto setup = setup_of(name, domain, differences(4), until(0.2, 200, "arkimex", "4"));
    const auto certificate = certify(test_world(), setup);
    EXPECT_NEAR(certificate.err_space / true_error(test_world(), setup), 1, 0.3) << name;
    EXPECT_NEAR(certificate.order_space, 4, 0.4) << name;
    EXPECT_LT(certificate.err_time, certificate.err_space / 50);
  }
}

// Walls of both kinds, and a grid of which there is no coarser one: the error is told all the same.
TEST_F(Certify, SpaceErrorOfUnevenBoxes) {
  Domain mixed = box(2, 36, Boundary::periodic);
  mixed.axes[1] = box(1, 24, Boundary::neumann, 1).axes[0];
  const auto setup = setup_of("heat", mixed, differences(2), until(0.05, 100, "arkimex", "4"));
  const auto certificate = certify(test_world(), setup);
  EXPECT_NEAR(certificate.err_space / true_error(test_world(), setup), 1, 0.1);
  EXPECT_NEAR(certificate.order_space, 2, 0.2);
  const auto odd =
      setup_of("heat", box(1, 25, Boundary::periodic), differences(2), until(0.2, 50, "arkimex", "4"));
  const auto without_order = certify(Comm::self(), odd);
  EXPECT_TRUE(std::isnan(without_order.order_space));
  EXPECT_NEAR(without_order.err_space / true_error(Comm::self(), odd), 1, 0.05);
}

TEST_F(Certify, WhatIsNotMeasuredIsNotClaimed) {
  auto setup =
      setup_of("heat", box(1, 32, Boundary::periodic), differences(4), until(0.2, 20, "arkimex", "4"));
  setup.certify.time = setup.certify.space = false;
  const auto certificate = certify(Comm::self(), setup);
  EXPECT_TRUE(std::isnan(certificate.err_time) && std::isnan(certificate.err_space));
  EXPECT_TRUE(std::isnan(certificate.converged_until));
  EXPECT_GT(certificate.err_agreement, 0);
}

// What the other discretisation says is as far away as the worse of the two is wrong.
TEST_F(Certify, AgreementOfTwoDiscretisations) {
  const auto domain = box(1, 64, Boundary::periodic);
  const auto fd = setup_of("burgers", domain, differences(4), until(1, 400, "arkimex", "4"));
  const auto certificate = certify(Comm::self(), fd);
  EXPECT_NEAR(certificate.err_agreement / true_error(Comm::self(), fd), 1, 0.05);
  const auto spectral = setup_of("burgers", domain, fourier(), until(1, 400, "etdrk4", ""));
  EXPECT_LT(certify(Comm::self(), spectral).err_agreement, certificate.err_agreement);
}

TEST_F(Certify, DemandsAreHeldAgainstTheErrors) {
  CertifyOptions options;
  Certificate c = unmeasured();
  c.err_time = 1e-6;
  c.err_space = 2e-6;
  EXPECT_EQ(shortfall(c, options), "");
  options.tolerance = 3.1e-6;
  EXPECT_EQ(shortfall(c, options), "");
  options.tolerance = 2.9e-6;
  EXPECT_NE(shortfall(c, options).find("3.00e-06"), std::string::npos) << shortfall(c, options);
  c.err_space = std::numeric_limits<double>::infinity();  // the finer grid diverged
  EXPECT_NE(shortfall(c, options), "");
}

// An unstable step: the certificate does not hide it, and the base run's own divergence is told.
TEST_F(Certify, DivergenceIsNotAnAnswer) {
  auto setup = setup_of("heat", box(1, 64, Boundary::periodic), differences(2), until(20, 40, "rk", "4"));
  const auto certificate = certify(Comm::self(), setup);
  EXPECT_TRUE(std::isinf(certificate.err_time) && std::isinf(certificate.err_space));
  EXPECT_EQ(certificate.converged_until, 0);
  setup.time = until(200, 400, "rk", "4");
  EXPECT_THROW(certify(Comm::self(), setup), UserError);
}

}  // namespace
}  // namespace hypercast::pde
