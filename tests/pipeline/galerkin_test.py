#!/usr/bin/env python3
"""Forecasts that follow the equation: from a trained model on, on any number of ranks, and what stops them."""
import csv
from pathlib import Path

import h5py

from runs import InFolder, good, main, run, sets

LEARNED = ("runs/deck/ckpt/step-000001500.h5", "runs/deck/data/train")
GALERKIN = sets("forecast.mode=galerkin", f"forecast.checkpoint={LEARNED[0]}", f"forecast.reference={LEARNED[1]}",
                "galerkin.tolerance=1e-5")


def column(file, name):
    with open(file) as table:
        return [float(row[name]) for row in csv.DictReader(table)]


class Galerkin(InFolder):
    @classmethod
    def prepare(cls):
        good("solve", "deck.toml")
        good("train", "deck.toml", *sets("train.steps=1500", "inr.siren.width=16", "train.validate_every=0"))

    def forecast(self, folder, *settings, ranks=1):
        return good("forecast", "deck.toml", "--output", folder, *GALERKIN, *sets(*settings), ranks=ranks)

    def test_the_equation_leads_beyond_the_window(self):
        for solver in ("dense", "lsqr"):
            with self.subTest(solver=solver):
                done = self.forecast(solver, f"galerkin.solver={solver}")
                self.assertRegex(done, r"galerkin start polished: misfit")
                errors = Path(solver, "forecast/burgers_errors.csv")
                beyond = [e for e, window in zip(column(errors, "forecast_relative_l2"), column(errors, "window"))
                          if window == 2]
                self.assertEqual(len(beyond), 10)
                self.assertLess(max(beyond), 5e-3)
                residual = column(errors, "forecast_physics_residual")
                self.assertLess(max(residual[12:]), 0.05)
        steps = Path("dense/forecast/burgers_galerkin.csv")
        self.assertEqual(column(steps, "t")[0], 1)
        self.assertLess(max(column(steps, "residual")), 0.05)
        with h5py.File(steps.with_suffix(".hdf5")) as file:
            self.assertEqual(list(file["t"]), column(steps, "t"))
            self.assertIn("provenance", file)

    def test_ranks_change_nothing(self):
        for ranks in (1, 2, 4):
            self.forecast(f"on-{ranks}", "galerkin.points=20", ranks=ranks)
        for ranks in (2, 4):
            for name in ("burgers.hdf5", "burgers_errors.hdf5", "burgers_galerkin.hdf5"):
                with self.subTest(ranks=ranks, name=name):
                    self.same_payload(Path("on-1/forecast", name), Path(f"on-{ranks}/forecast", name))

    def test_points_go_along(self):
        Path("points.csv").write_text("t,x\n0.5,1.0\n1.5,1.0\n1.5,2.0\n")
        self.forecast("points", "forecast.points=points.csv")
        with h5py.File("points/forecast/burgers_points.hdf5") as file:
            self.assertEqual(len(file["u"]), 3)

    def test_a_stall_is_told_with_its_residual(self):
        done = run("forecast", "deck.toml", "--output", "stall", *GALERKIN, 
                   *sets("galerkin.regularisation=1e6", "galerkin.most_residual=0.1"), ranks=2)
        self.exits(76, done)
        self.assertRegex(done.stderr, r"galerkin stalled at t = 1: .* the residual \|J v - F\| / \|F\| is \d")
        self.assertFalse(Path("stall/forecast/burgers.hdf5").exists())
        self.assertTrue(Path("stall/forecast/burgers_galerkin.csv").exists())

    def test_what_it_needs(self):
        deck = Path("deck.toml").read_text()
        Path("without.toml").write_text(deck.replace('[pde]\nname = "burgers"\n', ""))
        done = run("forecast", "without.toml", *GALERKIN)
        self.exits(65, done)
        self.assertIn("the deck names none: give [pde] name", done.stderr)
        self.exits(77, run("forecast", "deck.toml", *GALERKIN, *sets("grid.points=[64]")))


if __name__ == "__main__":
    main()
