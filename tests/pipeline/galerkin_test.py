#!/usr/bin/env python3
"""Forecasts that follow the equation: from a trained model on, on any number of ranks, and what stops them."""
import csv
import re
from pathlib import Path

import h5py
import numpy as np

from runs import LATENT, InFolder, good, main, newest_checkpoint, run, sets, write

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

    def test_a_step_that_is_absurd_is_told(self):
        done = run("forecast", "deck.toml", "--output", "absurd", *GALERKIN, *sets("galerkin.method=rk4", "galerkin.step=10"), ranks=2)
        self.exits(76, done)
        self.assertRegex(done.stderr, "stalled at t = 1: a step of .* moves the field by .*; galerkin.step is too long")

    def test_a_reference_of_other_data_is_told(self):
        content = Path(LEARNED[1], "burgers_000000.hdf5").read_bytes()  # without the seal, as files of others are
        with h5py.File(write("renamed/others.hdf5", bytes(512) + content[512:]), "r+") as file:
            file.attrs["dataset_name"] = "others"
        done = self.exits(0, run("forecast", "deck.toml", "--output", "renamed", *GALERKIN, *sets(
            "forecast.mode=direct", "forecast.reference=renamed")))
        self.assertIn("the reference holds 'others', the model learned 'burgers'", done.stderr)

    def test_iterations_that_run_out_are_told_once(self):
        done = run("forecast", "deck.toml", "--output", "short", *GALERKIN,
                   *sets("galerkin.solver=lsqr", "galerkin.lsqr_iterations=2", "galerkin.most_residual=2",
                         "galerkin.tolerance=1e-2", "forecast.times=[1.1]"))
        self.exits(0, done)
        self.assertEqual(len(re.findall(r"warning: galerkin: LSQR did not reach .* within lsqr_iterations 2", done.stderr)), 1,
                         done.stderr)
        self.assertIn(0, column("short/forecast/burgers_galerkin.csv", "converged"))

    def test_without_a_reference_it_goes_on_for_a_window(self):
        done = self.exits(0, run("forecast", "deck.toml", "--output", "alone", *sets(
            "forecast.mode=galerkin", f"forecast.checkpoint={LEARNED[0]}", "data.path=nowhere", "galerkin.tolerance=1e-4")))
        self.assertIn("no reference trajectory at hand", done.stdout)
        self.assertIn("warning: no reference: [data] path nowhere is not there", done.stderr)
        with h5py.File("alone/forecast/burgers.hdf5") as file, h5py.File(LEARNED[0].replace("ckpt/step-000001500.h5", "data/train/burgers_000000.hdf5")) as data:
            np.testing.assert_allclose(file["dimensions/time"][:], data["dimensions/time"][:], atol=1e-6)
            beyond = file["t0_fields/u"][0, 11:] - data["t0_fields/u"][0, 11:]
            self.assertLess(np.linalg.norm(beyond) / np.linalg.norm(data["t0_fields/u"][0, 11:]), 2e-2)

    def test_what_it_needs(self):
        deck = Path("deck.toml").read_text()
        Path("without.toml").write_text(deck.replace('[pde]\nname = "burgers"\n', ""))
        done = run("forecast", "without.toml", *GALERKIN)
        self.exits(65, done)
        self.assertIn("the deck names none: give [pde] name", done.stderr)
        self.exits(77, run("forecast", "deck.toml", *GALERKIN, *sets("grid.points=[64]")))
        write("values.csv", "t,x,u\n0,1,1\n")
        done = run("forecast", "deck.toml", *GALERKIN, *sets("forecast.observations=values.csv"))
        self.exits(65, done)
        self.says_once(done, "hypercast-forecast: error: .*only models of codes start from observations")


class OfCodes(InFolder):
    """Of an ensemble whose equation differs from trajectory to trajectory; F takes what H takes."""
    NAME = "advection_diffusion"
    STUDY = sets(*LATENT, "ensemble.trajectories_per_file=1", "ensemble.vary=diffusivity", "ensemble.vary_range=[0.02, 0.2]", "dynamics.kind=mlp",
                 "dynamics.mlp.width=4", "dynamics.steps=5", 'condition.parameters=["diffusivity"]', "condition.code.size=8")

    @classmethod
    def prepare(cls):
        for app in ("solve", "train"):
            good(app, "deck.toml", *cls.STUDY, ranks=2)
        cls.forecast("unseen")

    @classmethod
    def forecast(cls, folder, *settings, ranks=2):
        return good("forecast", "deck.toml", "--output", folder, *cls.STUDY, *sets(
            "forecast.mode=galerkin", f"forecast.checkpoint={newest_checkpoint('runs/deck')}", "galerkin.tolerance=1e-4",
            "forecast.reference=runs/deck/data/test", *settings), ranks=ranks)

    def errors(self, folder):
        file = f"{folder}/forecast/{self.NAME}_errors.csv"
        return column(file, "forecast_relative_l2"), column(file, "forecast_physics_residual")

    def test_unseen_trajectories_follow_each_its_own_equation(self):
        errors, residual = self.errors("unseen")
        self.assertEqual(len(errors), 21)
        self.assertLess(max(errors), 1e-3)
        self.assertLess(max(residual), 2e-3)
        steps = f"unseen/forecast/{self.NAME}_galerkin.csv"
        self.assertEqual(set(column(steps, "trajectory")), {0, 1})

    def test_ranks_change_nothing(self):
        self.forecast("alone", ranks=1)
        self.same_payload(f"alone/forecast/{self.NAME}.hdf5", f"unseen/forecast/{self.NAME}.hdf5")

    def test_other_solvers_and_points_agree(self):
        for folder, setting in (("lsqr", "galerkin.solver=lsqr"), ("drawn", "galerkin.points=20")):
            with self.subTest(setting):
                self.forecast(folder, setting, "galerkin.lsqr_tolerance=1e-6")
                self.assertLess(max(self.errors(folder)[0]), 1e-3)

    def test_observations_start_it(self):
        """Of one time of a trajectory, with the equation that the user tells: not that of the deck."""
        with h5py.File(f"runs/deck/data/test/{self.NAME}_000001.hdf5") as file:
            t, x, truth = file["dimensions/time"][:], file["dimensions/x"][:], file["t0_fields/u"][0]
            diffusivity = file["scalars/diffusivity"][()]
        write("seen.csv", "t,x,u\n" + "".join(f"{t[5]:.6g},{x[i]:.9g},{truth[5, i]:.9g}\n" for i in range(len(x))))
        self.forecast("given", "forecast.observations=seen.csv", f"forecast.parameters=[{diffusivity!r}]",
                      "forecast.reference=", "forecast.times=[0.5, 1.0, 2.0]")
        with h5py.File(f"given/forecast/{self.NAME}.hdf5") as file:
            u = file["t0_fields/u"][0]
        for mine, frame in zip(u, (5, 10, 20)):
            self.assertLess(np.linalg.norm(mine - truth[frame]), 1e-3 * np.linalg.norm(truth[frame]))


if __name__ == "__main__":
    main()
