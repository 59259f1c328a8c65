"""Strong and weak scaling of training: measured on the cores that there are, checked bit by bit on more ranks than that,
and modelled beyond, with what hypercast-bench finds out about the machine."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from failure import NO_INPUT, USAGE, Failure
from scaling_page import page
from scaling_picture import draw
from stages import ROOT, last_lines, link_data

WIDTH, INR_WIDTH, LAYERS, FRAMES, POINTS = 128, 64, 3, 32, 256
MANY_RANKS = (4, 8)  # on which results must be those of one rank

# A wave of Burgers' equation, learned by a network that writes all weights of SIRENs. Only the step counts here.
DECK = f"""[pde]
name = "burgers"
[pde.burgers]
viscosity = 0.1
[grid]
points = [{POINTS}]
[initial]
modes = [[1.0, 0.0, 1.0], [0.5, 1.0, 2.0]]
[time]
end = 1.0
frames = 101
step = 2e-3
integrator = "rk"
[inr.siren]
width = {INR_WIDTH}
depth = {LAYERS}
[hypernetwork]
width = {WIDTH}
depth = 2
[train]
batch = {FRAMES}
frames_per_leaf = 4
validate_every = 0
metrics_every = 1000000
"""

# What a step is made of, for runs without a timer of that name.
PARTS_OF_A_STEP = ("trunk", "frames", "exchange", "head and trunk backward", "optimiser")


@dataclass
class Measured:
    scaling: str
    ranks: int
    frames: int
    seconds: list  # of a step, one a run
    exchange: float  # part of a step, of the median run

    @property
    def quartiles(self):
        return np.percentile(self.seconds, [25, 50, 75])

    @property
    def median(self):
        return self.quartiles[1]


@dataclass
class Shape:
    theta: int
    trunk_parameters: int

    def flops(self, frames):
        """Of a step: the INR, the head, the trunk once."""
        weights = 2 * INR_WIDTH + (LAYERS - 1) * INR_WIDTH ** 2 + INR_WIDTH
        return 6 * frames * (POINTS * weights + WIDTH * self.theta + self.trunk_parameters)


def add_arguments(parser):
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark_scaling"), metavar="DIR", help="default %(default)s")
    parser.add_argument("--quick", action="store_true", help="a few steps: tries the path in seconds")
    parser.add_argument("--steps", type=int, default=100, metavar="N", help="of a training; default %(default)s")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="trainings of each kind; default %(default)s")
    parser.add_argument("--ranks", type=int, nargs="+", metavar="N", help="that are timed; default 1 and, on two cores, 2")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin", metavar="FOLDER",
                        help="default build/release/bin")


def step_seconds(record):
    """Of the slowest rank, from a line of run.json; and the part that is the exchange between ranks."""
    timers = record["timers"]
    if "step" in timers:
        whole, steps = timers["step"]["max_s"], timers["step"]["calls"]
    else:
        parts = [timers[name] for name in PARTS_OF_A_STEP if name in timers]
        if not parts:
            raise Failure(1, "run.json has no timers of a training")
        whole, steps = sum(part["max_s"] for part in parts), max(part["calls"] for part in parts)
    return whole / steps, timers.get("exchange", {"max_s": 0.0})["max_s"] / whole


def differences(one, other):
    """Names of what differs between two checkpoints, apart from where and when they were made."""

    def payload(path):
        found = {}

        def add(name, item):
            if isinstance(item, h5py.Dataset) and not name.startswith("provenance"):
                value = np.asarray(item[()])
                found[name] = (value.dtype, value.shape, value.tolist() if value.dtype == object else value.tobytes())

        with h5py.File(path) as file:
            file.visititems(add)
        return found

    left, right = payload(one), payload(other)
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))


class Programs:
    def __init__(self, folder, output):
        self.folder, self.output = folder, output
        for app in ("solve", "train", "bench"):
            if not (folder / f"hypercast-{app}").exists():
                raise Failure(NO_INPUT, f"no {folder / f'hypercast-{app}'}; tools/build makes it")

    def run(self, app, ranks, deck, *words):
        command = ["mpirun", "-n", str(ranks), self.folder / f"hypercast-{app}", deck, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Failure(done.returncode, f"hypercast-{app} on {ranks} ranks: {last_lines(done.stdout + done.stderr)}")
        return done.stdout

    def train(self, name, ranks, frames, steps):
        """The folder of the training, and its line of run.json."""
        folder = self.output / "trainings" / name
        shutil.rmtree(folder, ignore_errors=True)
        link_data(folder, self.output / "set")
        self.run("train", ranks, self.output / "deck.toml", "--output", folder, "--set", f"train.batch={frames}",
                 "--set", f"train.steps={steps}")
        return folder, json.loads((folder / "run.json").read_text().splitlines()[-1])

    def shape(self):
        said = self.run("train", 1, self.output / "deck.toml", "--output", self.output / "set", "--check")
        phi, theta = next((int(words[3]), int(words[5])) for words in map(str.split, said.splitlines())
                          if words[:3] == ["#", "model", "phi"])
        return Shape(theta, phi - theta * (WIDTH + 1))

    def calibrate(self, ranks, shape, quick):
        """What hypercast-bench says of the machine, and of this model on it."""
        deck = self.output / "machine.toml"
        deck.write_text(f"[bench]\nseconds = {1e-3 if quick else 0.05}\n[bench.model]\ntrunk_width = {WIDTH}\n"
                        f"trunk_parameters = {shape.trunk_parameters}\ninr_width = {INR_WIDTH}\nlayers = {LAYERS}\n"
                        f"points = {POINTS}\nframes = {FRAMES}\nframes_per_rank = {FRAMES // 2}\n")
        self.run("bench", ranks, deck, "--output", self.output / "machine")
        return json.loads((self.output / "machine/bench/bench.json").read_text())


def kinds_of(ranks):
    """(scaling, ranks, frames) of every training that is timed: the same frames on all ranks, and the same a rank."""
    kinds = [("strong", r, FRAMES) for r in ranks]
    return kinds + [("weak", r, FRAMES // 2 * r) for r in ranks]


def measure(programs, ranks, steps, repeats):
    """Rounds of all kinds, so that a slow moment of the machine strikes all of them."""
    kinds = kinds_of(ranks)
    found = {kind[1:]: [] for kind in kinds}  # kinds that are the same training are run once
    for number in range(repeats):
        for (r, frames), runs in found.items():
            runs.append(step_seconds(programs.train("timed", r, frames, steps)[1]))
        print(f"  round {number + 1} of {repeats}", flush=True)
    return [Measured(scaling, r, frames, [seconds for seconds, _ in found[r, frames]],
                     sorted(found[r, frames])[len(found[r, frames]) // 2][1]) for scaling, r, frames in kinds]


def compare(programs, steps):
    """For each number of ranks, the names of what differs from the checkpoint of one rank."""

    def checkpoint(ranks):
        folder, _ = programs.train(f"on{ranks}", ranks, FRAMES, steps)
        return sorted((folder / "ckpt").glob("step-*.h5"))[-1]

    first = checkpoint(1)
    return {ranks: differences(first, checkpoint(ranks)) for ranks in MANY_RANKS}


def timed_ranks(wanted):
    cores = len(os.sched_getaffinity(0))
    for ranks in wanted or ():
        if not 1 <= ranks <= cores:
            raise Failure(USAGE, f"--ranks {ranks}: only ranks with a core of their own are timed, and there are {cores} cores")
    return sorted(set(wanted or (1, min(2, cores))))


def main(args):
    output = args.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    timed = timed_ranks(args.ranks)
    programs = Programs(args.programs.resolve(), output)
    steps, repeats = (3, 2) if args.quick else (args.steps, args.repeats)
    (output / "deck.toml").write_text(DECK)
    if not (output / "set/data/train").is_dir():
        programs.run("solve", 1, output / "deck.toml", "--output", output / "set")
    shape = programs.shape()
    print("machine", flush=True)
    bench = programs.calibrate(max(timed), shape, args.quick)
    print("trainings", flush=True)
    measured = measure(programs, timed, steps, repeats)
    print(f"trainings on {' and '.join(map(str, MANY_RANKS))} ranks", flush=True)
    differing = compare(programs, min(steps, 10))
    text = page(bench, measured, differing, shape)
    (output / "scaling.md").write_text(text)
    draw(bench, measured, output)
    print("\n" + text)
    print(f"{output / 'scaling.md'}, time.png, efficiency.png")
    return 1 if any(differing.values()) else 0
