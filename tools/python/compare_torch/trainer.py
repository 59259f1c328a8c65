"""Runs of hypercast-train, and what they leave: parameters, gradient, loss, milliseconds a step.

A run of one step shows the gradient: Adam's first moment, zero at first, is then (1 - beta1) times it.
"""

import csv
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass

import h5py
import numpy as np

from cases import CHANNELS, deck_of, write_data
from failure import NO_INPUT, Failure

FIRST_MOMENT = np.float32(1) - np.float32(0.9)  # of the gradient

# What a step consists of, where no timer holds the whole of it. The check before a checkpoint makes their calls differ.
PARTS = ("trunk", "frames", "exchange", "head and trunk backward", "optimiser")


@dataclass
class Trained:
    phi: np.ndarray  # after the last step
    gradient: np.ndarray  # of the step, for runs of one step
    layout: list  # (name, offset, rows, columns) of each block of phi
    facts: dict
    loss: float  # of the last step, before its update
    milliseconds: float  # a step
    timer: str  # where they come from
    version: str
    memory: float  # most of a rank, MiB
    checkpoint: object  # its path


class Trainer:
    """All runs of a case, on the given number of ranks, in folders below `folder`."""

    def __init__(self, case, folder, programs, ranks, activation):
        self.program, self.folder, self.ranks = programs / "hypercast-train", folder, ranks
        if not self.program.exists():
            raise Failure(NO_INPUT, f"no {self.program}; tools/build makes it")
        write_data(case, folder / "data" / "made_up.hdf5")
        self.deck = folder / "deck.toml"
        self.deck.write_text(deck_of(case, folder / "data", activation))

    def run(self, steps, start=None):
        """From the parameters of the checkpoint `start`, or from scratch. Stays until the next run of the same kind."""
        out = self.folder / ("run" if start else "start")
        shutil.rmtree(out, ignore_errors=True)
        settings = [f"train.steps={steps}", f"train.metrics_every={steps}"]
        settings += [f"train.init_from={start}"] if start else []
        words = [word for setting in settings for word in ("--set", setting)]
        command = ["mpirun", "-n", str(self.ranks), str(self.program), str(self.deck), "--output", str(out), *words]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
        if done.returncode != 0:
            said = [line for line in done.stderr.splitlines() if "hypercast" in line]
            raise Failure(done.returncode, f"hypercast-train ended with {done.returncode}: {' '.join(said[:1])}")
        return read_run(out, done.stdout)


def memory_of(said):
    """MiB, from the log."""
    found = re.search(r"most memory of a rank (\d+) MiB", said)
    if not found:
        raise Failure(NO_INPUT, "hypercast-train did not tell how much memory it took")
    return float(found[1])


def read_run(out, said):
    record = json.loads((out / "run.json").read_text().splitlines()[-1])
    with open(out / "metrics.csv", newline="") as file:
        loss = float(list(csv.DictReader(file))[-1]["loss"])
    milliseconds, timer = time_of_step(record["timers"])
    checkpoint = sorted((out / "ckpt").glob("step-*.h5"))[-1]
    with h5py.File(checkpoint, "r") as file:
        return Trained(file["model/phi"][:], file["train/first_moment"][:] / FIRST_MOMENT,
                       layout_of(file["model/layout"][()].decode()), facts_of(file["model/facts"]), loss, milliseconds,
                       timer, f"{record['version']} ({record['git_hash'][:10]})", memory_of(said), checkpoint)


def time_of_step(timers):
    """Milliseconds of the slowest rank, and the timers that they come from."""
    names = ("step",) if "step" in timers else tuple(name for name in PARTS if name in timers)
    if not names:
        raise Failure(NO_INPUT, f"run.json has no timer of a training step, only {', '.join(timers)}")
    return 1e3 * sum(timers[name]["max_s"] / timers[name]["calls"] for name in names), " + ".join(names)


def layout_of(text):
    blocks = [line.rsplit(" ", 3) for line in text.splitlines()]
    return sorted(((name, *map(int, numbers)) for name, *numbers in blocks), key=lambda block: block[1])


def facts_of(group):
    """What the batch follows from."""
    return {"mean": group["mean"][:], "scale": group["scale"][:], "times": group["train_times"][:],
            "window": (group["window_start"][()], group["window_end"][()]),
            "axes": [group[f"axes/{k}/points"][:] for k in range(2)],
            "channels": [group[f"channels/{c}/name"][()].decode() for c in range(len(CHANNELS))]}
