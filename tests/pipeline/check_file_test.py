#!/usr/bin/env python3
"""hypercast-solve --check-file says all that is wrong with trajectory files, whoever made them, and survives whatever
they hold. Every case runs on one rank and on two."""
import shutil
from pathlib import Path

import h5py
import numpy as np

from runs import InFolder, good, main, run, sets, together, write

RANKS = (1, 2)


def renamed(item, old, new):
    item.move(old, new)


def as_type(file, path, dtype):
    values, attributes = file[path][()], dict(file[path].attrs)
    del file[path]
    file[path] = values.astype(dtype)
    file[path].attrs.update(attributes)


# What is done to a file, and what is then said about it.
DAMAGE = {
    "name": (lambda f: f.attrs.pop("dataset_name"), "no attribute 'dataset_name'"),
    "grid": (lambda f: f.attrs.__setitem__("grid_type", "hexagonal"),
             "attribute 'grid_type' is 'hexagonal', neither cartesian nor spherical"),
    "axes": (lambda f: f.attrs.__setitem__("n_spatial_dims", np.int64(2)),
             "attribute 'n_spatial_dims' is 2, but 'dimensions' names 1 axes"),
    "count": (lambda f: f.attrs.__setitem__("n_trajectories", np.int64(3)),
              "'t0_fields/u' has shape (2, 21, 32) instead of (3, 21, 32) [trajectory][frame][x]"),
    "parameter": (lambda f: f.attrs.pop("viscosity"), "no attribute 'viscosity'"),
    "scalar": (lambda f: f.pop("scalars/viscosity"), "no dataset 'scalars/viscosity'"),
    "groups": (lambda f: f.pop("t2_fields"), "no group 't2_fields'"),
    "fixed": (lambda f: f["boundary_conditions/x_periodic"].attrs.__setitem__("bc_type", np.bytes_("PERIODIC")),
              "'boundary_conditions/x_periodic': attribute 'bc_type' is not one text of variable length"),
    "type": (lambda f: f["boundary_conditions/x_periodic"].attrs.__setitem__("bc_type", "NEUMANN"),
             "'boundary_conditions/x_periodic': attribute 'bc_type' is 'NEUMANN', not WALL, OPEN or PERIODIC"),
    "mask": (lambda f: as_type(f, "boundary_conditions/x_periodic/mask", np.int8),
             "'boundary_conditions/x_periodic/mask' does not hold truth values (enums FALSE, TRUE over one byte)"),
    "flag": (lambda f: f["t0_fields/u"].attrs.__setitem__("time_varying", np.int8(1)),
             "'t0_fields/u': attribute 'time_varying' is not one truth value (an enum FALSE, TRUE over one byte)"),
    "double": (lambda f: as_type(f, "t0_fields/u", np.float64), "'t0_fields/u' is not float32"),
    "listed": (lambda f: renamed(f["t0_fields"], "u", "v"),
               "'t0_fields' holds 'v', which its attribute 'field_names' does not list"),
    "time": (lambda f: f["dimensions/time"].__setitem__(5, 9.0), "'dimensions/time' does not rise: entry 6"),
    "x": (lambda f: f["dimensions/x"].__setitem__(5, 1.0), "'dimensions/x' is not uniform: entry 5"),
    "value": (lambda f: f["t0_fields/u"].__setitem__((1, 4, 3), np.nan),
              "'t0_fields/u' holds a value that is not finite, at trajectory 1, frame 4, x 3"),
}


def foreign(path, source, **options):
    """The same content without a seal, as others would write it."""
    Path(path).parent.mkdir(exist_ok=True)
    with h5py.File(source, "r") as old, h5py.File(path, "w") as new:
        for name in old:
            if name != "t0_fields" or not options:
                old.copy(name, new)
                continue
            new.create_group(name).attrs.update(old[name].attrs)
            for field in old[name]:
                new[name].create_dataset(field, data=old[name][field][:], **options).attrs.update(old[name][field].attrs)
        new.attrs.update(old.attrs)
    return path


