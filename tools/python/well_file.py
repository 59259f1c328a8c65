"""Writes trajectory files in The Well's layout (src/io/FORMATS.md, section 1), piece by piece."""

import os
from contextlib import contextmanager

import h5py
import numpy as np

from failure import CANNOT_CREATE, IO, Failure

BOUNDARIES = {"periodic": ("periodic", "PERIODIC"), "neumann": ("wall_neumann", "WALL"),
              "dirichlet": ("wall_dirichlet", "WALL"), "open": ("open", "OPEN")}
TEXT = h5py.string_dtype()


def texts(item, name, values):
    item.attrs.create(name, np.array(values, dtype=object), shape=(len(values),), dtype=TEXT)


def flags(item, sample, time):
    item.attrs["sample_varying"], item.attrs["time_varying"] = np.bool_(sample), np.bool_(time)


def write_layout(file, name, trajectories, times, axes, boundaries, fields, parameters, provenance):
    """Everything but the values of the fields; returns their datasets, in order."""
    file.attrs["dataset_name"], file.attrs["grid_type"] = name, "cartesian"
    file.attrs["n_spatial_dims"], file.attrs["n_trajectories"] = np.int64(len(axes)), np.int64(trajectories)
    texts(file, "simulation_parameters", list(parameters))
    scalars = file.create_group("scalars")
    texts(scalars, "field_names", list(parameters))
    for parameter, value in parameters.items():
        file.attrs[parameter] = np.float64(value)
        scalars[parameter] = np.float32(value)
        flags(scalars[parameter], False, False)
    dimensions = file.create_group("dimensions")
    texts(dimensions, "spatial_dims", list(axes))
    for axis, points in {"time": times, **axes}.items():
        dimensions[axis] = points.astype(np.float32)
        flags(dimensions[axis], False, axis == "time")
    for (axis, points), kind in zip(axes.items(), boundaries):
        suffix, bc_type = BOUNDARIES[kind]
        group = file.create_group(f"boundary_conditions/{axis}_{suffix}")
        texts(group, "associated_dims", [axis])
        texts(group, "associated_fields", [])
        group.attrs["bc_type"] = bc_type
        flags(group, False, False)
        mask = np.zeros(len(points), bool)
        mask[[0, -1]] = True
        group["mask"] = mask
        flags(group["mask"], False, False)
    shape = (trajectories, len(times), *map(len, axes.values()))
    for order in range(3):
        texts(file.create_group(f"t{order}_fields"), "field_names", fields if order == 0 else [])
    for field in fields:
        item = file["t0_fields"].create_dataset(field, shape, np.float32)
        item.attrs["dim_varying"] = np.ones(len(axes), bool)
        flags(item, True, True)
    origin = file.create_group("provenance")
    for key, value in provenance.items():
        origin.attrs[key] = value
    return [file["t0_fields"][field] for field in fields]


@contextmanager
def complete_or_absent(path):
    """An HDF5 file to fill; it gets its name when all of it is on the disk."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = h5py.File(part, "w")
    except OSError as error:
        raise Failure(CANNOT_CREATE, f"{path} cannot be created: {error}") from error
    try:
        yield file
        try:
            file.close()
            with open(part, "rb+") as opened:
                os.fsync(opened.fileno())
            os.rename(part, path)
        except (OSError, RuntimeError) as error:
            raise Failure(IO, f"{path} cannot be written: {error}") from error
    except BaseException:
        try:
            file.close()
        except (OSError, RuntimeError):
            pass  # what is told is why it failed first
        part.unlink(missing_ok=True)
        raise
