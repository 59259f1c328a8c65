#!/usr/bin/env python3
"""Files in the layouts of PDEBench become trajectories: value for value, in the layout that The Well asks for, and such
that hypercast trains on them. What does not fit is refused in one line with the documented exit code."""
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

from runs import SOURCE, InFolder, good, main, sets

sys.path.insert(0, str(SOURCE / "tests/io"))
import well_check  # noqa: E402

TOOL = SOURCE / "tools/from_pdebench"


def convert(*args):
    return subprocess.run([TOOL, *map(str, args)], capture_output=True, text=True, timeout=60)


def centres(count, length):
    return ((np.arange(count) + 0.5) * length / count).astype("f4")


def values(*shape):
    """No two alike, and no symmetry hides a transposition."""
    return np.arange(np.prod(shape), dtype="f4").reshape(shape) * 0.125 - 3


def write_tensor(path, tensor, lengths, frames=None, **attributes):
    """`lengths` of the axes x, y, ..; the time axis has one entry more than there are frames."""
    with h5py.File(path, "w") as file:
        file["tensor"] = tensor
        file["t-coordinate"] = np.linspace(0, 2, (frames or tensor.shape[1]) + 1, dtype="f4")
        for d, (axis, length) in enumerate(zip("xyz", lengths)):
            file[f"{axis}-coordinate"] = centres(tensor.shape[2 + d], length)
        file.attrs.update(attributes)
    return path


def write_groups(path, samples, x_length=2.0):
    """`samples` [sample][t][x][y][channel]."""
    with h5py.File(path, "w") as file:
        for s, data in enumerate(samples):
            group = file.create_group(f"{s:04d}")
            group["data"] = data
            group["grid/t"] = np.linspace(0, 5, data.shape[0], dtype="f4")
            group["grid/x"] = centres(data.shape[1], x_length) - 1
            group["grid/y"] = centres(data.shape[2], 4.0) - 2
            group.attrs["config"] = "Du: 0.001"
    return path


