"""The errors of a forecast, read back and summed up."""

import csv
from dataclasses import dataclass

import numpy as np

MEASURES = ("mse", "relative_l2")
OUT_T = 2  # codes below are In-t: fitted, held out


@dataclass
class Errors:
    times: np.ndarray
    windows: np.ndarray
    series: dict  # name -> measure -> values[T], means over trajectories

    def mean(self, name, measure, window):
        """Over the frames of "in_t" or "out_t"; None when there is none."""
        frames = (self.windows == OUT_T) == (window == "out_t")
        return float(self.series[name][measure][frames].mean()) if frames.any() else None

    def valid_until(self, name, threshold=0.1):
        """The first time whose relative L2 error exceeds the threshold; None when no frame's does."""
        beyond = ~(self.series[name]["relative_l2"] <= threshold)
        return float(self.times[beyond.argmax()]) if beyond.any() else None


def read_errors(folder):
    path = next(iter(sorted((folder / "forecast").glob("*_errors.csv"))), None)
    if path is None:
        raise ValueError(f"the forecast in {folder} has no errors: is its reference there?")
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))

    def column(name):
        return np.array([float(row[name]) for row in rows])

    names = [name.removesuffix("_mse") for name in rows[0] if name.endswith("_mse")]
    series = {name: {measure: column(f"{name}_{measure}") for measure in MEASURES} for name in names}
    return Errors(column("t"), column("window").astype(int), series)
