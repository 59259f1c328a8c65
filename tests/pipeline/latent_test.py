#!/usr/bin/env python3
"""Models of codes: forecasts of trajectories that training did not see, from whatever was observed of them."""
import csv
import shutil
from pathlib import Path

import h5py
import numpy as np

from runs import LATENT, InFolder, good, main, newest_checkpoint, run, sets, together, tree, write

NAME = "advection_diffusion"
TEST = f"linear/data/test/{NAME}_000000.hdf5"


def forecast(folder, *settings, name="linear", ranks=2):
    """A forecast of the test trajectories into a folder of its own."""
    given = [f"forecast.checkpoint={newest_checkpoint(name)}", "forecast.reference=linear/data/test",
             "data.path=linear/data/train", *settings]
    return good("forecast", "deck.toml", "--output", folder, *sets(*LATENT, *given), ranks=ranks)


def fields(file, channel="u"):
    """times, x, u[trajectory][time][x]"""
    with h5py.File(file) as opened:
        return opened["dimensions/time"][:], opened["dimensions/x"][:], opened[f"t0_fields/{channel}"][:]


def of(folder, channel="u"):
    return fields(f"{folder}/forecast/{NAME}.hdf5", channel)


def errors(folder):
    with open(f"{folder}/forecast/{NAME}_errors.csv") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def observations(name, *times, trajectory=1, every=1):
    """Values of the first test trajectories as a user would have measured them."""
    t, x, u = fields(TEST)
    lines = ["t,x,u"] + [f"{t[k]:.6g},{x[i]:.9g},{u[trajectory, k, i]:.9g}" for k in times for i in range(0, len(x), every)]
    write(name, "\n".join(lines) + "\n")
    return f"forecast.observations={name}"


