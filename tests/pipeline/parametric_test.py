#!/usr/bin/env python3
"""Models that depend on numbers of the equation, H(t, mu) and H(z, mu), on trajectories they have not seen; and
forecasts from measurements of the user's own."""
import csv
import re
from pathlib import Path

import h5py
import numpy as np

from runs import InFolder, good, main, run, sets, write

TABLE = re.compile(r"^(\w+) +(\d\.\d\de\S*|-) +(\d\.\d\de\S*|-) +(\d\.\d\de\S*|-) ", re.MULTILINE)


def table(said):
    """name -> mean relative L2 of the training window, of times held out, Out-t."""
    return {name: [float("nan") if e == "-" else float(e) for e in numbers] for name, *numbers in TABLE.findall(said)}


def trajectories(folder, parameter):
    """(mu, u[time][x]) of every file."""
    found = []
    for path in sorted(Path(folder).glob("*.hdf5")):
        with h5py.File(path) as file:
            found.append((float(file.attrs[parameter]), file["t0_fields/u"][0]))
    return found


def relative(ours, right):
    return np.mean(np.linalg.norm(ours - right, axis=1) / np.linalg.norm(right, axis=1))


class Times(InFolder):
    """H(t, mu): the viscosity varies."""
    STUDY = sets("ensemble.train=12", "ensemble.test=2", "ensemble.vary=viscosity", "ensemble.vary_range=[0.15, 0.4]",
                 'condition.parameters=["viscosity"]', "data.window_frames=0", "data.hold_out_every=0", "train.steps=1000",
                 "train.batch=16", "inr.siren.width=16")
    RUN = Path("runs/deck")

    @classmethod
    def prepare(cls):
        cls.said = {app: good(app, "deck.toml", *cls.STUDY, ranks=2) for app in ("solve", "train", "forecast")}
        cls.train = trajectories(cls.RUN / "data/train", "viscosity")
        cls.test = trajectories(cls.RUN / "data/test", "viscosity")
        with h5py.File(cls.RUN / "forecast/burgers.hdf5") as file:
            cls.forecast = file["t0_fields/u"][:]

    def test_errors_stand_beside_those_of_the_training_trajectories(self):
        rows = table(self.said["forecast"])
        self.assertEqual(list(rows), ["forecast", "zero", "time_mean", "nearest", "interpolation"])
        self.assertAlmostEqual(rows["forecast"][0] / np.mean([relative(f, u) for f, (_, u) in zip(self.forecast, self.test)]),
                               1, places=2)
        self.assertLess(rows["forecast"][0], 0.5 * rows["time_mean"][0])
        expected = {"nearest": [], "interpolation": []}
        ladder = sorted(self.train, key=lambda pair: pair[0])
        for mu, truth in self.test:
            near = min(self.train, key=lambda pair: abs(pair[0] - mu))
            expected["nearest"].append(relative(near[1], truth))
            k = min(max(sum(value < mu for value, _ in ladder), 1), len(ladder) - 1)
            (low, below), (high, above) = ladder[k - 1:k + 1]
            expected["interpolation"].append(relative(below + (mu - low) / (high - low) * (above - below), truth))
        for name, values in expected.items():
            self.assertAlmostEqual(rows[name][0] / np.mean(values), 1, places=2, msg=name)

    def test_parameters_of_the_user(self):
        mu = self.test[1][0]
        said = good("forecast", "deck.toml", *self.STUDY, "--output", "mine",
                    *sets(f"forecast.checkpoint={next(self.RUN.glob('ckpt/*.h5'))}", f"forecast.parameters=[{mu!r}]"))
        self.assertIn("no reference trajectory", said)
        with h5py.File("mine/forecast/burgers.hdf5") as file:
            self.assertAlmostEqual(file.attrs["viscosity"], mu)
            np.testing.assert_allclose(file["t0_fields/u"][0], self.forecast[1], rtol=0, atol=1e-5)
        said = good("forecast", "deck.toml", *self.STUDY,
                    *sets(f"forecast.parameters=[{mu!r}]", f"forecast.reference={self.RUN}/data/test", "forecast.trajectory=1"))
        self.assertIn("trajectories 1 ", said)
        self.assertAlmostEqual(table(said)["forecast"][0], relative(self.forecast[1], self.test[1][1]), places=3)
        done = self.exits(0, run("forecast", "deck.toml", *self.STUDY,
                                 *sets("forecast.parameters=[0.3]", f"forecast.reference={self.RUN}/data/test")))
        self.assertRegex(done.stdout + done.stderr, "viscosity is 0.3 in .forecast. parameters, 0.* in the reference")
        done = self.exits(0, run("forecast", "deck.toml", *self.STUDY, *sets("forecast.parameters=[0.9]")))
        self.assertRegex(done.stderr, r"1 of 1 trajectories have a viscosity outside \[0\.\d+, 0\.\d+\], which training saw: 0\.9")

    def test_points(self):
        write("points.csv", "t,x\n0.5,0\n")
        for settings in (["forecast.trajectory=1"], [f"forecast.parameters=[{self.test[1][0]!r}]"]):
            good("forecast", "deck.toml", *self.STUDY, *sets("forecast.points=points.csv", *settings))
            with h5py.File(self.RUN / "forecast/burgers_points.hdf5") as file:
                self.assertAlmostEqual(file["u"][0], self.forecast[1][5][0], places=5)

    def test_wrong_parameters(self):
        for settings, text in ((["forecast.parameters=[0.1, 0.2]"], "gives 2 numbers, the model depends on 1"),
                               (["forecast.parameters=[0.1]", "forecast.trajectory=7",
                                 f"forecast.reference={self.RUN}/data/test"], "there is no trajectory 7"),
                               (["forecast.observations=points.csv"], "only models of codes start from observations")):
            done = self.exits(65, run("forecast", "deck.toml", *self.STUDY, *sets(*settings)))
            self.says_once(done, f"hypercast-forecast: error: .*{text}")
        done = self.exits(65, run("train", "deck.toml", *self.STUDY, *sets('condition.parameters=["speed"]'), "--output",
                                  "other", *sets(f"data.path={self.RUN}/data/train")))
        self.says_once(done, "hypercast-train: error: .*the data have no parameter 'speed'")

    def test_check(self):
        said = good("forecast", "deck.toml", *self.STUDY, "--check")
        self.assertRegex(said, r"viscosity: trained on \[0\.\d+, 0\.\d+\]")


