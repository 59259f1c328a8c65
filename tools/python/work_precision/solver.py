"""Runs of hypercast-solve, each in a folder of its own: what they cost, and the state they ended with."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

DIVERGED = 76

# One process on its own needs no daemon and no network of MPI, whose start would take longer than most runs.
ALONE = {"OMPI_MCA_ess_singleton_isolated": "1", "OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self"}
OWN_FOLDER = "OMPI_MCA_orte_tmpdir_base"  # or two of them at a time would meet in one


@dataclass
class Run:
    """Of one run: core-seconds of the solve timer (coefficients, factors, steps; neither the initial state, nor the
    start of the program, nor its output), the same on the clock, and the last state at its points, None if it
    diverged."""
    core_seconds: float
    seconds: float
    state: np.ndarray


class Solver:
    def __init__(self, program, folder):
        self.program, self.folder = Path(program), Path(folder)
        if not self.program.exists():
            sys.exit(f"work_precision: no {program}; tools/build makes it")
        self.environment = {**os.environ, **ALONE, OWN_FOLDER: str(folder)}
        self.runs = 0

    def run(self, deck, settings, limit):
        """One run, or None when it would take much more than `limit` core-seconds. Any other failure ends the program.
        (The limit is on the clock: under a limit of processor time Linux tells that time by ticks only.)"""
        out = self.folder / "run"
        shutil.rmtree(out, ignore_errors=True)
        words = [word for setting in settings for word in ("--set", setting)]
        command = [str(self.program), str(deck), "--output", str(out), *words]
        self.runs += 1
        try:
            done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                                  env=self.environment, timeout=4 * limit + 2)
        except subprocess.TimeoutExpired:
            return None
        if done.returncode == DIVERGED:
            return Run(float("nan"), float("nan"), None)
        if done.returncode != 0:
            sys.exit(f"work_precision: exit {done.returncode} of {' '.join(command)}\n{done.stderr}")
        timer = json.loads((out / "run.json").read_text().splitlines()[-1])["timers"]["solve"]
        with h5py.File(next((out / "data" / "train").glob("*.state")), "r") as file:
            return Run(timer["cpu_s"], timer["max_s"], file["values"][()])


def on_grid(state, dims):
    """A state of one channel as an array over its axes, which have the same number of points."""
    n = round(state.size ** (1 / dims))
    return state.reshape((n,) * dims)


def relative_error(state, truth):
    """Relative L2 error of a finite state at the points that both have: one has a multiple of the other's along each
    axis."""
    def thinned(values, other):
        step = max(1, values.shape[0] // other.shape[0])
        return values[(slice(None, None, step),) * values.ndim]

    ours, reference = thinned(state, truth), thinned(truth, state)
    return float(np.linalg.norm(ours - reference) / np.linalg.norm(reference))
