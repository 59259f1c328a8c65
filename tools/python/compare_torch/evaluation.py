"""How fast an INR is evaluated at many points: in one call, and in chunks whose activations stay in cache.

hypercast-bench evaluates the same weights at the same points, as its forecasts do; the values have to agree before
anything is timed. Then both sides take turns.
"""

import json
import os
import statistics
import subprocess

import numpy as np
import torch

from agreement import difference
from cases import OMEGA, CHANNELS
from failure import NO_INPUT, TOLERANCE, Failure
from model import frame_fields
from steps import milliseconds, try_all

CHUNK = 4096
CALLS = 3  # of PyTorch in a turn
MOST = 1e-5  # relative L2, in single precision
ITEMS = {"one_call": "one call", "chunks": f"chunks of {CHUNK}"}


class Bench:
    """Runs of hypercast-bench that evaluate an INR at given points."""

    def __init__(self, case, program, ranks, folder, theta, points):
        self.case, self.program, self.ranks, self.folder = case, program, ranks, folder
        if not program.exists():
            raise Failure(NO_INPUT, f"no {program}; tools/build makes it")
        np.save(folder / "theta.npy", theta)
        np.save(folder / "points.npy", points)
        (folder / "evaluation.toml").write_text(
            f'[bench]\ngroups = ["evaluation"]\nseconds = 1e-3\nrepeats = 5\n[bench.evaluation]\nwidth = {case.width}\n'
            f"layers = {case.depth}\ninputs = 2\noutputs = {len(CHANNELS)}\nomega = {OMEGA}\npoints = {len(points)}\n"
            f'chunk = {CHUNK}\nweights = "{folder / "theta.npy"}"\nplaces = "{folder / "points.npy"}"\n')

    def run(self):
        """Milliseconds for all points, which the ranks share, by item; and the values."""
        out = self.folder / "evaluation"
        command = ["mpirun", "-n", str(self.ranks), str(self.program), str(self.folder / "evaluation.toml"), "--output", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
        if done.returncode != 0:
            said = [line for line in done.stderr.splitlines() if "hypercast" in line]
            raise Failure(done.returncode, f"hypercast-bench ended with {done.returncode}: {' '.join(said[:1])}")
        items = {item["name"]: item["median"] for item in json.loads((out / "bench/bench.json").read_text())["items"]}
        weights = sum(outputs * inputs for inputs, outputs, _ in self.case.inr_layers)
        operations = 2 * weights * self.case.evaluated
        took = {name: 1e3 * operations / (self.ranks * items[f"evaluation.{name}.together"]) for name in ITEMS}
        return took, np.load(out / "bench/values.npy")


def ways_of(model, theta, x):
    """What makes PyTorch's calls, by item and way."""
    case = model.case

    def chunks(function):
        return lambda: torch.cat([function(case, theta, part) for part in x.split(CHUNK)])

    ways = {"one_call": {"plain": lambda: lambda: frame_fields(case, theta, x)},
            "chunks": {"plain": lambda: chunks(frame_fields)}}
    if hasattr(torch, "compile"):
        # Each shape has its code; only chunks, since one call is memory-bound either way.
        ways["chunks"]["compiled"] = lambda: chunks(torch.compile(frame_fields, dynamic=False))
    return ways


@torch.no_grad()
def evaluate(model, program, ranks, rounds, folder):
    """Of each item: milliseconds for all points of both sides, medians over rounds in turns, and their ratio."""
    case, theta = model.case, model.theta()[0].clone()
    x = 2 * torch.rand(case.evaluated, 2, generator=torch.Generator().manual_seed(0)) - 1
    bench = Bench(case, program, ranks, folder, theta.numpy(), x.numpy())
    apart = difference(bench.run()[1], frame_fields(case, theta, x).numpy())
    if not apart <= MOST:
        raise Failure(TOLERANCE, f"values of hypercast and those of PyTorch differ by {apart:.1e} (relative; wanted: at most "
                      f"{MOST:.0e})")
    tried = {name: try_all(ways) for name, ways in ways_of(model, theta, x).items()}
    times = {name: {"torch": [], "hypercast": []} for name in ITEMS}
    for _ in range(rounds):
        for name, (_, _, call) in tried.items():
            times[name]["torch"].append(statistics.median(milliseconds(call, CALLS)))
        for name, took in bench.run()[0].items():
            times[name]["hypercast"].append(took)
    found = {"points": case.evaluated, "difference": apart}
    for name, sides in times.items():
        medians = {side: statistics.median(all_) for side, all_ in sides.items()}
        found[name] = {**medians, "ratio": medians["torch"] / medians["hypercast"], "all": sides, "tried": tried[name][0],
                       "way": tried[name][1]}
    return found
