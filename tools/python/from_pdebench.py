"""Converts files of PDEBench into the trajectories that hypercast reads (The Well's layout).

    tools/from_pdebench FILE... --output FOLDER --boundary KIND[,KIND..]
                        [--split NAME=SAMPLES,..] [--name NAME] [--fields NAME,..] [--per-file SAMPLES]

Writes FOLDER/data/<split>/<name>_000000.hdf5, ..: `hypercast-train DECK --output FOLDER` trains on FOLDER/data/train.
Every sample becomes a trajectory, in order. Numbers among the attributes of a file (Nu, beta, eta, ..) become its
parameters. Reads and writes a few frames at a time, whatever the size of the files.
"""

import argparse
import re
import sys
from datetime import datetime
from pathlib import Path
from shlex import join

import numpy as np

from arguments import Parser, positive
from failure import CANNOT_CREATE, DATA, IO, USAGE, Failure, exit_code
from pdebench_file import PdebenchFile
from well_file import BOUNDARIES, complete_or_absent, write_layout

SPLITS = ["train", "valid", "test"]
PIECE = 1 << 22  # values that are in memory at a time, or one frame if that is more
RESERVED = {"dataset_name", "grid_type", "n_spatial_dims", "n_trajectories", "simulation_parameters"}


def split_of(text):
    """[(split, number or fraction)], in the order given."""
    parts = []
    for word in text.split(","):
        name, _, amount = word.partition("=")
        number = (float(amount) if "." in amount else int(amount)) if re.fullmatch(r"\d*\.?\d+", amount) else 0
        if name not in SPLITS or number <= 0 or ("." in amount and number > 1):
            raise argparse.ArgumentTypeError(
                f"write {', '.join(SPLITS)} with a number of samples (train=900) or a fraction of all (test=0.1): '{word}'")
        parts.append((name, number))
    if len({name for name, _ in parts}) < len(parts):
        raise argparse.ArgumentTypeError(f"a split is named twice: '{text}'")
    return parts


def name_of(text):
    """Becomes the name of files, groups and datasets."""
    if not re.fullmatch(r"[^/\s.][^/\s]*", text):
        raise argparse.ArgumentTypeError(f"'{text}' makes no name of a file")
    return text


def names_of(text):
    names = [name_of(word) for word in text.split(",")]
    if len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"a name is there twice: '{text}'")
    return names


def kinds_of(text):
    kinds = text.split(",")
    for kind in kinds:
        if kind not in BOUNDARIES:
            raise argparse.ArgumentTypeError(f"unknown boundary '{kind}'; there are {', '.join(BOUNDARIES)}")
    return kinds


def parse():
    parser = Parser("tools/from_pdebench", __doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="of PDEBench; all of one grid and the same fields")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="run folder; must hold no data yet")
    parser.add_argument("--boundary", type=kinds_of, required=True, metavar="KIND[,KIND..]",
                        help="what the files do not say: one for all axes or one each of " + ", ".join(BOUNDARIES))
    parser.add_argument("--split", type=split_of, default=[("train", 1.0)], metavar="NAME=SAMPLES,..",
                        help="which samples of each file go where, in order: test=0.1,train=0.9 puts the first tenth into "
                             "test, train=900,valid=100 the first 900 into train; default: all into train")
    parser.add_argument("--name", type=name_of, help="of the dataset; default: that of the first file")
    parser.add_argument("--fields", type=names_of, metavar="NAME,..",
                        help="names of a tensor's channels (default u, or u0, u1, ..), or which datasets to take (default: "
                             "density, pressure, Vx, Vy, Vz)")
    parser.add_argument("--per-file", type=positive, default=100, metavar="SAMPLES",
                        help="trajectories in a file that is written (default 100)")
    return parser.parse_args()