class Convert(InFolder):
    def converted(self, *args, output):
        done = self.exits(0, convert(*args, "--output", output))
        self.assertEqual(done.stderr, "")
        files = sorted(Path(output, "data").glob("*/*"))
        for file in files:
            self.assertEqual(well_check.check(file), [], file)
        self.assertEqual(good("solve", "--check-file", *files).count("; not written by hypercast\n"), len(files))
        return files

    def holds(self, path, fields, axes, times):
        """`fields` {name: [trajectory][t][x]..}, `axes` {name: points}."""
        with h5py.File(path) as file:
            self.assertEqual(list(file["t0_fields"].attrs["field_names"]), list(fields))
            for name, wanted in fields.items():
                np.testing.assert_array_equal(file["t0_fields"][name][:], wanted.astype("f4"), f"{path} {name}")
            self.assertEqual(list(file["dimensions"].attrs["spatial_dims"]), list(axes))
            for name, wanted in axes.items():
                np.testing.assert_array_equal(file["dimensions"][name][:], wanted)
            np.testing.assert_array_equal(file["dimensions/time"][:], np.asarray(times, "f4"))

    def test_a_tensor_in_one_dimension(self):
        tensor = values(7, 21, 32)
        write_tensor("Burgers Nu0.1.hdf5", tensor, [1.0], Nu=0.1, note="text is no parameter")
        files = self.converted("Burgers Nu0.1.hdf5", "--boundary", "periodic", "--split", "test=2,train=0.5,valid=1",
                               "--per-file", "3", output="line")
        self.assertEqual([str(file) for file in files],
                         [f"line/data/{name}" for name in ("test/Burgers_Nu0.1_000000.hdf5", "train/Burgers_Nu0.1_000000.hdf5",
                                                           "train/Burgers_Nu0.1_000001.hdf5", "valid/Burgers_Nu0.1_000000.hdf5")])
        times = np.linspace(0, 2, 22, dtype="f4")[:21]
        for file, samples in zip(files, ((0, 2), (2, 5), (5, 6), (6, 7))):
            self.holds(file, {"u": tensor[slice(*samples)]}, {"x": centres(32, 1.0)}, times)
        with h5py.File(files[0]) as file:
            self.assertEqual(list(file.attrs["simulation_parameters"]), ["Nu"])
            self.assertEqual(file.attrs["Nu"], 0.1)
            self.assertEqual(file["boundary_conditions/x_periodic"].attrs["bc_type"], "PERIODIC")
            self.assertEqual(file["provenance"].attrs["source"], "Burgers Nu0.1.hdf5")
            self.assertEqual(file["provenance"].attrs["source_samples"], "0 to 1")

    def test_training_on_what_was_converted(self):
        t, x = np.linspace(0, 2, 21), centres(32, 2 * np.pi)
        wave = np.stack([np.exp(-0.2 * t)[:, None] * np.sin(x - shift)[None] for shift in (0, 1)])
        write_tensor("wave.hdf5", wave.astype("f4"), [2 * np.pi])
        self.converted("wave.hdf5", "--boundary", "periodic", "--name", "wave", output="wave")
        good("train", "deck.toml", "--output", "wave", *sets("grid.upper=[6.283185307179586]", "data.trajectory=1"), ranks=2)
        good("forecast", "deck.toml", "--output", "wave", *sets("grid.upper=[6.283185307179586]", "data.trajectory=1"))
        with h5py.File("wave/forecast/wave.hdf5") as file:
            self.assertEqual(file["t0_fields/u"].shape, (1, 21, 32))
            self.assertIn("x_periodic", file["boundary_conditions"])

    def test_a_tensor_with_channels(self):
        tensor = values(3, 4, 6, 5, 2).astype("f8")
        with h5py.File(write_tensor("reaction.h5", tensor[:1], [1.0, 2.0]), "r+") as file:
            del file["tensor"]
            file.create_dataset("tensor", data=tensor, chunks=(2, 2, 3, 5, 1), compression="gzip")
        axes, times = {"x": centres(6, 1.0), "y": centres(5, 2.0)}, np.linspace(0, 2, 5, dtype="f4")[:4]
        for names, option in ((["u0", "u1"], []), (["a", "b"], ["--fields", "a,b"])):
            files = self.converted("reaction.h5", "--boundary", "periodic,neumann", *option, output="-".join(names))
            self.assertEqual(len(files), 1)
            self.holds(files[0], {name: tensor[..., c] for c, name in enumerate(names)}, axes, times)
            with h5py.File(files[0]) as file:
                self.assertEqual(sorted(file["boundary_conditions"]), ["x_periodic", "y_wall_neumann"])

    def test_tensors_of_one_channel(self):
        axes, times = {"x": centres(6, 1.0), "y": centres(5, 2.0)}, np.linspace(0, 2, 5, dtype="f4")[:4]
        plane, box = values(2, 4, 6, 5), values(2, 4, 6, 5, 3)
        write_tensor("plane.hdf5", plane, [1.0, 2.0])
        write_tensor("box.hdf5", box, [1.0, 2.0, 3.0])
        (file,) = self.converted("plane.hdf5", "--boundary", "open", output="plane")
        self.holds(file, {"u": plane}, axes, times)
        (file,) = self.converted("box.hdf5", "--boundary", "dirichlet", "--fields", "T", output="box")
        self.holds(file, {"T": box}, {**axes, "z": centres(3, 3.0)}, times)

    def test_a_steady_problem(self):
        with h5py.File(write_tensor("darcy.hdf5", values(4, 1, 6, 5), [1.0, 1.0], beta=1.0), "r+") as file:
            del file["t-coordinate"]
            file["nu"] = values(4, 6, 5)
        done = self.exits(0, convert("darcy.hdf5", "--boundary", "dirichlet", "--output", "darcy"))
        self.assertIn("darcy.hdf5: not converted: nu", done.stdout)
        self.holds("darcy/data/train/darcy_000000.hdf5", {"u": values(4, 1, 6, 5)},
                   {"x": centres(6, 1.0), "y": centres(5, 1.0)}, [0])

    def test_a_dataset_for_each_field(self):
        for dims, names in ((1, ["density", "pressure", "Vx"]), (2, ["density", "pressure", "Vx", "Vy"])):
            shape = (3, 5, 8, 6)[: 2 + dims]
            fields = {name: values(*shape) + 1000 * c for c, name in enumerate(names)}
            with h5py.File(f"cfd{dims}.hdf5", "w") as file:
                for name, data in fields.items():
                    file[name] = data
                file["t-coordinate"] = np.linspace(0, 1, 6, dtype="f4")
                for axis, count in zip("xy"[:dims], shape[2:]):
                    file[f"{axis}-coordinate"] = centres(count, 1.0)
                file.attrs.update(eta=0.1, zeta=0.1, M=0.5)
            axes = {axis: centres(count, 1.0) for axis, count in zip("xy", shape[2:])}
            times = np.linspace(0, 1, 6, dtype="f4")[:5]
            (path,) = self.converted(f"cfd{dims}.hdf5", "--boundary", "periodic", output=f"cfd{dims}")
            self.holds(path, fields, axes, times)
            with h5py.File(path) as file:
                self.assertEqual({name: file.attrs[name] for name in file["scalars"]}, {"eta": 0.1, "zeta": 0.1, "M": 0.5})
            (path,) = self.converted(f"cfd{dims}.hdf5", "--boundary", "periodic", "--fields", "Vx,density",
                                     output=f"some{dims}")
            self.holds(path, {name: fields[name] for name in ("Vx", "density")}, axes, times)

    def test_a_group_for_each_sample(self):
        samples = values(5, 4, 6, 3, 2)
        write_groups("groups.h5", samples)
        files = self.converted("groups.h5", "--boundary", "neumann", "--fields", "activator,inhibitor", "--split",
                               "train=0.8,test=0.2", output="groups")
        axes = {"x": centres(6, 2.0) - 1, "y": centres(3, 4.0) - 2}
        for file, some in zip(files, (slice(4, 5), slice(0, 4))):
            self.holds(file, {"activator": samples[some, ..., 0], "inhibitor": samples[some, ..., 1]}, axes,
                       np.linspace(0, 5, 4))

    def test_several_files(self):
        for k in range(2):
            write_tensor(f"nu{k}.hdf5", values(3, 4, 8) + k, [1.0], Nu=0.1 * k)
        files = self.converted("nu0.hdf5", "nu1.hdf5", "--boundary", "periodic", "--name", "many", "--split",
                               "train=2,valid=1", output="many")
        self.assertEqual([file.name for file in files], 2 * ["many_000000.hdf5", "many_000001.hdf5"])
        for k in range(2):
            with h5py.File(files[k]) as file:
                self.assertEqual(file.attrs["Nu"], 0.1 * k)
                np.testing.assert_array_equal(file["t0_fields/u"][:], values(3, 4, 8)[:2] + k)

    def test_memory_does_not_grow_with_the_file(self):
        with h5py.File(write_tensor("large.hdf5", values(1, 64, 4), [1.0]), "r+") as file:
            del file["tensor"], file["x-coordinate"]
            file.create_dataset("tensor", (2, 64, 1 << 18), "f4")  # 128 MiB
            file["x-coordinate"] = np.arange(1 << 18, dtype="f4")
        child = subprocess.Popen([TOOL, "large.hdf5", "--boundary", "open", "--output", "large"], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(child.returncode, 0)
        self.assertEqual(Path("large/data/train/large_000000.hdf5").stat().st_size // (1 << 20), 129)
        self.assertLess(usage.ru_maxrss // 1024, 110, "MiB")

    def refused(self, code, text, *args):
        with self.subTest(args=args):
            done = self.exits(code, convert(*args))
            lines = done.stderr.splitlines()
            self.assertEqual(len(lines), 1, done.stderr)
            self.assertRegex(lines[0], f"^from_pdebench: error: .*{text}")

    def test_what_does_not_fit_is_refused(self):
        def changed(name, change):
            with h5py.File(write_tensor(name, values(4, 5, 8), [1.0]), "r+") as file:
                change(file)
            return name

        def put(name, data):
            def change(file):
                del file[name]
                file[name] = data
            return change

        def spoil(file):
            file["tensor"][2, 3, 4] = np.inf

        good_file = write_tensor("good.hdf5", values(4, 5, 8), [1.0])
        whole = Path(good_file).read_bytes()
        Path("cut.hdf5").write_bytes(whole[:len(whole) - 300])
        Path("text.hdf5").write_bytes(b"t,x,u\n" * 300)
        Path("nothing.hdf5").mkdir()
        write_groups("uneven.h5", [values(4, 6, 3, 2), values(4, 6, 4, 2)])
        with h5py.File(write_groups("moved.h5", values(2, 4, 6, 3, 2)), "r+") as file:
            file["0001/grid/x"][...] += 0.5
        with h5py.File("other.h5", "w") as file:
            file["velocity"] = values(2, 3, 4)
        out = ("--output", "refused", "--boundary", "periodic")
        self.refused(64, "--boundary", good_file, "--output", "refused")
        self.refused(64, "unknown boundary 'wall'", good_file, "--output", "refused", "--boundary", "wall")
        self.refused(64, "2 kinds for 1 axes", good_file, "--output", "refused", "--boundary", "open,open")
        self.refused(64, "tran=3", good_file, *out, "--split", "tran=3")
        self.refused(64, "train=0", good_file, *out, "--split", "train=0")
        self.refused(64, "no name of a file", good_file, *out, "--name", "a/b")
        self.refused(66, "absent.hdf5: no such file", "absent.hdf5", *out)
        self.refused(65, "nothing.hdf5: not a file", "nothing.hdf5", *out)
        self.refused(65, "not an HDF5 file", "text.hdf5", *out)
        self.refused(65, "cut.hdf5: ", "cut.hdf5", *out)
        self.refused(65, "it holds velocity", "other.h5", *out)
        self.refused(65, "4 samples: not enough for train=5 ", good_file, *out, "--split", "train=5")
        self.refused(65, "4 samples: not enough for test=2 after the first 3", good_file, *out, "--split", "train=3,test=2")
        self.refused(65, "1 channels, but --fields names 2: a, b", good_file, *out, "--fields", "a,b")
        self.refused(65, "'t-coordinate' has 8 entries for 5 frames",
                     changed("t.hdf5", put("t-coordinate", np.arange(8.0))), *out)
        self.refused(65, "coordinates of t do not rise", changed("fall.hdf5", put("t-coordinate", -np.arange(5.0))), *out)
        self.refused(65, "coordinates of x are not uniform",
                     changed("uneven.hdf5", put("x-coordinate", np.arange(8.0) ** 2)), *out)
        self.refused(65, "coordinate of x is not finite",
                     changed("nan.hdf5", put("x-coordinate", np.full(8, np.nan))), *out)
        self.refused(65, r"\(4, 5, 8\); with 7 coordinates of x it should be \[sample\]\[t\]\[x\]\[channel\]",
                     changed("x.hdf5", put("x-coordinate", np.arange(7.0))), *out)
        self.refused(65, "no coordinates of an axis", changed("no-x.hdf5", lambda file: file.pop("x-coordinate")), *out)
        self.refused(65, "'tensor' does not hold numbers", changed("words.hdf5", put("tensor", [b"abc"])), *out)
        self.refused(65, "sample 2, frame 3: field 'u' holds a value", changed("inf.hdf5", spoil), *out)
        self.refused(65, "'0001/data' has shape", "uneven.h5", *out)
        self.refused(65, "'0001/grid/x' differs", "moved.h5", *out)
        self.refused(65, "has another grid than", good_file, write_tensor("longer.hdf5", values(4, 5, 9), [1.0]), *out)
        self.assertEqual([file for file in Path("refused").rglob("*") if file.is_file()], [], "nothing is left behind")

    def test_outputs_that_cannot_be(self):
        write_tensor("small.hdf5", values(2, 3, 4), [1.0])
        Path("file").write_text("")
        self.refused(73, "file/data/train/small_000000.hdf5 cannot be created", "small.hdf5", "--boundary", "open",
                     "--output", "file")
        self.converted("small.hdf5", "--boundary", "open", output="twice")
        self.refused(73, "twice/data/train holds data already", "small.hdf5", "--boundary", "open", "--output", "twice")


if __name__ == "__main__":
    main()
