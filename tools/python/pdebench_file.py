"""Files of PDEBench, whatever their layout, as samples of frames.

    tensor        one dataset /tensor [sample][t][x]..[channel], the channel axis only where there are several
    fields        one dataset [sample][t][x].. for each channel: density, pressure, Vx, ..
    groups        one group a sample, /0000, /0001, ..: data [t][x]..[channel], grid/t, grid/x, ..

In the first two, coordinates are datasets /t-coordinate, /x-coordinate, ..; the time axis may have one entry more
than there are frames, which nobody uses.
"""

import re

import h5py
import numpy as np

from failure import DATA, NO_INPUT, Failure

AXES = ["x", "y", "z"]
FIELDS = ["density", "pressure", "Vx", "Vy", "Vz"]


class PdebenchFile:
    """What a file holds: `samples`, `fields` (names), `axes` {name: coordinates}, `times`, `parameters` {name:
    number}, `left_out` (what is there but not converted)."""

    def __init__(self, path, names):
        self.path = path
        if not path.is_file():
            raise Failure(DATA if path.exists() else NO_INPUT, f"{path}: " +
                          ("not a file" if path.exists() else "no such file"))
        try:
            self.file = h5py.File(path, "r")
        except OSError as error:
            raise Failure(DATA, f"{path}: not an HDF5 file, or damaged: {error}") from error
        try:
            self.open(names)
        except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
            raise Failure(DATA, f"{path}: {error}") from error

    def open(self, names):
        groups = sorted(n for n in self.file if re.fullmatch(r"\d+", n) and isinstance(self.file[n], h5py.Group))
        if "tensor" in self.file:
            self.open_arrays({None: self.dataset("tensor")}, names)
        elif groups:
            self.open_groups(groups, names)
        elif any(name in self.file for name in names or FIELDS):
            chosen = names or [name for name in FIELDS if name in self.file]
            self.open_arrays({name: self.dataset(name) for name in chosen}, None)
        else:
            self.refuse(f"no /tensor, no /{', /'.join(FIELDS)}, no groups of samples; it holds {', '.join(self.file)}")
        self.parameters = {}
        for name, value in self.file.attrs.items():
            if np.ndim(value) == 0 and np.issubdtype(np.asarray(value).dtype, np.number):
                self.parameters[name] = float(value)
                if not np.isfinite(self.parameters[name]):
                    self.refuse(f"attribute '{name}' is not finite")

    def refuse(self, text):
        raise Failure(DATA, f"{self.path}: {text}")

    def dataset(self, name):
        item = self.file.get(name)
        if not isinstance(item, h5py.Dataset):
            self.refuse(f"no dataset '{name}'")
        if item.dtype.kind not in "fiu":
            self.refuse(f"'{name}' does not hold numbers")
        return item

    def coordinates(self, name):
        item = self.dataset(name)
        if item.ndim != 1:
            self.refuse(f"'{name}' has shape {item.shape} instead of one axis")
        return item[:].astype(float)

    def open_arrays(self, arrays, names):
        """`arrays` {field: dataset [sample][t][x]..}, or {None: a tensor, perhaps with an axis of channels}."""
        self.axes = {a: self.coordinates(f"{a}-coordinate") for a in AXES if f"{a}-coordinate" in self.file}
        first = next(iter(arrays.values()))
        self.check_shape(first, [None, None], channels=None in arrays)
        frames = first.shape[1]
        if "t-coordinate" in self.file or frames > 1:
            self.times = self.cut(self.coordinates("t-coordinate"), frames, "t-coordinate")
        else:
            self.times = np.zeros(1)  # a steady problem, such as Darcy flow
        for name, array in arrays.items():
            if array.shape != first.shape:
                self.refuse(f"'{name}' has shape {array.shape}, '{next(iter(arrays))}' {first.shape}")
        self.samples = first.shape[0]
        self.check_axes()
        channels = first.shape[-1] if first.ndim == 3 + len(self.axes) else 1
        self.fields = self.named(channels, names) if None in arrays else list(arrays)
        used = {*(f"{a}-coordinate" for a in [*self.axes, "t"]), *(["tensor"] if None in arrays else arrays)}
        self.left_out = sorted(set(self.file) - used)
        several = None in arrays and first.ndim == 3 + len(self.axes)

        def read(sample, begin, end):
            values = [array[sample, begin:end] for array in arrays.values()]
            return values[0] if several else np.stack(values, axis=-1)
        self.read_frames = read

    def open_groups(self, groups, names):
        data = self.dataset(f"{groups[0]}/data")
        grid = self.file.get(f"{groups[0]}/grid", {})
        self.axes = {a: self.coordinates(f"{groups[0]}/grid/{a}") for a in AXES if a in grid}
        self.check_shape(data, [None], channels=True)
        self.times = self.cut(self.coordinates(f"{groups[0]}/grid/t"), data.shape[0], "grid/t")
        self.samples, self.left_out = len(groups), sorted(set(self.file) - set(groups))
        self.check_axes()
        several = data.ndim == 2 + len(self.axes)
        self.fields = self.named(data.shape[-1] if several else 1, names)

        def read(sample, begin, end):
            here = self.dataset(f"{groups[sample]}/data")
            if begin == 0:
                self.check_group(groups[sample], here, data.shape)
            return here[begin:end] if several else here[begin:end][..., np.newaxis]
        self.read_frames = read

    def check_group(self, group, data, shape):
        """Samples of one file share their grid and times."""
        if data.shape != shape:
            self.refuse(f"'{group}/data' has shape {data.shape}, that of the first sample {shape}")
        wanted = {"t": self.times, **self.axes}
        for name, values in wanted.items():
            own = self.coordinates(f"{group}/grid/{name}")
            if len(own) < len(values) or not np.allclose(own[: len(values)], values, rtol=1e-6, atol=1e-6 * np.ptp(values)):
                self.refuse(f"'{group}/grid/{name}' differs from that of the first sample")

    def check_shape(self, array, leading, channels):
        if not self.axes:
            self.refuse("no coordinates of an axis (x-coordinate, or grid/x in the groups)")
        wanted = tuple(len(points) for points in self.axes.values())
        space = array.shape[len(leading): len(leading) + len(wanted)]
        extra = array.ndim - len(leading) - len(wanted)
        if space != wanted or extra not in ((0, 1) if channels else (0,)) or 0 in array.shape:
            names = "".join(f"[{a}]" for a in [*["sample"][: len(leading) - 1], "t", *self.axes])
            self.refuse(f"'{array.name[1:]}' has shape {array.shape}; with {' and '.join(map(str, wanted))} coordinates of "
                        f"{', '.join(self.axes)} it should be {names}" + ("[channel]" if channels else ""))

    def cut(self, times, frames, name):
        if len(times) not in (frames, frames + 1):
            self.refuse(f"'{name}' has {len(times)} entries for {frames} frames")
        return times[:frames]

    def check_axes(self):
        """Finite and rising; uniform in space: what hypercast asks of coordinates."""
        for name, values in {**self.axes, "t": self.times}.items():
            if not np.isfinite(values).all():
                self.refuse(f"a coordinate of {name} is not finite")
            single = values.astype(np.float32)
            if not (np.diff(single) > 0).all():
                self.refuse(f"the coordinates of {name} do not rise")
            if name == "t":
                continue
            if len(values) < 2:
                self.refuse(f"axis {name} has one point only")
            even = np.linspace(values[0], values[-1], len(values))
            if np.abs(values - even).max() > 1e-3 * (even[1] - even[0]) + 1e-6 * np.abs(even).max():
                self.refuse(f"the coordinates of {name} are not uniform")

    def named(self, channels, names):
        if names is None:
            return ["u"] if channels == 1 else [f"u{c}" for c in range(channels)]
        if len(names) != channels:
            self.refuse(f"{channels} channels, but --fields names {len(names)}: {', '.join(names)}")
        return names

    def frames_of(self, sample, begin, end):
        """float32 [frame][x]..[field]; values must be finite."""
        try:
            values = self.read_frames(sample, begin, end).astype(np.float32)
        except (OSError, RuntimeError) as error:
            raise Failure(DATA, f"{self.path}: sample {sample}, from frame {begin}: {error}") from error
        if not np.isfinite(values).all():
            at = np.argwhere(~np.isfinite(values))[0]
            self.refuse(f"sample {sample}, frame {begin + at[0]}: field '{self.fields[at[-1]]}' holds a value that is not "
                        "finite in single precision")
        return values
