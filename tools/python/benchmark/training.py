"""The README's section on the speed of training: kernels, evaluation, whole steps on one and two ranks beside their floors
and beside PyTorch, sums whose order is fixed, memory. All in one run on one machine."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from failure import ENVIRONMENT, NO_INPUT, Failure
from scaling_page import item
from stages import ROOT, last_lines, set_flags
from training_page import page

sys.path.append(str(Path(__file__).resolve().parents[1] / "compare_torch"))

from cases import CASES, CHANNELS  # noqa: E402
from trainer import Trainer  # noqa: E402

FLOOR_NEEDS = ("clock", "sincos", "fma", "memory", "messages", "window", "step")  # groups, where the program has them
NOT_HERE = ("products", "solver", "model")
STEPS = {"dense": 300, "large": 30, "small": 5}  # of a timed training
QUICK = ("bench.seconds=1e-4", "bench.repeats=5", "bench.memory.dram=1", "bench.kernels.points=100", "bench.optimiser.dram=1",
         "bench.evaluation.points=1000", "bench.evaluation.chunk=512", "bench.head.trunk_width=16", "bench.head.frames=4")


@dataclass
class Steps:
    """A model on a number of ranks."""
    case: object
    ranks: int
    bench: dict  # bench.json
    milliseconds: list = field(default_factory=list)  # a step, of runs of hypercast-train
    memory: float = 0  # MiB, most of a rank

    @property
    def median(self):
        return statistics.median(self.milliseconds)

    @property
    def floor(self):
        return 1e3 * item(self.bench, "step.time")["bound"]["value"]


def add_arguments(parser):
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark_training"), metavar="DIR", help="default %(default)s")
    parser.add_argument("--quick", action="store_true", help="tiny models and few steps: tries the path in seconds")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of trainings in turns; default %(default)s")
    parser.add_argument("--no-torch", action="store_true", help="leave PyTorch out")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin", metavar="FOLDER",
                        help="default build/release/bin")


def shape_of(case):
    """The settings of hypercast-bench that make its step that of the case."""
    step = {"trunk_width": case.trunk_width, "inr_width": case.width, "layers": case.depth, "points_x": case.grid[0],
            "points_y": case.grid[1], "frames": case.frames, "outputs": len(CHANNELS)}
    # dh is summed over blocks of rows; a gradient of shared parameters over leaves of four frames.
    sums = {"frames": case.frames, "width": case.trunk_width, "rows": case.inr_parameters, "leaves": (case.frames + 3) // 4}
    return [f"bench.{group}.{key}={value}" for group, keys in (("step", step), ("sums", sums)) for key, value in keys.items()]


class Programs:
    def __init__(self, folder, output, quick):
        self.folder, self.output, self.quick = folder, output, quick
        for app in ("bench", "train"):
            if not (folder / f"hypercast-{app}").exists():
                raise Failure(NO_INPUT, f"no {folder / f'hypercast-{app}'}; tools/build makes it")
        (output / "bench.toml").write_text("[bench]\n")

    def groups(self):
        """Those of a whole run, in the program's order."""
        done = subprocess.run([self.folder / "hypercast-bench", self.output / "bench.toml", "--check"], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Failure(done.returncode, f"hypercast-bench: {last_lines(done.stdout + done.stderr)}")
        return [group for group in tomllib.loads(done.stdout)["bench"]["groups"] if group not in NOT_HERE]

    def bench(self, name, ranks, case, groups):
        out = self.output / "bench" / name
        settings = [*(QUICK if self.quick else ()), *shape_of(case), f"bench.groups={json.dumps(groups)}"]
        command = ["mpirun", "-n", str(ranks), self.folder / "hypercast-bench", self.output / "bench.toml", "--output", out,
                   *set_flags(settings)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Failure(done.returncode, f"hypercast-bench on {ranks} ranks: {last_lines(done.stdout + done.stderr)}")
        return json.loads((out / "bench/bench.json").read_text())


def measure(programs, cases, ranks):
    """The machine and the floors. Kernels and sums are measured once for each number of ranks, with the first case."""
    whole, found = programs.groups(), []
    for r in ranks:
        for case in cases:
            groups = whole if case is cases[0] else [name for name in whole if name in (*FLOOR_NEEDS, "sums")]
            print(f"  hypercast-bench, {case.name}, {r} rank{'s' * (r > 1)}", flush=True)
            found.append(Steps(case, r, programs.bench(f"{case.name}{r}", r, case, groups)))
    return found


def train(programs, all_steps, rounds):
    """Rounds of all models and ranks, so that a slow moment of the machine strikes all of them."""
    trainers = []
    for entry in all_steps:
        folder = programs.output / "trainings" / f"{entry.case.name}{entry.ranks}"
        shutil.rmtree(folder, ignore_errors=True)
        trainers.append(Trainer(entry.case, folder, programs.folder, entry.ranks, "silu"))
    for number in range(rounds):
        for entry, trainer in zip(all_steps, trainers):
            done = trainer.run(STEPS[entry.case.name])
            entry.milliseconds.append(done.milliseconds)
            entry.memory = max(entry.memory, done.memory)
        print(f"  trainings, round {number + 1} of {rounds}", flush=True)
    shutil.rmtree(programs.output / "trainings")


def beside_torch(args, cases):
    """What tools/compare_torch finds, or in a line why there is nothing."""
    if args.no_torch:
        return None, "PyTorch was left out."
    out = args.output.resolve() / "compare_torch"
    command = [ROOT / "tools/compare_torch", "--programs", args.programs.resolve(), "--output", out, "--rounds", str(args.rounds)]
    command += [word for case in cases for word in ("--case", case.name)]
    print("  tools/compare_torch", flush=True)
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode == ENVIRONMENT:
        return None, "No PyTorch is installed here."
    if done.returncode != 0:
        raise Failure(done.returncode, f"tools/compare_torch: {last_lines(done.stderr)}")
    return json.loads((out / "comparison.json").read_text()), ""


def main(args):
    args.rounds = 2 if args.quick else args.rounds
    output = args.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    programs = Programs(args.programs.resolve(), output, args.quick)
    cases = [CASES["small"]] if args.quick else [CASES["dense"], CASES["large"]]
    ranks = range(1, min(2, len(os.sched_getaffinity(0))) + 1)
    steps = measure(programs, cases, ranks)
    train(programs, steps, args.rounds)
    torch, why = beside_torch(args, cases)
    text = page(steps, torch, why)
    (output / "training.md").write_text(text)
    print("\n" + text)
    print(f"{output / 'training.md'}, with bench/*/bench/bench.json and compare_torch/ beside it")
    return 0
