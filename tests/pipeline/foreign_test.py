#!/usr/bin/env python3
"""Trajectories that hypercast did not write, from h5py to the table of errors: trained on and compared with as if
they were its own, and refused in one line when something is wrong with them. Runs on one rank and on two."""
import csv
import random
import re
import subprocess
from pathlib import Path

import h5py
import numpy as np
from matplotlib import image

from runs import BIN, SOURCE, InFolder, good, main, newest_checkpoint, payload, run, sets, together, write

RANKS = (1, 2)
SHORT = ("train.steps=10", "train.validate_every=0")
TIMES = np.linspace(0, 1, 21)
X, Y = np.linspace(0, 1, 12, endpoint=False), np.linspace(-1, 1, 9)


def foreign(path, fields, times=TIMES, axes=(("x", X),), dtype="f8", boundaries=(("x", "PERIODIC"),), name="flow",
            **storage):
    """Writes The Well's layout. `fields`: name -> values [trajectory][time][axes..][components..]; where the first two
    have one entry, the field does not vary between trajectories, in time."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.attrs.update({"dataset_name": name, "grid_type": "cartesian", "n_spatial_dims": len(axes),
                           "n_trajectories": max(len(values) for values in fields.values())})
        file.attrs["simulation_parameters"] = np.array(["Re"], dtype=h5py.string_dtype())
        file.attrs["Re"] = 100.0
        dimensions = file.create_group("dimensions")
        dimensions.attrs["spatial_dims"] = [axis for axis, _ in axes]
        for axis, points in (("time", times), *axes):
            dimensions.create_dataset(axis, data=np.asarray(points, dtype))
            dimensions[axis].attrs.update({"sample_varying": False, "time_varying": axis == "time"})
        for axis, kind in boundaries:
            group = file.create_group(f"boundary_conditions/{axis}_{kind.lower()}")
            group.attrs.update({"associated_dims": [axis], "bc_type": kind, "sample_varying": False,
                                "time_varying": False})
            group["mask"] = np.isin(np.arange(len(dict(axes)[axis])), (0, len(dict(axes)[axis]) - 1))
        file.create_group("scalars").attrs["field_names"] = ["Re"]
        file["scalars/Re"] = 100.0
        groups = [file.create_group(f"t{order}_fields") for order in range(3)]
        for order, group in enumerate(groups):
            group.attrs["field_names"] = np.array([field for field, values in fields.items()
                                                   if values.ndim == 2 + len(axes) + order], h5py.string_dtype())
            for field in group.attrs["field_names"]:
                values = fields[field]
                sample, time = values.shape[0] > 1, values.shape[1] > 1
                stored = values[(slice(None) if sample else 0, slice(None) if time else 0)]
                group.create_dataset(field, data=stored.astype(dtype), **storage)
                group[field].attrs.update({"dim_varying": np.ones(len(axes), bool), "sample_varying": sample,
                                           "time_varying": time})
    return path


def wave(trajectories, times=TIMES, axes=(X,), shift=0.0):
    """[trajectory][time][axes..]: waves that move and decay."""
    b, t, *x = np.meshgrid(np.arange(trajectories), times, *axes, indexing="ij")
    return np.exp(-t) * np.sin(2 * np.pi * (sum(x) - 0.3 * t) + b + shift) + 0.1 * b


def plane():
    """Fields of every kind in two dimensions: two trajectories, nine channels, one field that stands still."""
    axes = (X, Y)
    fields = {"density": wave(2, axes=axes, shift=0.5), "porosity": wave(2, times=[0], axes=axes)}
    fields["velocity"] = np.stack([wave(2, axes=axes), wave(2, axes=axes, shift=2)], -1)
    stress = np.stack([wave(2, axes=axes, shift=shift) for shift in (1, 2, 3, 4)], -1)
    fields["stress"] = stress.reshape(*stress.shape[:-1], 2, 2)
    fields["forcing"] = wave(1, axes=axes, shift=3)
    return fields


PLANE = {"axes": (("x", X), ("y", Y)), "boundaries": (("x", "PERIODIC"), ("y", "WALL"))}


def rows(folder):
    with open(next(Path(folder, "forecast").glob("*_errors.csv"))) as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


class Foreign(InFolder):
    def study(self, folder, data, *settings, ranks=1):
        """Trains and forecasts; what both said."""
        settings = sets(f"data.path={data}", *SHORT, *settings)
        return "".join(good(app, "deck.toml", "--output", folder, *settings, ranks=ranks)
                       for app in ("train", "forecast"))

    def test_the_same_numbers_give_the_same_model(self):
        """hypercast's own trajectories, written anew by h5py: other names, double precision, chunks, compression."""
        good("solve", "deck.toml", *sets("ensemble.train=3", "ensemble.trajectories_per_file=2", "initial.modes=[]",
                                         "initial.family=random_field"))
        own = [h5py.File(path) for path in sorted(Path("runs/deck/data/train").glob("*.hdf5"))]
        u = np.concatenate([file["t0_fields/u"][:] for file in own])
        first, last = (own[0]["dimensions/x"].attrs[end] for end in ("first", "last"))
        x, times = np.linspace(first, last, 32), np.linspace(0, 2, 21)
        kind = {"times": times, "axes": (("x", x),), "name": "burgers", "chunks": (1, 4, 8), "compression": "gzip"}
        foreign("theirs/z-first? no, last.h5", {"u": u[1:]}, **kind)
        foreign("theirs/a run.hdf5", {"u": u[:1]}, **{**kind, "chunks": (4, 8)})
        cases = [(data, ranks) for data in ("runs/deck/data/train", "theirs") for ranks in RANKS]
        together([lambda data=data, ranks=ranks: self.study(f"same/{data}-{ranks}", data, "data.trajectory=2", ranks=ranks)
                  for data, ranks in cases])
        folders = [f"same/{data}-{ranks}" for data, ranks in cases]
        for folder in folders[1:]:
            with self.subTest(folder=folder):
                self.same_payload(newest_checkpoint(folders[0]), newest_checkpoint(folder))
                self.same_payload(f"{folders[0]}/forecast/burgers.hdf5", f"{folder}/forecast/burgers.hdf5")
                self.assertEqual(rows(folders[0]), rows(folder))

    def test_vectors_and_tensors_are_channels(self):
        fields = plane()
        foreign("plane/one.hdf5", fields, dtype="f4", **PLANE)
        apart = {"density": fields["density"], "forcing": np.repeat(fields["forcing"], 2, axis=0)}
        apart |= {f"velocity_{a}": fields["velocity"][..., k] for k, a in enumerate("xy")}
        apart |= {f"stress_{a}{b}": fields["stress"][..., k, l] for k, a in enumerate("xy") for l, b in enumerate("xy")}
        foreign("apart/one.hdf5", apart, dtype="f4", **PLANE)
        said = together([lambda data=data, ranks=ranks: self.study(f"{data}-{ranks}", data, "data.trajectory=1",
                                                                   "data.window_frames=11", ranks=ranks)
                         for data in ("plane", "apart") for ranks in RANKS])
        for text in said[:2]:
            self.assertIn("not learned: 't0_fields/porosity' does not vary in time\n", text)
        for folder in ("plane-2", "apart-1", "apart-2"):
            self.same_payload(newest_checkpoint("plane-1"), newest_checkpoint(folder))
        with h5py.File("plane-1/forecast/flow.hdf5") as file:
            self.assertEqual(list(file["t0_fields"].attrs["field_names"]), list(apart))
            self.assertEqual(file["boundary_conditions/x_periodic"].attrs["bc_type"], "PERIODIC")
            self.assertEqual(file["boundary_conditions/y_wall_dirichlet"].attrs["bc_type"], "WALL")
        subprocess.run([SOURCE / "tools/plot", "plane-1", "--channel", "velocity_y"], check=True, capture_output=True)
        grey = np.abs(image.imread("plane-1/forecast/forecast.png")[..., :3] - 0.8).max(axis=-1) < 0.01
        self.assertLess(grey.mean(), 0.01, "where the picture has no number")
        # The reference is what h5py put there: the last frame of the window, kept.
        truth = np.stack([values[1] for values in apart.values()], -1)
        for frame, row in enumerate(rows("plane-1")):
            expected = np.linalg.norm(truth[10] - truth[frame]) / np.linalg.norm(truth[frame])
            self.assertAlmostEqual(row["persistence_relative_l2"], expected, places=5)

    def test_times_need_not_be_uniform(self):
        times = np.array([0, 0.1, 0.15, 0.4, 0.5, 0.9, 1.3])
        foreign("uneven/a.h5", {"u": wave(1, times)}, times=times, boundaries=())
        self.study("uneven-run", "uneven", "data.window_frames=5", "data.hold_out_every=0")
        found = rows("uneven-run")
        np.testing.assert_allclose([row["t"] for row in found], times, atol=1e-12)
        self.assertEqual([row["window"] for row in found], [0] * 5 + [2] * 2)
        u = wave(1, times)[0]
        self.assertAlmostEqual(found[6]["persistence_relative_l2"],
                               np.linalg.norm(u[4] - u[6]) / np.linalg.norm(u[6]), places=5)

    def test_functions(self):
        """A condition that is a function's number, counted through the files."""
        for k in range(3):
            foreign(f"functions/{k}.h5", {"u": wave(2, TIMES[:2]) + k}, times=TIMES[:2])
        self.study("functions-run", "functions", "condition.encoder=index", "data.window_frames=0",
                   "condition.index.width=4", ranks=2)
        found = rows("functions-run")
        self.assertEqual([row["t"] for row in found], list(range(6)))
        self.assertEqual({row["zero_relative_l2"] for row in found}, {1})
        u = np.concatenate([wave(2, TIMES[:2])[:, 0] + k for k in range(3)])
        self.assertAlmostEqual(found[4]["time_mean_mse"], np.mean((u.mean(axis=0) - u[4]) ** 2), places=5)

    def refused(self, *cases):
        """Each case is (exit code, text as a regular expression, folder of data, more settings...)."""
        jobs = [(case, ranks) for case in cases for ranks in RANKS]
        done = together([lambda case=case, ranks=ranks: run("train", "deck.toml", "--output", "fresh",
                                                            *sets(f"data.path={case[2]}", *case[3:]),
                                                            ranks=ranks, limit=30) for case, ranks in jobs])
        for ((code, text, folder, *_), ranks), one in zip(jobs, done):
            with self.subTest(folder=folder, ranks=ranks):
                self.exits(code, one)
                self.says_once(one, f"hypercast-train: error: {text}")

    def test_files_of_a_folder_must_belong_together(self):
        for folder, second in (("points", {"axes": (("x", X[:6] * 2),)}), ("place", {"axes": (("x", X + 1),)}),
                               ("name", {"axes": (("y", X),), "boundaries": (("y", "PERIODIC"),)}),
                               ("wall", {"boundaries": (("x", "WALL"),)}), ("plane", PLANE)):
            foreign(f"mixed-{folder}/a.h5", {"u": wave(2)})
            axes = [points for _, points in second.get("axes", (("x", X),))]
            foreign(f"mixed-{folder}/b.h5", {"u": wave(2, axes=axes)}, **second)
        foreign("mixed-fields/a.h5", {"u": wave(2), "v": wave(2)})
        foreign("mixed-fields/b.h5", {"u": wave(2), "w": wave(2)})
        foreign("unequal/a.h5", {"u": wave(3), "v": wave(2)})
        foreign("shorter/a.h5", {"u": wave(2), "v": wave(2, times=TIMES[:7])})
        Path("root/data/train").mkdir(parents=True)
        foreign("root/data/train/a.h5", {"u": wave(1)})
        misfit = r"mixed-{}/b.h5 does not fit a.h5: "
        self.refused((65, misfit.format("points") + "axis 'x' has another number of points", "mixed-points"),
                     (65, misfit.format("place") + "axis 'x' has other points", "mixed-place"),
                     (65, misfit.format("name") + "axis 'x' is called 'y'", "mixed-name"),
                     (65, misfit.format("wall") + "axis 'x' has another boundary", "mixed-wall"),
                     (65, misfit.format("plane") + "another number of axes", "mixed-plane"),
                     (65, misfit.format("fields") + "its fields are u, w instead of u, v", "mixed-fields"),
                     (65, r"unequal/a.h5: field 't0_fields/v' has shape \(2, 21, 12\); .* ask for \(3, 21, 12\)", "unequal"),
                     (65, r"shorter/a.h5: field 't0_fields/v' has shape \(2, 7, 12\); .* ask for \(2, 21, 12\)", "shorter"),
                     (66, "no trajectory file .*in root; .*root/data/train", "root"),
                     (66, "absent", "absent"))

    def test_files_of_several_lengths(self):
        """One trajectory is learned; how long the others are does not matter."""
        foreign("lengths/a.h5", {"u": wave(2)})
        foreign("lengths/b.h5", {"u": wave(2, TIMES[:14])}, times=TIMES[:14])
        self.study("lengths-run", "lengths", "data.trajectory=3", "data.window_frames=0")
        self.assertEqual(len(rows("lengths-run")), 14)

    def test_damaged_files(self):
        """Flipped bits outside the values, and ends cut off: one line with the file's name, or a file that is read
        nevertheless. No crash, no hang. Without mpirun, which would hide a signal."""
        path = Path(foreign("whole/a.h5", {"u": wave(1), "v": np.stack([wave(1)], -1)}, dtype="f4", track_times=False))
        whole = path.read_bytes()
        values = wave(1).astype("f4").tobytes()
        data = {k for start in [m.start() for m in re.finditer(re.escape(values), whole)]
                for k in range(start, start + len(values))}
        structure = [k for k in range(len(whole)) if k not in data and whole[k]]
        chance = random.Random(5)
        for case in range(70):
            content = bytearray(whole)
            for k in chance.sample(structure, 1 + case % 4):
                content[k] ^= 1 << chance.randrange(8)
            write(f"flipped-{case}/a.h5", bytes(content))
        for part in range(20):
            write(f"cut-{part}/a.h5", whole[:len(whole) * part // 20])

        def read(folder):
            words = [BIN / "hypercast-train", "deck.toml", "--output", "fresh-" + folder,
                     *sets(f"data.path={folder}", "train.steps=1", "train.validate_every=0", "data.window_frames=0")]
            return subprocess.run(["timeout", "60", *words], capture_output=True, text=True, errors="replace")

        folders = [f"flipped-{case}" for case in range(70)] + [f"cut-{part}" for part in range(20)]
        ends = {}
        for folder, done in zip(folders, together([lambda folder=folder: read(folder) for folder in folders])):
            with self.subTest(folder=folder):
                ends[folder] = done.returncode
                self.assertIn(done.returncode, (0, 65), done.stderr)
                if done.returncode:
                    self.assertRegex(done.stderr, f"^hypercast-train: error: {folder}/a.h5: .*\n$")
        self.assertGreater(sum(ends[f"flipped-{case}"] == 65 for case in range(70)), 40)
        self.assertEqual({ends[f"cut-{part}"] for part in range(20)}, {65})
        damaged = [folder for folder in folders if ends[folder] == 65][::12]
        self.refused(*[(65, f"{folder}/a.h5: ", folder, "data.window_frames=0") for folder in damaged])


if __name__ == "__main__":
    main()