LATENT = """
[pde]
name = "advection_diffusion"
[pde.advection_diffusion]
velocity = [1.5]
diffusivity = 0.05
[grid]
points = [32]
[initial]
family = "random_field"
max_wavenumber = 3
[time]
end = 1.0
frames = 11
step = 0.02
integrator = "rk"
[ensemble]
train = 40
valid = 4
test = 3
vary = "velocity_0"
vary_range = [1.0, 2.0]
[data]
window_frames = 6
hold_out_every = 0
[inr]
name = "fourier"
[inr.fourier]
max_wavenumber = 3.0
[condition]
encoder = "code"
parameters = ["velocity_0"]
[condition.code]
size = 6
[hypernetwork]
head = "last_layer"
depth = 0
[dynamics]
kind = "linear"
[dynamics.linear]
degree = 3
[forecast]
mode = "latent"
"""


class Codes(InFolder):
    """H(z, mu) and dynamics that depend on mu: the speed varies, and so does the first frame."""
    RUN = Path("runs/latent")

    @classmethod
    def prepare(cls):
        write("latent.toml", LATENT)
        cls.said = {app: good(app, "latent.toml", ranks=2) for app in ("solve", "train", "forecast")}
        cls.test = trajectories(cls.RUN / "data/test", "velocity_0")
        cls.speed, cls.truth = cls.test[1]

    def observe(self, name, times, count, noise=0.0, seed=1):
        """Values of test trajectory 1 at random places, between the points of the grid; the fields are band-limited."""
        random = np.random.default_rng(seed)
        rows = []
        for t in times:
            modes = np.fft.rfft(self.truth[round(10 * t)]) / 32
            for x in random.uniform(-1, 9, count):
                u = modes[0].real + 2 * (modes[1:16] * np.exp(1j * x * np.arange(1, 16))).real.sum()
                rows.append((t, x, u + noise * random.normal()))
        np.savetxt(name, rows, delimiter=",", header="t,x,u")
        return np.array(rows)

    def forecast(self, *settings, **more):
        return good("forecast", "latent.toml", *sets(f"forecast.reference={self.RUN}/data/test", "forecast.trajectory=1", *settings),
                    **more)

    def fields(self):
        with h5py.File(self.RUN / "forecast/advection_diffusion.hdf5") as file:
            return file["t0_fields/u"][0]

    def test_unseen_speeds(self):
        rows = table(self.said["forecast"])
        self.assertEqual(list(rows), ["forecast", "persistence", "zero", "mean_field", "pod"])
        self.assertLess(max(rows["forecast"][0], rows["forecast"][2]), 2e-3)
        self.assertLess(rows["forecast"][2], 0.05 * rows["pod"][2], "which does not know the speed")
        residual = re.search(r"physics residual.*fitted (\S+) held out - Out-t (\S+)", self.said["forecast"])
        self.assertLess(float(residual[1]), 2e-2)
        self.assertLess(float(residual[2]), 2e-2)

    def test_observations(self):
        rows = self.observe("seen.csv", [0], 12)
        np.save("seen.npy", rows)
        with h5py.File("seen.h5", "w") as file:
            file["observations"] = rows
            file["observations"].attrs["columns"] = ["t", "x", "u"]
        found = []
        for kind, ranks in (("csv", 1), ("npy", 2), ("h5", 3)):
            said = self.forecast(f"forecast.observations=seen.{kind}", f"forecast.parameters=[{self.speed!r}]", ranks=ranks)
            found.append(self.fields())
            self.assertEqual(list(table(said)), ["forecast", "zero", "mean_field"])
            self.assertLess(max(table(said)["forecast"][0], table(said)["forecast"][2]), 5e-3)
        np.testing.assert_allclose(found[0], self.truth, rtol=0, atol=2e-2 * np.abs(self.truth).max())
        np.testing.assert_allclose(found[1:], [found[0]] * 2, rtol=0, atol=1e-5)
        said = self.forecast("forecast.observations=seen.csv")
        self.assertLess(table(said)["forecast"][2], 5e-3, "the speed is that of the reference")
        said = good("forecast", "latent.toml", "--check", *sets("forecast.observations=seen.csv"))
        self.assertIn("observations seen.csv: 12 at 1 times from 0 to 0", said)

    def test_fewer_points_than_numbers_of_a_code(self):
        self.observe("few.csv", [0], 4)
        rows = table(self.forecast("forecast.observations=few.csv"))
        self.assertGreater(rows["forecast"][0], 5e-3)
        self.assertLess(rows["forecast"][0], 0.9 * rows["mean_field"][0])

    def test_noise(self):
        size = self.truth[0].std()
        naive, weighed = [], []
        for seed in range(4):
            self.observe("noisy.csv", [0], 9, noise=0.3 * size, seed=seed)
            naive.append(table(self.forecast("forecast.observations=noisy.csv"))["forecast"][0])
            weighed.append(table(self.forecast("forecast.observations=noisy.csv", "forecast.observation_noise=0.3"))["forecast"][0])
        self.assertLess(np.mean(weighed), np.mean(naive))
        self.assertLess(np.mean(weighed), 0.6)

    def test_several_times(self):
        """Each starts anew; before the first there is no forecast."""
        both = self.observe("both.csv", [0.3, 0.7], 12)
        both[both[:, 0] == 0.3, 2] += 1  # a forecast from the first time is wrong, one from the second is not
        np.savetxt("both.csv", both, delimiter=",", header="t,x,u")
        self.forecast("forecast.observations=both.csv")
        with open(self.RUN / "forecast/advection_diffusion_errors.csv") as file:
            errors = {round(float(row["t"]), 6): float(row["forecast_relative_l2"]) for row in csv.DictReader(file)}
        self.assertEqual(sorted(errors), [round(0.1 * k, 6) for k in range(3, 11)])
        self.assertGreater(min(errors[t] for t in (0.3, 0.4, 0.5, 0.6)), 0.05)
        self.assertLess(max(errors[t] for t in (0.7, 0.8, 0.9, 1.0)), 5e-3)
        good("forecast", "latent.toml", *sets("forecast.observations=both.csv", f"forecast.parameters=[{self.speed!r}]"))
        with h5py.File(self.RUN / "forecast/advection_diffusion.hdf5") as file:
            np.testing.assert_allclose(file["dimensions/time"][:], 0.3 + 0.1 * np.arange(6), rtol=0, atol=1e-6)
            self.assertAlmostEqual(file.attrs["velocity_0"], self.speed)

    def test_wrong_observations(self):
        self.observe("good.csv", [0.3], 12)
        write("names.csv", "t,x,v\n0,1,2\n")
        write("empty.csv", "t,x,u\n")
        write("early.csv", "t,x\n0.2,1\n")
        for settings, text in ((["names.csv"], "names.csv"), (["empty.csv"], "empty.csv"),
                               (["good.csv"], "gives 0 numbers, the model depends on 1"),
                               (["good.csv", "forecast.parameters=[1.2]", "forecast.times=[0.1, 0.5]"],
                                "0.1: the forecast begins at t = 0.3"),
                               (["good.csv", "forecast.parameters=[1.2]", "forecast.points=early.csv"],
                                "row 1: t = 0.2, but the forecast begins at t = 0.3")):
            done = self.exits(65, run("forecast", "latent.toml", *sets("forecast.observations=" + settings[0], *settings[1:])))
            self.says_once(done, f"hypercast-forecast: error: .*{text}")
        done = self.exits(65, run("forecast", "latent.toml", *sets("forecast.parameters=[1.2]", f"forecast.reference={self.RUN}/data/test")))
        self.says_once(done, "hypercast-forecast: error: .*go with .forecast. observations")

    def test_check(self):
        said = good("train", "latent.toml", "--check")
        self.assertIn("40 trajectories of 6 frames, 4 for validation, points 32 channels 1", said)
        self.assertIn("codes of 6 numbers by projection: 0 learned, no steps", said)
        self.assertIn("dynamics linear: 1 members of 168 numbers, steps 0", said)
        self.assertIn("not there yet", good("train", "latent.toml", "--check", "--output", "nothing"))
        said = good("train", "latent.toml", "--check", *sets("hypernetwork.depth=1", "dynamics.kind=mlp"))
        self.assertIn("codes of 6 numbers by auto-decoding", said)
        said = good("forecast", "latent.toml", "--check")
        self.assertIn("codes of 6 numbers, dynamics 1 of 168 numbers, a frame takes 0.1", said)
        self.assertRegex(said, r"velocity_0: trained on \[1\.\d+, 1\.\d+\]")


if __name__ == "__main__":
    main()
