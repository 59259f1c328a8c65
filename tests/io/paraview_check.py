"""Opens the XDMF sidecars of the samples in ParaView, with each of the three readers that it offers for them, and
checks what they show: every trajectory, every time, every channel under its name, and at the point (x, y, z) the
value that was written for it.

    pvpython paraview_check.py FOLDER        FOLDER is what the test "io.samples" writes; prints "ok"
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from paraview import simple
from vtk.util.numpy_support import vtk_to_numpy

# What samples_test.cpp writes: trajectories, times, channels, and (first, step, points) of each axis.
SAMPLES = {
    "forecast/sample": (2, [0.0, 0.1, 0.2], ["u", "v"], [(0.0, 1 / 7, 7), (0.1, 0.2, 5)]),
    "line/line_000000": (1, [0.0, 1.0], ["u"], [(0.0, 0.125, 9)]),
    "box/50%b of_000000": (2, [0.0, 1.0], ["a&b"], [(0.0, 0.25, 4), (0.0, 0.5, 3), (-0.5, 0.25, 5)]),
}
READERS = {
    "XDMF Reader": lambda file: simple.XDMFReader(FileNames=[file]),
    "Xdmf3 Reader S": lambda file: simple.Xdmf3ReaderS(FileName=[file]),
    "Xdmf3 Reader T": lambda file: simple.Xdmf3ReaderT(FileName=file),
}


def grids(data):
    """The grids in a tree of blocks, in order."""
    if data.IsA("vtkMultiPieceDataSet"):
        return [one for i in range(data.GetNumberOfPieces()) for one in grids(data.GetPiece(i))]
    if data.IsA("vtkMultiBlockDataSet"):
        return [one for i in range(data.GetNumberOfBlocks()) for one in grids(data.GetBlock(i))]
    return [data]


def cells(axes):
    return 1 if len(axes) == 1 else int(np.prod([points - 1 for _, _, points in axes]))  # a line is one cell


def check_grid(grid, axes, channels, trajectory, frame):
    """The values are a formula of the indices (helpers.hpp), and those follow from where ParaView puts a point."""
    where = vtk_to_numpy(grid.GetPoints().GetData())
    assert len(where) == np.prod([points for _, _, points in axes]), f"{len(where)} points"
    assert grid.GetNumberOfCells() == cells(axes), f"{grid.GetNumberOfCells()} cells"
    index, seen = np.zeros(len(where)), np.zeros(len(where), int)
    for d, (first, step, points) in enumerate(axes):
        along = np.rint((where[:, d] - first) / step)
        assert np.allclose(where[:, d], first + along * step, atol=1e-6), f"points off the grid along axis {d}"
        index = index * points + along
    np.add.at(seen, index.astype(int), 1)
    assert (seen == 1).all(), "a point is there twice"
    assert (where[:, len(axes):] == 0).all()
    data = grid.GetPointData()
    names = [data.GetArrayName(i) for i in range(data.GetNumberOfArrays())]
    assert sorted(names) == sorted(channels), f"fields {names}"
    for c, name in enumerate(channels):
        wanted = 100000 * trajectory + 1000 * frame + 500 * c + index + 0.25
        assert (vtk_to_numpy(data.GetArray(name)) == wanted).all(), f"wrong values of {name}"


def check_cells(grid, axes):
    """Neighbours in a cell are neighbours on the grid: no cell is longer than a step along any axis."""
    if len(axes) == 1:
        return
    for i in range(grid.GetNumberOfCells()):
        bounds = np.reshape(grid.GetCell(i).GetBounds(), (3, 2))
        for d, (_, step, _) in enumerate(axes):
            assert np.isclose(bounds[d, 1] - bounds[d, 0], step, atol=1e-6), f"cell {i} spans {bounds[d]}"


def check(file, open_file, sample):
    trajectories, times, channels, axes = sample
    reader = open_file(str(file))
    reader.UpdatePipelineInformation()
    shown = list(reader.TimestepValues)
    assert np.allclose(shown, times, atol=1e-6), f"times {shown}"
    for frame in [*range(len(times)), 0]:  # there and back
        reader.UpdatePipeline(shown[frame])
        found = grids(reader.GetClientSideObject().GetOutputDataObject(0))
        assert len(found) == trajectories, f"{len(found)} grids"
        for trajectory, grid in enumerate(found):
            check_grid(grid, axes, channels, trajectory, frame)
            check_cells(grid, axes)
    simple.Delete(reader)


def main(folder):
    with tempfile.TemporaryDirectory() as elsewhere:
        os.chdir(elsewhere)  # the three files find each other by their own place
        for name, sample in SAMPLES.items():
            for reader, open_file in READERS.items():
                try:
                    check(folder / f"{name}.xdmf", open_file, sample)
                except AssertionError as problem:
                    raise AssertionError(f"{name}.xdmf, {reader}: {problem}") from problem
        os.chdir("/")
    print("ok")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
