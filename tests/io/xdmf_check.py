"""Checks every XDMF sidecar below a folder: well-formed, the datasets it names are there and hold the frames, the mesh
shows each point where it is."""

import shutil
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

import h5py
import numpy as np


def numbers(text):
    return [int(word) for word in text.split()]


def dataset(sidecar, item):
    name, path = item.text.strip().split(":")
    with h5py.File(sidecar.parent / name, "r") as file:
        data = file[path]
        assert list(data.shape) == numbers(item.get("Dimensions")), f"{path}: {data.shape}"
        assert data.dtype.itemsize == int(item.get("Precision")), f"{path}: precision"
        return data[:]


def check_mesh(sidecar, grid, trajectory):
    points = dataset(sidecar, grid.find("Geometry/DataItem"))
    with h5py.File(trajectory, "r") as file:
        names = [str(n) for n in file["dimensions"].attrs["spatial_dims"]]
        axes = np.meshgrid(*[file["dimensions"][n][:] for n in names], indexing="ij")
    for d in range(3):
        assert (points[..., d] == (axes[d] if d < len(axes) else 0)).all(), "a point is shown elsewhere"
    topology = grid.find("Topology")
    if len(axes) == 1:
        assert topology.get("TopologyType") == "Polyline"
        assert (dataset(sidecar, topology.find("DataItem"))[0] == np.arange(len(axes[0]))).all()
    else:
        assert topology.get("TopologyType") == f"{len(axes)}DSMesh"
        assert numbers(topology.get("Dimensions")) == list(axes[0].shape)


def check(sidecar):
    trajectory = sidecar.with_suffix(".hdf5")
    collections = xml.parse(sidecar).getroot().findall("Domain/Grid")
    with h5py.File(trajectory, "r") as file:
        times = file["dimensions/time"][:]
        fields = {name: file["t0_fields"][name][:] for name in file["t0_fields"]}
        assert len(collections) == file.attrs["n_trajectories"]
    for b, collection in enumerate(collections):
        assert collection.get("CollectionType") == "Temporal"
        grids = collection.findall("Grid")
        assert len(grids) == len(times)
        for t, grid in enumerate(grids):
            assert np.float32(grid.find("Time").get("Value")) == times[t]
            check_mesh(sidecar, grid, trajectory)
            attributes = grid.findall("Attribute")
            assert {a.get("Name") for a in attributes} == set(fields)
            for a in attributes:
                assert (dataset(sidecar, a.find("DataItem")) == fields[a.get("Name")][b, t]).all()


def check_lost(folder):
    """Without the trajectory file the frames are not numbers, rather than zero."""
    sidecar = folder / "box/50%b of_000000.xdmf"
    with tempfile.TemporaryDirectory() as temporary:
        for file in sidecar, sidecar.with_suffix(".mesh"):
            shutil.copy(file, temporary)
        item = xml.parse(sidecar).getroot().find("Domain/Grid/Grid/Attribute/DataItem")
        assert np.isnan(dataset(Path(temporary, sidecar.name), item)).all()


if __name__ == "__main__":
    sidecars = sorted(Path(sys.argv[1]).glob("**/*.xdmf"))
    assert len(sidecars) == 6, sidecars
    for one in sidecars:
        check(one)
    check_lost(Path(sys.argv[1]))
    print("ok")
