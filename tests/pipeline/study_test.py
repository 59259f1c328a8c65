#!/usr/bin/env python3
"""One small study from the equation to the picture, on two ranks, and every way to ask for a forecast."""
import csv
import math
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

import h5py
import numpy as np
from matplotlib import image

from runs import LATENT, SOURCE, InFolder, good, main, newest_checkpoint, payload, records, sets, steps_of, together

RUN = Path("runs/deck")
FORECAST = RUN / "forecast/burgers.hdf5"
STUDY = sets("time.frames=41", "data.window_frames=21", "train.steps=300", "train.batch=16", "train.points=24",
             "observation.rates=[0.25, 0.5]", "train.calibrate=true")


def forecast(folder, *settings, ranks=2):
    """A forecast into a folder of its own, from the checkpoint of the study and nothing else."""
    args = [f"forecast.checkpoint={newest_checkpoint(RUN)}", *settings]
    return good("forecast", "deck.toml", "--output", folder, *sets(*args), ranks=ranks)


def frames(file):
    """times, x, u[time][x] of a forecast on a grid"""
    with h5py.File(file) as opened:
        return opened["dimensions/time"][:], opened["dimensions/x"][:], opened["t0_fields/u"][0]


def picture_of(folder):
    """Draws it; the picture as an array [row][column][red, green, blue, alpha]."""
    subprocess.run([SOURCE / "tools/plot", folder], check=True, capture_output=True)
    return image.imread(folder / "forecast/forecast.png")


def table(said):
    """The printed errors: name -> mean relative L2 of fitted, held-out and Out-t frames, and so on."""
    rows = re.findall(r"^(\w+) +(\d\.\d\de.*)$", said, re.MULTILINE)
    return {name: numbers.split() for name, numbers in rows}


