"""Times comparisons of models, beside what a user would do instead and beside the arithmetic that they cannot do without."""

import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from failure import Failure
from stages import ROOT


@dataclass(frozen=True)
class Case:
    name: str
    models: int
    rows: int
    width: int
    settings: tuple
    phase: str  # the timer that is looked at


CASES = {
    "pairs": Case("pairs", 60, 256, 512, ('similarity.measures=["cka_debiased"]', "similarity.jackknife=0"), "kernels"),
    "gram": Case("gram", 100, 10000, 1000, ('similarity.measures=["cka"]', "similarity.jackknife=0", "similarity.memory=9000"),
                 "kernels"),
    "delta": Case("delta", 100, 10000, 64, ('similarity.measures=["delta"]', "similarity.jackknife=0", "similarity.delta.repeats=1",
                                            "similarity.delta.anchors=256", "similarity.delta.precision=float"), "delta"),
}
QUICK = {"pairs": (6, 64, 32), "gram": (5, 300, 20), "delta": (5, 300, 20)}  # models, rows, width


def add_arguments(parser):
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark_similarity"), metavar="DIR", help="default %(default)s")
    parser.add_argument("--case", action="append", choices=sorted(CASES), help="this one only; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small models: tries the path in seconds")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="the median of so many runs; default %(default)s, of gram 1")
    parser.add_argument("--ranks", type=int, default=2, metavar="N", help="default %(default)s")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin", metavar="FOLDER",
                        help="default build/release/bin")


def make_features(case, folder):
    """Models that share 64 directions; float32, as networks leave them."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    common = rng.standard_normal((case.rows, 64), dtype=np.float32)
    for number in range(case.models):
        file = folder / f"model{number:03}.npy"
        mix = rng.standard_normal((64, case.width), dtype=np.float32)
        noise = rng.standard_normal((case.rows, case.width), dtype=np.float32)
        if not file.exists():
            np.save(file, np.einsum("nk,kd->nd", common, mix, optimize=True) + noise)
    np.save(folder.parent / "labels.npy", np.argmax(common[:, :10], axis=1))


class Runner:
    def __init__(self, args):
        self.programs, self.ranks = args.programs.resolve(), args.ranks

    def command(self, program, ranks, *words):
        return ["mpirun", "-n", str(ranks), str(self.programs / program), *map(str, words)]

    def compare(self, case, folder):
        """Seconds of the phase, and of all."""
        deck = folder / "deck.toml"
        deck.write_text(f'[similarity]\nfeatures = ["{folder}/features/*.npy"]\nlabels = ["{folder}/labels.npy"]\ncsv = false\n')
        words = [word for setting in case.settings for word in ("--set", setting)]
        start = time.perf_counter()
        done = subprocess.run(self.command("hypercast-similarity", self.ranks, deck, "--output", folder / "run", *words),
                              capture_output=True, text=True)
        wall = time.perf_counter() - start
        if done.returncode != 0:
            raise Failure(1, f"hypercast-similarity ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
        record = json.loads((folder / "run" / "run.json").read_text().splitlines()[-1])
        memory = re.search(r"most memory of a rank (\d+) MiB", done.stdout)
        return record["timers"][case.phase]["max_s"], wall, int(memory.group(1))

    def product_rate(self, folder):
        """Floating-point operations a second of all ranks at once, in products like those of tiles."""
        deck = folder / "machine.toml"
        deck.write_text('[bench]\ngroups = ["products"]\nseconds = 0.15\n[bench.products]\nrows = 512\nwidth = 1000\n')
        done = subprocess.run(self.command("hypercast-bench", self.ranks, deck, "--output", folder / "machine"),
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(1, f"hypercast-bench ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
        return json.loads((folder / "machine/bench/bench.json").read_text())["items"][0]["median"]


def unbiased(k, l):
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    return ((k * l).sum() + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (k.sum(0) @ l.sum(0))) / (n * (n - 3))


def numpy_pairs(folder, keep):
    """Seconds of a loop over pairs; with `keep`, Gram matrices are made once a model."""
    x = [np.load(file).astype(float) for file in sorted(folder.glob("*.npy"))]
    start = time.perf_counter()
    made = [a @ a.T for a in x] if keep else None
    gram = (lambda i: made[i]) if keep else (lambda i: x[i] @ x[i].T)
    own = [unbiased(gram(i), gram(i)) for i in range(len(x))] if keep else None
    values = np.empty((len(x), len(x)))
    for i in range(len(x)):
        for j in range(len(x)):
            k, l = gram(i), gram(j)
            xx, yy = (own[i], own[j]) if keep else (unbiased(k, k), unbiased(l, l))
            values[i, j] = unbiased(k, l) / np.sqrt(xx * yy)
    return time.perf_counter() - start, values


def report_pairs(case, folder, runner, repeats):
    ours = sorted(runner.compare(case, folder) for _ in range(repeats))[repeats // 2]
    kept, values = numpy_pairs(folder / "features", True)
    again, _ = numpy_pairs(folder / "features", False)
    import h5py
    with h5py.File(folder / "run/similarity/similarity.hdf5") as file:
        apart = np.abs(file["measures/cka_debiased/value"][:] - values).max()
    print(f"pairs: {case.models} models, {case.rows} rows, {case.width} columns, debiased CKA of all pairs (largest difference {apart:.1e})")
    print(f"  hypercast {ours[0]:.3f} s of {ours[1]:.2f} s with reading and writing")
    print(f"  NumPy, both Gram matrices for every pair {again:.2f} s: {again / ours[0]:.0f} times as long; kept {kept:.2f} s: {kept / ours[0]:.1f} times")


def report_gram(case, folder, runner, repeats):
    rate = runner.product_rate(folder)
    seconds, wall, memory = runner.compare(case, folder)
    floor = case.rows ** 2 * case.width * case.models / rate
    print(f"gram: {case.models} models, {case.rows} rows, {case.width} columns, linear CKA of all pairs")
    print(f"  {seconds:.1f} s of {wall:.1f} s with reading and writing; n^2 D operations at {rate / 1e9:.1f} GF/s take {floor:.1f} s: "
          f"{seconds / floor:.2f} times that; at most {memory} MiB a rank")


def report_delta(case, folder, runner, repeats):
    ours = sorted(runner.compare(case, folder) for _ in range(repeats))[repeats // 2]
    print(f"delta: {case.models} models, {case.rows} rows, 256 anchors, 10 classes, float: {ours[0]:.1f} s a repeat, of {ours[1]:.1f} s in all")


REPORTS = {"pairs": report_pairs, "gram": report_gram, "delta": report_delta}


def main(args):
    runner = Runner(args)
    for name in args.case or CASES:
        case = CASES[name]
        if args.quick:
            case = Case(name, *QUICK[name], case.settings, case.phase)
        folder = args.output / (name + ("_quick" if args.quick else ""))
        make_features(case, folder / "features")
        REPORTS[name](case, folder.resolve(), runner, 1 if args.quick else args.repeats)
    return 0
