"""Checks trajectory files against The Well's layout: groups, attributes, shapes and HDF5 types.

    well_check.py FOLDER   checks every trajectory file below it and what lies beside `data`, then breaks copies
                           of one in many ways and makes sure that each break is found; prints "ok" or what is
                           wrong
"""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

BOUNDARIES = {"WALL", "OPEN", "PERIODIC"}


class Checker:
    def __init__(self, file):
        self.file, self.problems = file, []

    def want(self, condition, text):
        if not condition:
            self.problems.append(text)
        return condition

    def attribute(self, where, name):
        return where.attrs[name] if self.want(name in where.attrs, f"{where.name} lacks @{name}") else None

    def text(self, where, name):
        value = self.attribute(where, name)
        self.want(value is None or type(value) is str, f"{where.name}@{name} is not a variable-length text")
        return value

    def texts(self, where, name):
        value = self.attribute(where, name)
        if value is None:
            return []
        kind = where.attrs.get_id(name)
        info = h5py.check_string_dtype(kind.dtype)
        good = len(kind.shape or ()) == 1 and info is not None and info.length is None and info.encoding == "utf-8"
        self.want(good, f"{where.name}@{name} is not a list of variable-length texts")
        return [str(v) for v in value] if good else []

    def truth(self, where, name, wanted=None):
        value = self.attribute(where, name)
        if value is None:
            return
        if self.want(type(value) is np.bool_, f"{where.name}@{name} is not a truth value") and wanted is not None:
            self.want(value == wanted, f"{where.name}@{name} is not {wanted}")

    def flags(self, where, sample, time):
        self.truth(where, "sample_varying", sample)
        self.truth(where, "time_varying", time)

    def single(self, dataset, shape):
        self.want(dataset.dtype == np.float32, f"{dataset.name} is not float32")
        self.want(dataset.shape == shape, f"{dataset.name} has shape {dataset.shape}, not {shape}")

    def run(self):
        file = self.file
        for name in ["dimensions", "boundary_conditions", "scalars", "t0_fields", "t1_fields", "t2_fields"]:
            self.want(isinstance(file.get(name), h5py.Group), f"no group {name}")
        for name in file:
            known = ("dimensions", "boundary_conditions", "scalars", "provenance",
                     "t0_fields", "t1_fields", "t2_fields")
            self.want(name in known, f"unknown root key {name}")
        if self.problems:
            return self.problems
        self.root()
        self.dimensions()
        self.boundaries()
        self.scalars()
        self.fields()
        self.want(len(file["provenance"]) == 0, "provenance holds more than attributes")
        return self.problems

    def root(self):
        self.text(self.file, "dataset_name")
        self.want(self.text(self.file, "grid_type") in ("cartesian", "spherical"), "@grid_type")
        for name in ["n_spatial_dims", "n_trajectories"]:
            value = self.attribute(self.file, name)
            self.want(isinstance(value, np.int64), f"@{name} is not int64")
        for name in self.texts(self.file, "simulation_parameters"):
            self.want(isinstance(self.attribute(self.file, name), np.floating), f"@{name} is not floating point")

    def dimensions(self):
        group = self.file["dimensions"]
        self.dims = self.texts(group, "spatial_dims")
        self.want(len(self.dims) == self.file.attrs["n_spatial_dims"], "@n_spatial_dims and @spatial_dims differ")
        self.steps = group["time"].shape[-1]
        self.single(group["time"], (self.steps,))
        self.flags(group["time"], False, True)
        self.sizes = []
        for name in self.dims:
            self.sizes.append(group[name].shape[-1])
            self.single(group[name], (self.sizes[-1],))
            self.flags(group[name], False, False)

    def boundaries(self):
        for name, group in self.file["boundary_conditions"].items():
            dims = self.texts(group, "associated_dims")
            self.texts(group, "associated_fields")
            kind = self.text(group, "bc_type")
            self.want(kind in BOUNDARIES, f"{name}@bc_type is {kind}")
            self.want(kind is None or f"_{kind}".lower() in name, f"group {name} is not named after {kind}")
            self.flags(group, False, False)
            if not self.want("mask" in group, f"{name} has no mask") or len(dims) != 1 or dims[0] not in self.dims:
                self.want(False, f"{name} is not a boundary of one axis")
                continue
            mask = group["mask"]
            size = self.sizes[self.dims.index(dims[0])]
            if self.want(mask.dtype == np.bool_ and mask.shape == (size,), f"{name}/mask is not bool ({size})"):
                ends = np.zeros(size, bool)
                ends[[0, -1]] = True
                self.want((mask[:] == ends).all(), f"{name}/mask does not mark the two ends")

    def scalars(self):
        group = self.file["scalars"]
        names = self.texts(group, "field_names")
        self.want(sorted(names) == sorted(group), "scalars and their @field_names differ")
        self.want(names == self.texts(self.file, "simulation_parameters"), "scalars and parameters differ")
        for name in group:
            self.single(group[name], ())
            self.flags(group[name], False, False)

    def fields(self):
        size = len(self.dims)
        base = (int(self.file.attrs["n_trajectories"]), self.steps, *self.sizes)
        for order in range(3):
            group = self.file[f"t{order}_fields"]
            self.want(sorted(self.texts(group, "field_names")) == sorted(group), f"{group.name}: names differ")
            for field in group.values():
                self.single(field, base + order * (size,))
                self.flags(field, True, True)
                varying = self.attribute(field, "dim_varying")
                good = isinstance(varying, np.ndarray) and varying.dtype == np.bool_ and varying.shape == (size,)
                self.want(good and varying.all(), f"{field.name}@dim_varying")
                self.want(field.chunks is None, f"{field.name} is chunked")