class Study(InFolder):
    @classmethod
    def prepare(cls):
        cls.said = {app: good(app, "deck.toml", *STUDY, ranks=2) for app in ("solve", "train", "forecast")}

    def errors(self):
        with open(RUN / "forecast/burgers_errors.csv") as file:
            return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]

    def test_the_forecast_beats_doing_nothing(self):
        rows = self.errors()
        self.assertEqual(len(rows), 41)
        held_out = [row for row in rows if row["window"] == 1]
        self.assertEqual(len(held_out), 4)  # frames 2, 7, 12, 17 of 21
        mean = {name: np.mean([row[name + "_relative_l2"] for row in held_out])
                for name in ("forecast", "persistence", "zero", "time_mean", "dmd")}
        self.assertEqual(mean["zero"], 1)
        self.assertLess(mean["forecast"], 0.5 * mean["persistence"])
        self.assertLess(mean["forecast"], 0.5 * mean["time_mean"])

    def test_errors_are_those_of_the_files(self):
        times, _, u = frames(FORECAST)
        truth = frames(RUN / "data/train/burgers_000000.hdf5")[2]
        for row, t, ours, right in zip(self.errors(), times, u, truth):
            self.assertAlmostEqual(row["t"], t, places=6)
            self.assertAlmostEqual(row["forecast_max"], np.abs(ours - right).max(), places=5)
            self.assertAlmostEqual(row["forecast_relative_l2"],
                                   np.linalg.norm(ours - right) / np.linalg.norm(right), places=5)
            self.assertAlmostEqual(row["persistence_relative_l2"],
                                   np.linalg.norm(truth[20] - right) / np.linalg.norm(right), places=5)
        with h5py.File(RUN / "forecast/burgers_errors.hdf5") as file:
            np.testing.assert_allclose(file["forecast_mse"][:], [row["forecast_mse"] for row in self.errors()])

    def test_the_table_is_printed(self):
        rows = table(self.said["forecast"])
        self.assertEqual(list(rows), ["forecast", "persistence", "zero", "time_mean", "dmd"])
        for name, row in rows.items():
            fitted, held_out, out_t = ([e[name + "_relative_l2"] for e in self.errors() if e["window"] == window]
                                       for window in range(3))
            for text, values in zip(row, (fitted, held_out, out_t)):
                self.assertAlmostEqual(float(text) / np.mean(values), 1, places=2)

    def test_files_and_records(self):
        there = {str(file.relative_to(RUN)) for file in RUN.rglob("*") if file.is_file()}
        self.assertEqual(there - {"forecast/forecast.png"},
                         {"data/train/burgers_000000" + end for end in (".hdf5", ".xdmf", ".mesh")} |
                         {"forecast/burgers" + end
                          for end in (".hdf5", ".xdmf", ".mesh", "_errors.hdf5", "_errors.csv")} |
                         {"stats.yaml", "burgers.yaml", "DATASET.md", "data/observation_masks.hdf5",
                          "ckpt/step-000000300.h5", "metrics.csv", "metrics.h5", "timing.csv", "run.json"})
        self.assertEqual([(line["app"], line["ranks"], line["exit_code"]) for line in records(RUN)],
                         [("hypercast-" + app, 2, 0) for app in ("solve", "train", "forecast")])
        self.assertEqual(steps_of(RUN), list(range(10, 301, 10)))
        with h5py.File(RUN / "metrics.h5") as file:
            self.assertLess(file["loss"][-1], 0.1 * file["loss"][0])
        with h5py.File(FORECAST) as file:
            origin = dict(file["provenance"].attrs)
        self.assertIn("--set train.points=24", origin["command_line"])
        self.assertIn("points = 24", origin["deck_resolved"])

    def test_the_time_of_a_step(self):
        """A table with floors, in the log and as a file; no run is faster than its machine by far."""
        phases = ["trunk", "head forward", "frames", "head backward and optimiser", "gradient norm", "exchange",
                  "rest of the step", "step"]
        said = self.said["train"]
        self.assertRegex(said, r"\ngrid: replicas 1, trunk replicated.* the cost model recommends")
        self.assertRegex(said, r"\nphases of 300 steps, isa v\d, .* Gflop/s a rank, .* GB/s memory, .* cycles a sincos\n")
        with open(RUN / "timing.csv") as file:
            rows = {row["phase"]: row for row in csv.DictReader(file)}
        self.assertEqual(list(rows), phases)
        for phase, row in rows.items():
            self.assertRegex(said, rf"\n{phase} +{float(row['ms']):.4f} +{100 * float(row['share']):.1f} %")
            self.assertEqual(row["stage"], "0")
            self.assertTrue(0 < float(row["share"]) <= 1)
            if phase in ("gradient norm", "rest of the step"):
                self.assertEqual((row["floor_ms"], row["reached"]), ("nan", "nan"))
            else:
                # Nothing is faster than its machine; waiting for others may be less than in the calibration.
                self.assertTrue(0 < float(row["reached"]) < (math.inf if phase in ("exchange", "step") else 10), row)
                self.assertAlmostEqual(float(row["floor_ms"]) / float(row["ms"]) / float(row["reached"]), 1, places=4)
        record = [line for line in records(RUN) if line["app"] == "hypercast-train"][-1]
        self.assertAlmostEqual(float(rows["step"]["ms"]), 1e3 * record["timers"]["step"]["max_s"] / 300, places=4)
        self.assertEqual(record["timers"]["calibration"]["calls"], 1)

    def test_sidecars_name_what_is_there(self):
        for sidecar in RUN.rglob("*.xdmf"):
            items = [item.text.strip() for item in xml.parse(sidecar).iter("DataItem") if item.get("Format") == "HDF"]
            self.assertTrue(items)
            for name, dataset in {tuple(item.split(":")) for item in items}:
                with h5py.File(sidecar.parent / name) as file:
                    self.assertIn(dataset, file)

    def test_picture(self):
        picture_of(RUN)

    def test_the_manual_of_the_files(self):
        """Every snippet of FORMATS.md, in a copy of the run folder that has every kind of file."""
        shutil.copytree(RUN, "formats")
        snippets = re.findall(r"```python\n(.*?)```", (SOURCE / "src/io/FORMATS.md").read_text(), re.DOTALL)
        writes_points = [snippet for snippet in snippets if "points.npy" in snippet]
        self.assertEqual((len(snippets), len(writes_points)), (9, 1))

        def execute(snippet):
            done = subprocess.run([sys.executable, "-c", snippet], cwd="formats", capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{snippet}\n{done.stdout}\n{done.stderr}")
            return done.stdout

        execute(writes_points[0])
        results = []
        for kind in ("npy", "csv", "h5"):
            forecast("formats", f"forecast.points=formats/points.{kind}")
            results.append(payload("formats/forecast/burgers_points.hdf5"))
        self.assertEqual(results[1:], results[:1] * 2)
        said = "".join(execute(snippet) for snippet in snippets if snippet not in writes_points)
        self.assertIn("['u'] {'viscosity': ", said)
        self.assertIn("step 300 ", said)
        self.assertRegex(said, r"frames: \d+\.\d{4} ms, \d+ % of what")
        self.assertIn("Out-t {", said)
        self.assertRegex(said, r"rate_0\.25 \(32,\) \d+ of 32\n")

    def test_the_manual_names_every_entry(self):
        manual = (SOURCE / "src/io/FORMATS.md").read_text()
        listed = set(re.findall(r"`((?:model|train|dynamics)/[\w/<>]+)`", manual))
        of_codes = sets(*LATENT, "ensemble.trajectories_per_file=1", "ensemble.vary=diffusivity", "ensemble.vary_range=[0.1, 0.2]", "dynamics.kind=mlp",
                        "condition.parameters=[\"diffusivity\"]", "dynamics.steps=4", "dynamics.validate_every=1",
                        "train.checkpoint_every=2")
        for app in ("solve", "train"):
            good(app, "deck.toml", *of_codes, "--output", "codes")
        good("train", "deck.toml", *of_codes, "--output", "table",
             *sets("data.path=codes/data/train", "hypernetwork.head=low_rank", "train.steps=3"))
        entries = {re.sub(r"/psi/\d+", "/psi/<k>", re.sub(r"/parameters/\d+/", "/parameters/<i>/", re.sub(
            r"/channels/\d+/", "/channels/<c>/", re.sub(r"/axes/\d+/", "/axes/<k>/", name))))
                   for file in (newest_checkpoint(RUN), *Path("codes/ckpt").glob("*.h5"), *Path("table/ckpt").glob("*.h5"))
                   for name in payload(file) if not name.startswith("@")}
        self.assertEqual(entries, listed)
        section = manual[manual.index("\n## 8"):manual.index("\n## 9")]
        attributes = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", section, re.MULTILINE))))
        good("solve", "deck.toml", *STUDY, "--output", "certified",
             *sets("grid.backend=spectral", "time.integrator=etdrk4", "certify.every=1"))
        written = set()
        for path in (*Path("certified").glob("data/train/*.hdf5"), *RUN.glob("data/train/*.hdf5"), *RUN.glob("ckpt/*.h5"), *RUN.glob("forecast/*.hdf5")):
            with h5py.File(path) as file:
                written |= set(file["provenance"].attrs)
        self.assertEqual(written | {"bounded_until"}, attributes)  # latent_test.py leaves all bounds

    @unittest.skipUnless(shutil.which("h5dump"), "h5dump is not installed")
    def test_checkpoints_open_with_the_tools_of_hdf5(self):
        text = subprocess.run(["h5dump", "-d", "/train/step", newest_checkpoint(RUN)], check=True,
                              capture_output=True, text=True).stdout
        self.assertIn("(0): 300", text)

    def test_a_checkpoint_is_enough(self):
        said = forecast("alone")
        times, x, u = frames("alone/forecast/burgers.hdf5")
        all_times, _, all_u = frames(FORECAST)
        np.testing.assert_array_equal(x, frames(FORECAST)[1])
        np.testing.assert_allclose(times, all_times[:21], rtol=0, atol=1e-6)
        np.testing.assert_allclose(u, all_u[:21], rtol=0, atol=1e-5)
        self.assertIn("no reference trajectory", said)
        with open("alone/forecast/burgers_errors.csv") as table:
            self.assertEqual(next(table), "t,window,forecast_physics_residual\n", "no errors, but the equation is known")
        forecast("alone", "forecast.residual=false")
        self.assertEqual(list(Path("alone/forecast").glob("*errors*")), [])

    def test_other_times_and_a_finer_grid(self):
        together([lambda: forecast("times", "forecast.times=[0.123, 0.5, 1.7]"),
                  lambda: forecast("fine", "forecast.refine=2")])
        times, _, u = frames("times/forecast/burgers.hdf5")
        np.testing.assert_allclose(times, [0.123, 0.5, 1.7], rtol=0, atol=1e-6)
        np.testing.assert_allclose(u[1], frames(FORECAST)[2][10], rtol=0, atol=1e-5)
        _, x, u = frames("fine/forecast/burgers.hdf5")
        self.assertEqual(len(x), 64)
        np.testing.assert_allclose(x[::2], frames(FORECAST)[1], rtol=0, atol=1e-6)
        np.testing.assert_allclose(u[:, ::2], frames(FORECAST)[2][:21], rtol=0, atol=1e-5)

    def test_points_agree_with_the_grid(self):
        with h5py.File(FORECAST) as file:  # exact coordinates; those of the datasets are rounded
            first, last = (file["dimensions/time"].attrs[end] for end in ("first", "last"))
            times = np.linspace(first, last, 41)
        _, x, u = frames(FORECAST)
        points = [(times[k], x[i]) for k in (3, 12, 30) for i in (0, 7, 31)]
        points.append((0.321, -1.0))  # x is periodic
        points.append((0.321, 2 * np.pi - 1.0))
        np.savetxt("points.csv", points, delimiter=",", header="t,x", comments="")
        np.save("points.npy", points)
        with h5py.File("points.h5", "w") as file:
            file["points"] = points
        kinds = ("csv", "npy", "h5")
        together([lambda kind=kind, ranks=ranks: forecast(kind, f"forecast.points=points.{kind}", ranks=ranks)
                  for ranks, kind in enumerate(kinds, 1)])
        for kind in kinds:
            with h5py.File(f"{kind}/forecast/burgers_points.hdf5") as file:
                np.testing.assert_allclose(np.stack([file["t"], file["x"]], axis=1), points)
                values = file["u"][:]
            grid = [u[k, i] for k in (3, 12, 30) for i in (0, 7, 31)]
            np.testing.assert_allclose(values[:9], grid, rtol=0, atol=1e-5, err_msg=kind)
            self.assertAlmostEqual(values[9], values[10], places=5)
        self.assertEqual(payload("csv/forecast/burgers_points.hdf5"), payload("npy/forecast/burgers_points.hdf5"))


class Functions(InFolder):
    """A condition that is a function's number instead of a time."""

    def test_functions(self):
        settings = sets("initial.family=random_field", "initial.modes=[]", "ensemble.train=4", "time.frames=2",
                        "ensemble.trajectories_per_file=2", "condition.encoder=index", "data.window_frames=0",
                        "condition.index.width=4", "train.steps=400")
        for app in ("solve", "train", "forecast"):
            said = good(app, "deck.toml", *settings, ranks=2)
        rows = table(said)
        self.assertLess(float(rows["forecast"][0]), 0.5 * float(rows["time_mean"][0]))
        self.assertEqual(list(rows), ["forecast", "zero", "time_mean"])  # functions have no order
        numbers, _, u = frames(FORECAST)
        np.testing.assert_array_equal(numbers, range(4))
        with h5py.File(RUN / "data/train/burgers_000001.hdf5") as file:
            truth = file["t0_fields/u"][1, 0]
        self.assertLess(np.linalg.norm(u[3] - truth) / np.linalg.norm(truth), 0.5)
        grey = np.abs(picture_of(RUN)[..., :3] - 0.8).max(axis=-1) < 0.01  # where plot has no number
        self.assertLess(grey.mean(), 0.01, "functions without a reference")
        good("forecast", "deck.toml", *settings, *sets("forecast.times=[0, 2]"))
        np.testing.assert_allclose(frames(FORECAST)[2], u[[0, 2]], rtol=0, atol=1e-5)


if __name__ == "__main__":
    main()