class Latent(InFolder):
    @classmethod
    def prepare(cls):
        good("solve", "deck.toml", "--output", "linear", *sets(*LATENT), ranks=2)
        cls.trained = good("train", "deck.toml", "--output", "linear", *sets(*LATENT), ranks=2)
        cls.pair = good("train", "deck.toml", "--output", "pair", *sets(*LATENT, "train.calibrate=true", "data.path=linear/data/train", "dynamics.kind=mlp",
             "dynamics.steps=30", "dynamics.members=2", "dynamics.mlp.width=16"), ranks=2)
        cls.said = forecast("unseen")

    def test_the_time_of_steps(self):
        """Stage by stage, without floors, since the cost model knows no dynamics."""
        self.assertEqual(self.pair.count("\nphases of 30 steps, isa "), 2)
        self.assertEqual(self.pair.count(", without floors: the cost model does not know latent dynamics\n"), 2)
        with open("pair/timing.csv") as file:
            rows = [(row["stage"], row["phase"], row["floor_ms"]) for row in csv.DictReader(file)]
        self.assertEqual(rows, [(stage, phase, "nan") for stage in "12"
                                for phase in ("rollouts", "exchange", "rest of the step", "step")])

    def test_unseen_trajectories(self):
        _, _, truth = fields(TEST)
        t, _, u = of("unseen")
        self.assertEqual(u.shape, truth.shape)
        rows = errors("unseen")
        self.assertEqual([row["window"] for row in rows], [0] * 11 + [2] * 10)
        for k, row in enumerate(rows):
            self.assertAlmostEqual(row["forecast_mse"], np.mean((u[:, k] - truth[:, k]) ** 2), places=6)
        for window in (0, 2):
            mine = [row for row in rows if row["window"] == window]
            ours, theirs = (np.mean([row[name + "_mse"] for row in mine]) for name in ("forecast", "persistence"))
            self.assertLess(ours, 0.1 * theirs)
        self.assertIn("mean time until", self.said)

    def test_the_equation_is_obeyed_from_the_first_frame_on(self):
        residual = [row["forecast_physics_residual"] for row in errors("unseen")]
        self.assertTrue(np.isfinite(residual).all(), residual)
        self.assertLess(max(residual), 0.5)
        self.assertLess(residual[0], 3 * residual[1], "where no frame lies before")

    def test_ranks(self):
        for ranks in (1, 3):
            forecast(f"ranks{ranks}", ranks=ranks)
            self.same_payload(f"ranks{ranks}/forecast/{NAME}.hdf5", f"unseen/forecast/{NAME}.hdf5")
            self.assertEqual(errors(f"ranks{ranks}"), errors("unseen"))

    def test_a_finer_grid_and_other_times(self):
        forecast("fine", "forecast.refine=2", "forecast.times=[0.0, 0.25, 0.5, 2.0]")
        times, x, u = of("fine")
        self.assertEqual(len(x), 64)
        np.testing.assert_allclose(u[:, [0, 2, 3], ::2], of("unseen")[2][:, [0, 5, 20]], rtol=0, atol=1e-5)
        between = (of("unseen")[2][:, 2] + of("unseen")[2][:, 3]) / 2
        self.assertLess(np.abs(u[:, 1, ::2] - between).max(), 0.05 * np.abs(between).max())

    def test_points(self):
        _, x, u = of("unseen")
        rows = [(0.1 * k, x[i]) for k in (0, 7, 20) for i in (3, 30)]
        write("points.csv", "t,x\n" + "".join(f"{t:.9g},{x:.9g}\n" for t, x in rows))
        forecast("points", "forecast.points=points.csv", "forecast.trajectory=1")
        with h5py.File(f"points/forecast/{NAME}_points.hdf5") as file:
            np.testing.assert_allclose(file["u"][:], [u[1, k, i] for k in (0, 7, 20) for i in (3, 30)], rtol=0, atol=1e-5)

    def test_few_observed_points(self):
        said = forecast("few", "forecast.observed=0.3")
        self.assertRegex(said, r"codes of 2 trajectories from a mask drawn for all \(\d+ of 32 points\)")
        self.assertIn("forecast MSE at observed points", said)
        rows = errors("few")
        self.assertLess(rows[0]["forecast_mse"], 0.5 * rows[0]["zero_mse"])
        self.assertGreater(rows[0]["forecast_mse_outside"], rows[0]["forecast_mse_inside"])

    def test_an_ensemble_has_a_spread(self):
        said = forecast("spread", name="pair")
        spread = of("spread", "u_spread")[2]
        self.assertTrue((spread >= 0).all())
        self.assertLess(spread[:, 0].max(), 1e-6, "both start from the same code")
        self.assertGreater(spread[:, -1].mean(), 1e-4)
        self.assertRegex(said, r"forecast spread / error \d+\.\d\d")
        times, x, u = of("spread")
        write("three.csv", "t,x\n" + "".join(f"{times[k]:.9g},{x[i]:.9g}\n" for k, i in ((5, 3), (5, 9), (20, 3))))
        forecast("spread", "forecast.points=three.csv", "forecast.trajectory=1", name="pair")
        with h5py.File(f"spread/forecast/{NAME}_points.hdf5") as file:
            for name, there in (("u", u), ("u_spread", spread)):
                np.testing.assert_allclose(file[name][:], there[1, [5, 5, 20], [3, 9, 3]], rtol=1e-3, atol=1e-5)
        self.assertAlmostEqual(errors("spread")[-1]["forecast_spread"], np.sqrt(np.mean(spread[:, -1] ** 2)), places=5)

    def test_observations_of_the_user(self):
        given = observations("all.csv", 0)
        forecast("given", given, "forecast.reference=", "forecast.times=[0.0, 1.0, 2.0]")
        _, _, u = of("given")
        np.testing.assert_allclose(u[0], of("unseen")[2][1][[0, 10, 20]], rtol=0, atol=1e-4)
        # Each time starts it anew.
        _, _, truth = fields(TEST)
        forecast("twice", observations("twice.csv", 3, 15), "forecast.reference=", "forecast.times=[0.3, 1.4, 1.5, 2.0]")
        _, _, u = of("twice")
        for k, frame in ((0, 3), (2, 15)):  # all but the shortest waves, which this model cannot hold
            right = truth[1][frame]
            self.assertLess(np.linalg.norm(u[0, k] - right), 0.3 * np.linalg.norm(right))
        for setting in ("forecast.times=[0.2, 1.0]", "forecast.points=early.csv"):
            write("early.csv", "t,x\n0.5,1\n0.2,1\n")
            done = run("forecast", "deck.toml", "--output", "early", *sets(
                *LATENT, f"forecast.checkpoint={newest_checkpoint('linear')}", "forecast.observations=twice.csv", setting))
            self.exits(65, done)
            self.says_once(done, "hypercast-forecast: error: .*begins at t = 0.3")

    def test_a_grid_that_no_memory_holds_is_refused(self):
        done = run("forecast", "deck.toml", "--output", "huge", *sets(
            *LATENT, f"forecast.checkpoint={newest_checkpoint('linear')}", "forecast.reference=linear/data/test",
            "forecast.refine=2000000000"))
        self.exits(65, done)
        self.says_once(done, "hypercast-forecast: error: .*refine: a frame would have .* points")

    def test_an_ensemble_that_is_not_complete_says_so(self):
        half = sets(*LATENT, "data.path=linear/data/train", "dynamics.kind=mlp", "dynamics.steps=4", "dynamics.members=2",
                    "dynamics.mlp.width=8", "train.checkpoint_every=2", "train.keep_last=9")
        good("train", "deck.toml", "--output", "half", *half, "--set", "dynamics.members=1")
        done = run("forecast", "deck.toml", "--output", "half", *half, "--set", "forecast.reference=linear/data/test")
        self.assertNotIn("training is not done", done.stderr, "one of one")
        good("train", "deck.toml", "--output", "whole", *half)
        first = Path("whole/ckpt/step-000000006.h5")  # two steps into the second
        done = self.exits(0, run("forecast", "deck.toml", "--output", "whole", *half, *sets(
            f"forecast.checkpoint={first}", "forecast.reference=linear/data/test")))
        self.assertIn(f"training is not done: {first} holds 1 of 2 dynamics", done.stderr)

    def test_a_finished_run_is_not_trained_again(self):
        shutil.copytree("linear", "again")
        before = {name: content for name, content in tree("again/ckpt").items()}
        said = good("train", "deck.toml", "--output", "again", "--resume", "auto", *sets(*LATENT), ranks=2)
        self.assertIn("trained already: nothing to train", said)
        self.assertEqual(tree("again/ckpt"), before)
        self.assertFalse(Path("again/previous-1").exists())

    def test_dynamics_that_leave_all_bounds(self):
        """Data that grow, and a forecast far beyond them."""
        for file in Path("linear/data/train").glob("*.hdf5"):
            content = file.read_bytes()  # without the seal, as files of others are
            with h5py.File(write(f"growing/{file.name}", bytes(512) + content[512:]), "r+") as opened:
                t = opened["dimensions/time"][:]
                opened["t0_fields/u"][:] *= np.exp(t)[None, :, None]
        growing = sets(*LATENT, "data.path=growing", "forecast.reference=growing", "forecast.residual=false")
        good("train", "deck.toml", "--output", "lost", *growing, ranks=2)
        for ranks in (1, 3):
            done = self.exits(0, run("forecast", "deck.toml", "--output", "lost", *growing,
                                     *sets("forecast.times=[0.0, 0.5, 1.0, 2.0, 40.0]"), ranks=ranks))
            self.assertRegex(done.stderr, r"warning: .*of 6 trajectories leave all bounds, the first after t = ")
            t, _, u = of("lost")
            self.assertTrue(np.isfinite(u[:, :3]).all())
            self.assertTrue(np.isnan(u[:, 4]).all())
            with h5py.File(f"lost/forecast/{NAME}.hdf5") as file:
                until = float(file["provenance"].attrs["bounded_until"])
            self.assertTrue(1 < until < 40, until)
            self.assertEqual(len(errors("lost")), 4, "40 is no frame of the reference")