def check(path):
    with h5py.File(path, "r") as file:
        return Checker(file).run()


def fixed_text(file):
    file["boundary_conditions/x_periodic"].attrs["bc_type"] = np.bytes_("PERIODIC")


def as_double(file):
    values = file["t0_fields/u"][:].astype(np.float64)
    attributes = dict(file["t0_fields/u"].attrs)
    del file["t0_fields/u"]
    file["t0_fields/u"] = values
    for name, value in attributes.items():
        file["t0_fields/u"].attrs[name] = value


def short_mask(file):
    file["boundary_conditions/x_periodic/mask"][0] = False


def vector_scalar(file):
    del file["scalars/nu"]
    file["scalars/nu"] = np.ones(1, np.float32)


def flat_yaml(path):
    """The lines `key: value` and, below `key:`, `  key: value` of a file, the values as JSON."""
    result, inner = {}, None
    for line in path.read_text().splitlines():
        key, _, value = line.strip().partition(":")
        value = value.strip()
        parsed = value if re.fullmatch(r"[a-z]*", value) else json.loads(value)
        if line.startswith(" "):
            inner[json.loads(key)] = parsed
        else:
            inner = result[key] = {} if value == "" else parsed
    return result


def wanted_stats(files):
    """By the words of The Well: over all files, trajectories, frames and points."""
    stats = {}
    with h5py.File(files[0], "r") as file:
        names = list(file["t0_fields"].attrs["field_names"])
    for name in names:
        values, deltas = [], []
        for path in files:
            with h5py.File(path, "r") as file:
                u = file["t0_fields"][name][:].astype(np.float64)
            values.append(u.ravel())
            deltas.append(np.diff(u, axis=1).ravel())
        for suffix, all_of in (("", np.concatenate(values)), ("_delta", np.concatenate(deltas))):
            for key, number in (("mean", all_of.mean()), ("std", all_of.std()), ("rms", np.sqrt((all_of**2).mean()))):
                stats.setdefault(key + suffix, {})[name] = number
    return stats