def ranges_of(samples, split, path):
    """[(split, first sample, end)]; a fraction is rounded to the nearest number of samples."""
    ranges, at = [], 0
    for name, amount in split:
        count = round(amount * samples) if isinstance(amount, float) else amount
        if count == 0 or at + count > samples:
            raise Failure(DATA, f"{path} holds {samples} samples: not enough for {name}={amount:g} after the first {at}")
        ranges.append((name, at, at + count))
        at += count
    return ranges


def check_alike(first, other):
    """One folder has one grid, one list of times and fields, and the same parameters."""
    def same(a, b):
        return len(a) == len(b) and np.allclose(a, b, rtol=1e-6, atol=1e-6 * np.ptp(a))

    differs = None
    if list(first.axes) != list(other.axes) or not all(same(first.axes[a], other.axes[a]) for a in first.axes):
        differs = "another grid"
    elif not same(first.times, other.times):
        differs = "other times"
    elif first.fields != other.fields:
        differs = "other fields"
    elif list(first.parameters) != list(other.parameters):
        differs = "other parameters"
    if differs:
        raise Failure(DATA, f"{other.path} has {differs} than {first.path}; convert it to another folder")


def check_names(source):
    for kind, names, taken in (("attribute", source.parameters, RESERVED), ("field", source.fields, set())):
        for name in names:
            if name in taken or "/" in name:
                raise Failure(DATA, f"{source.path}: {kind} '{name}' has a name that The Well's layout cannot hold")


def write_file(path, source, begin, end, name, boundaries):
    provenance = {"software": "from_pdebench", "command_line": join(sys.argv), "source": source.path.name,
                  "source_samples": f"{begin} to {end - 1}", "date": datetime.now().astimezone().isoformat(timespec="seconds")}
    frame = int(np.prod([len(points) for points in source.axes.values()])) * len(source.fields)
    step, frames = max(1, PIECE // frame), len(source.times)
    with complete_or_absent(path) as file:
        try:
            fields = write_layout(file, name, end - begin, source.times, source.axes, boundaries, source.fields,
                                  source.parameters, provenance)
            for sample in range(begin, end):
                for at in range(0, frames, step):
                    values = source.frames_of(sample, at, min(at + step, frames))
                    for c, field in enumerate(fields):
                        field[sample - begin, at: at + len(values)] = values[..., c]
        except (OSError, RuntimeError) as error:
            raise Failure(IO, f"{path} cannot be written: {error}") from error


def convert(args):
    for split in SPLITS:
        folder = args.output / "data" / split
        if any(p.suffix in (".hdf5", ".h5") for p in folder.glob("*")):
            raise Failure(CANNOT_CREATE, f"{folder} holds data already; give another --output, or remove it")
    sources = [PdebenchFile(path, args.fields) for path in args.files]
    name, written = args.name or re.sub(r"[^\w.-]+", "_", args.files[0].stem), dict.fromkeys(SPLITS, 0)
    for source in sources:
        check_alike(sources[0], source)
        check_names(source)
        if len(args.boundary) not in (1, len(source.axes)):
            raise Failure(USAGE, f"--boundary gives {len(args.boundary)} kinds for {len(source.axes)} axes")
    plans = [ranges_of(source.samples, args.split, source.path) for source in sources]
    boundaries = args.boundary * len(sources[0].axes) if len(args.boundary) == 1 else args.boundary
    for source, plan in zip(sources, plans):
        for split, begin, end in plan:
            for at in range(begin, end, args.per_file):
                stop = min(at + args.per_file, end)
                path = args.output / "data" / split / f"{name}_{written[split]:06d}.hdf5"
                write_file(path, source, at, stop, name, boundaries)
                written[split] += 1
                print(f"{path}: samples {at} to {stop - 1} of {source.path.name}")
        if source.left_out:
            print(f"{source.path}: not converted: {', '.join(source.left_out)}")


if __name__ == "__main__":
    sys.exit(exit_code("from_pdebench", lambda: convert(parse())))