class CheckFile(InFolder):
    @classmethod
    def prepare(cls):
        good("solve", "deck.toml", "--output", "study", *sets("ensemble.train=2", "ensemble.trajectories_per_file=2",
                                                              "ensemble.valid=1"), ranks=2)
        cls.data = Path("study/data/train/burgers_000000.hdf5")
        cls.valid = Path("study/data/valid/burgers_000000.hdf5")

    def checked(self, code, *files):
        """The lines printed, by file; the same on all numbers of ranks."""
        found = together([lambda ranks=ranks: run("solve", "--check-file", *files, ranks=ranks) for ranks in RANKS])
        for done in found:
            self.exits(code, done)
            self.assertNotRegex(done.stderr, r"hypercast|HDF5-DIAG|MPI_ABORT|Signal:")
            self.assertEqual(done.stdout, found[0].stdout)
        lines = {str(file): [] for file in files}
        for line in found[0].stdout.splitlines():
            name = next(name for name in sorted(lines, key=len, reverse=True) if line.startswith(f"{name}: "))
            lines[name].append(line[len(name) + 2:])
        self.assertNotIn([], lines.values())
        return lines

    def test_what_hypercast_writes(self):
        good("train", "deck.toml", "--output", "study", *sets("train.steps=3"))
        good("forecast", "deck.toml", "--output", "study", *sets("forecast.times=[0.5,0.6,1.9]"))
        forecast = Path("study/forecast/burgers.hdf5")
        lines = self.checked(0, self.data, self.valid, forecast)
        self.assertEqual(lines[str(self.data)], ["2 trajectories, 21 frames, field u; sealed and intact"])
        self.assertEqual(lines[str(self.valid)], ["1 trajectory, 21 frames, field u; sealed and intact"])
        self.assertEqual(lines[str(forecast)], ["1 trajectory, 3 frames, field u; sealed and intact"])
        self.assertFalse(Path("runs").exists())

    def test_what_others_write(self):
        plain = foreign("foreign/plain.h5", self.data)
        packed = foreign("foreign/packed.h5", self.data, chunks=(1, 5, 8), compression="gzip", fletcher32=True)
        for lines in self.checked(0, plain, packed).values():
            self.assertEqual(lines, ["2 trajectories, 21 frames, field u; not written by hypercast"])

    def test_every_problem_is_named(self):
        files = {}
        for name, (damage, text) in DAMAGE.items():
            for kind, path in (("ours", write(f"ours/{name}.hdf5", self.data.read_bytes())),
                               ("foreign", foreign(f"theirs/{name}.hdf5", self.data))):
                with h5py.File(path, "r+") as file:
                    damage(file)
                files[str(path)] = kind, text
        for file, lines in self.checked(65, *files).items():
            kind, text = files[file]
            with self.subTest(file=file):
                self.assertEqual(lines.count(text), 1, lines)
                seal = [line for line in lines if line.startswith("its seal is broken: ")]
                self.assertEqual(len(seal), 1 if kind == "ours" else 0, lines)
                self.assertLessEqual(len(lines), len(seal) + 2)

    def test_all_problems_of_a_file_are_named(self):
        path = foreign("many/all.hdf5", self.data)
        chosen = ("name", "grid", "parameter", "groups", "time", "value")
        with h5py.File(path, "r+") as file:
            for name in chosen:
                DAMAGE[name][0](file)
        self.assertEqual(set(self.checked(65, path)[str(path)]), {DAMAGE[name][1] for name in chosen})

    def test_what_is_no_trajectory_file(self):
        write("no/text.hdf5", "t,x,u\n" * 300)
        write("no/empty.hdf5", "")
        write("no/run.hdf5.part", self.data.read_bytes())
        with h5py.File("no/other.h5", "w") as file:
            file["u"] = np.zeros(3)
        good("train", "deck.toml", "--output", "study", *sets("train.steps=3"))
        checkpoint = "study/ckpt/step-000000003.h5"
        lines = self.checked(65, "no/text.hdf5", "no/empty.hdf5", "no/run.hdf5.part", "no/absent.hdf5", "no", checkpoint,
                             self.data, "no/other.h5")
        self.assertEqual(len(lines.pop("no/other.h5")), 12)
        self.assertEqual(lines, {
            "no/text.hdf5": ["not an HDF5 file"], "no/empty.hdf5": ["not an HDF5 file"],
            "no/run.hdf5.part": ["unfinished: not all of it is written"], "no/absent.hdf5": ["no such file"],
            "no": ["not a file"], checkpoint: ["a hypercast checkpoint, no trajectory file"],
            str(self.data): ["2 trajectories, 21 frames, field u; sealed and intact"]})
        self.assertEqual(self.checked(66, self.data, "no/absent.hdf5")["no/absent.hdf5"], ["no such file"])

    def test_damaged_bytes(self):
        """Cut anywhere, flipped anywhere: with a seal all is found out; without one nothing crashes the program."""
        whole, other = self.data.read_bytes(), Path(foreign("bits/whole.h5", self.valid)).read_bytes()
        random = np.random.default_rng(7)
        sealed, loose = [], []
        for size in (513, 700, 5000, len(whole) // 2, len(whole) - 1):
            sealed.append(write(f"bits/sealed-cut-{size}.hdf5", whole[:size]))
        for size in (9, 100, 700, 5000, len(other) // 2, len(other) - 1):
            loose.append(write(f"bits/loose-cut-{size}.hdf5", other[:size]))
        for k in range(40):
            for files, name, content, first in ((sealed, "sealed", whole, 512), (loose, "loose", other, 0)):
                changed = bytearray(content)
                for place in random.integers(first, min(len(content), first + 6000), 1 + k % 4):
                    changed[place] ^= 1 << random.integers(8)
                files.append(write(f"bits/{name}-flip-{k}.hdf5", bytes(changed)))
        for lines in self.checked(65, *sealed).values():
            self.assertRegex(lines[0], "^its seal is broken: (damaged|truncated)|^not an HDF5 file")
        lines = self.checked(65, *loose)
        self.assertTrue(all(lines[str(file)] for file in loose))
        cut = [file for file in loose if "cut" in file.name]
        self.assertTrue(all("not written by" not in lines[str(file)][0] for file in cut))

    def test_a_file_that_was_changed(self):
        """The seal tells that a file is not the one that was written."""
        shutil.copy(self.data, "touched.hdf5")
        with h5py.File("touched.hdf5", "r+") as file:
            file["provenance"].attrs["remark"] = "mine"
        self.assertEqual(self.checked(65, "touched.hdf5")["touched.hdf5"],
                         ["its seal is broken: damaged, or changed after hypercast wrote it: its content does not fit its "
                          "checksum"])


if __name__ == "__main__":
    main()