def check_companions(folder):
    files = sorted(folder.glob("data/train/*.hdf5"))
    problems, stats, wanted = [], flat_yaml(folder / "stats.yaml"), wanted_stats(files)
    if list(stats) != ["mean", "std", "rms", "mean_delta", "std_delta", "rms_delta"]:
        problems.append(f"stats.yaml: keys {list(stats)}")
    for key, fields in wanted.items():
        for name, number in fields.items():
            if not np.isclose(stats[key][name], number, rtol=1e-13, atol=1e-9):
                problems.append(f"stats.yaml: {key} of {name} is {stats[key][name]}, not {number}")
    about = flat_yaml(folder / "sample.yaml")
    if about != {"dataset_name": "sample", "n_spatial_dims": 2, "spatial_resolution": [7, 5], "scalar_names": [],
                 "constant_scalar_names": ["nu", "beta"], "field_names": {0: ["u", "v"], 1: [], 2: []},
                 "constant_field_names": {0: [], 1: [], 2: []}, "boundary_condition_types": ["PERIODIC", "WALL"],
                 "n_files": 2, "n_trajectories_per_file": [2, 1], "n_steps_per_trajectory": [3, 3],
                 "grid_type": "cartesian"}:
        problems.append(f"sample.yaml: {about}")
    card = (folder / "DATASET.md").read_text()
    snippet = re.search(r"```python\n(import h5py.*?)```", card, re.DOTALL).group(1)
    exec(snippet.replace("data/", f"{folder}/data/"), {})
    return problems


BREAKS = {
    "no t2 group": lambda f: f.pop("t2_fields"),
    "no time": lambda f: f["dimensions/time"].attrs.pop("time_varying"),
    "time not varying": lambda f: f["dimensions/time"].attrs.__setitem__("time_varying", np.bool_(False)),
    "flag as integer": lambda f: f["t0_fields/u"].attrs.__setitem__("sample_varying", np.int8(1)),
    "fixed text": fixed_text,
    "unknown boundary": lambda f: f["boundary_conditions/x_periodic"].attrs.__setitem__("bc_type", "DIRICHLET"),
    "double": as_double,
    "mask": short_mask,
    "vector scalar": vector_scalar,
    "unlisted field": lambda f: f["t0_fields"].create_dataset("w", data=f["t0_fields/u"][:]),
    "lost parameter": lambda f: f.attrs.pop("nu"),
    "extra data": lambda f: f.create_dataset("my_fields", data=np.ones(3)),
    "null list": lambda f: f["t1_fields"].attrs.__setitem__("field_names", h5py.Empty("S1")),
    "wrong count": lambda f: f.attrs.__setitem__("n_trajectories", np.int64(5)),
}


def main(folder):
    trajectories = [p for p in sorted(folder.glob("**/*_0*.hdf5")) + [folder / "forecast/sample.hdf5"]]
    problems = [f"{path}: {p}" for path in trajectories for p in check(path)] + check_companions(folder)
    with h5py.File(folder / "data/train/sample_000000.hdf5", "r") as file:
        for c, name in enumerate(["u", "v"]):
            b, t, x, y = np.indices(file["t0_fields"][name].shape)
            wanted = 100000 * b + 1000 * t + 500 * c + 5 * x + y + 0.25
            if not (file["t0_fields"][name][:] == wanted).all():
                problems.append(f"field {name} holds other values than were written")
    with tempfile.TemporaryDirectory() as temporary:
        for name, damage in BREAKS.items():
            copy = Path(temporary) / "broken.hdf5"
            shutil.copy(folder / "data/train/sample_000000.hdf5", copy)
            with h5py.File(copy, "r+") as file:
                damage(file)
            if not check(copy):
                problems.append(f"the break '{name}' was not found")
    print("\n".join(problems) or f"ok: {len(trajectories)} files, {len(BREAKS)} breaks found")
    return 1 if problems or len(trajectories) < 6 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