class BadInput(InFolder):
    @classmethod
    def prepare(cls):
        good("solve", "deck.toml", "--output", "study", *sets(*LATENT), ranks=2)
        good("train", "deck.toml", "--output", "study", *sets(*LATENT), ranks=2)
        done = run("train", "deck.toml", "--output", "early", *sets(*LATENT, "inr.name=siren", "condition.code.size=5",
                                                                    "data.path=study/data/train", "run.max_walltime=1e-6"))
        assert done.returncode == 75, done.stderr

    def test_all(self):
        write("columns.csv", "t,x,v\n0,1,2\n")
        write("short.csv", "t,x\n0,1\n")
        write("none.csv", "t,x,u\n")
        write("words.csv", "t,x,u\n0,here,1\n")
        write("points.csv", "t,x\n0,1\n")
        write("good.csv", "t,x,u\n0,1,2\n")
        study = ("forecast", "deck.toml", "--output", "study")
        latent = sets(*LATENT)
        cases = [
            (77, "holds no latent dynamics yet", "forecast", "deck.toml", "--output", "early", *latent),
            (77, "is a model of codes: .*must be latent", *study, *latent, *sets("forecast.mode=direct")),
            (77, "is a model of codes: .*must be latent", *study, "--check", *latent, *sets("forecast.mode=direct")),
            (65, "observed: thins a reference", *study, *latent, *sets("forecast.observations=good.csv", "forecast.observed=0.5")),
            (65, "gives 1 numbers, the model depends on 0", *study, *latent, *sets("forecast.parameters=[1.0]")),
            (65, "start from observations", *study, *latent, *sets("data.path=nothing")),
            (65, "keeps none of 32 points", *study, *latent, *sets("forecast.observed=1e-9")),
            (65, "forecast.trajectory: there are 2 trajectories", *study, *latent,
             *sets("forecast.points=points.csv", "forecast.trajectory=2")),
            (65, "keeps none of 32 points", "train", "deck.toml", "--output", "study", *latent, *sets("data.observed=1e-9")),
            (65, "keeps none of 32 points", "train", "deck.toml", "--output", "study", "--check", *latent, *sets("data.observed=1e-9")),
            (65, "condition.code.size: .* independent components", "train", "deck.toml", "--output", "study", "--check", *latent,
             *sets("condition.code.size=9999")),
            (65, "modes = 9999: .*the grid holds 32 for each", "train", "deck.toml", "--output", "study", "--check", *latent,
             *sets("inr.name=pod", "inr.pod.modes=9999")),
            (65, r"condition.code.size: .*independent components", "train", "deck.toml", "--output", "fresh", *latent,
             *sets("condition.code.size=25", "data.path=study/data/train")),
            (77, "other dynamics than the deck", "train", "deck.toml", "--output", "study", "--resume", "auto", *latent,
             *sets("dynamics.kind=quadratic")),
            (66, "missing.csv", *study, *latent, *sets("forecast.observations=missing.csv")),
            (65, "columns.csv", *study, *latent, *sets("forecast.observations=columns.csv")),
            (65, "short.csv", *study, *latent, *sets("forecast.observations=short.csv")),
            (65, "none.csv", *study, *latent, *sets("forecast.observations=none.csv")),
            (65, "words.csv:2", *study, *latent, *sets("forecast.observations=words.csv"))]
        before = tree("study")
        jobs = [(case, ranks) for case in cases for ranks in (1, 3)]
        found = together([lambda case=case, ranks=ranks: run(*case[2:], ranks=ranks, limit=30) for case, ranks in jobs], at_once=4)
        for ((code, text, app, *args), ranks), done in zip(jobs, found):
            with self.subTest(app=app, args=args[-2:], ranks=ranks):
                self.exits(code, done)
                self.says_once(done, f"hypercast-{app}: error: .*{text}")
        self.assertEqual({name: content for name, content in tree("study").items() if name in before}, before)


if __name__ == "__main__":
    main()
