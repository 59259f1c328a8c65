"""What is compared: models and batches by name, the data they learn, and the deck for hypercast-train.

The data are made up: two waves that travel over a square with open sides, so that an INR has two inputs and two outputs.
A batch is all frames and all points, and so is known to both sides.
"""

from dataclasses import dataclass

import numpy as np

from well_file import complete_or_absent, write_layout

CHANNELS = ("u", "v")
OMEGA = 5.0  # of all sine layers


@dataclass(frozen=True)
class Case:
    name: str
    width: int  # of the INR
    depth: int  # its hidden layers
    grid: tuple  # points along x and y
    frames: int
    trunk_width: int
    trunk_depth: int
    frequencies: int  # of the encoder: 1 + 2 frequencies features
    rate: float
    steps: int  # of a timed run of hypercast-train
    torch_steps: int  # of a block of PyTorch
    evaluated: int = 0  # points at which its INR is evaluated

    @property
    def points(self):
        return self.grid[0] * self.grid[1]

    @property
    def inr_layers(self):
        """(inputs, outputs, omega) of each layer; the readout has no sine and no omega."""
        hidden = [(2 if layer == 0 else self.width, self.width, OMEGA) for layer in range(self.depth)]
        return [*hidden, (self.width, len(CHANNELS), None)]

    @property
    def inr_parameters(self):
        return sum(outputs * (inputs + 1) for inputs, outputs, _ in self.inr_layers)

    def text(self):
        return (f"INR 2-{'-'.join([str(self.width)] * self.depth)}-2, {self.points} points, {self.frames} frames, "
                f"trunk {'-'.join(map(str, [1 + 2 * self.frequencies] + [self.trunk_width] * self.trunk_depth))}, "
                f"head {self.trunk_width} x {self.inr_parameters}")


CASES = {case.name: case for case in (
    Case("dense", 64, 3, (32, 32), 16, 128, 2, 8, 1e-3, steps=50, torch_steps=10, evaluated=10 ** 6),
    Case("large", 128, 4, (32, 16), 32, 512, 2, 8, 1e-4, steps=20, torch_steps=5),
    Case("small", 16, 2, (8, 8), 4, 16, 2, 2, 1e-3, steps=20, torch_steps=5, evaluated=20000),
)}


def fields_of(case):
    """float32 [channel][frame][x][y], with the times and the points of both axes."""
    times = np.arange(case.frames) / case.frames
    x, y = (np.arange(count) / count for count in case.grid)
    t, along, across = np.meshgrid(times, x, y, indexing="ij")
    u = np.sin(3 * along - 4 * t) * np.cos(2 * across + t) + 0.3 * np.sin(9 * across + 2 * along - 5 * t)
    v = 2 + np.cos(4 * along + 3 * t) * np.sin(5 * across - 2 * t)
    return np.stack([u, v]).astype(np.float32), times, {"x": x, "y": y}


def write_data(case, path):
    fields, times, axes = fields_of(case)
    with complete_or_absent(path) as file:
        datasets = write_layout(file, "made_up", 1, times, axes, ["open"] * 2, list(CHANNELS), {},
                                {"software": "tools/compare_torch"})
        for dataset, values in zip(datasets, fields):
            dataset[0] = values


def deck_of(case, data, activation):
    """One rate for all steps and no clipping, as in torch.optim.Adam."""
    return f"""[data]
path = "{data}"
hold_out_every = 0
[inr]
name = "siren"
[inr.siren]
width = {case.width}
depth = {case.depth}
omega0 = {OMEGA}
omega = {OMEGA}
[condition]
encoder = "time_fourier"
[condition.time_fourier]
frequencies = {case.frequencies}
[hypernetwork]
head = "full"
width = {case.trunk_width}
depth = {case.trunk_depth}
activation = "{activation}"
[train]
batch = {case.frames}
points = 0
rate = {case.rate}
warmup = 0
last_rate = 1.0
clip = 0.0
validate_every = 0
checkpoint_interval = 0.0
"""
