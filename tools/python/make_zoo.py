"""A small zoo of encoders of which is known who resembles whom.

    tools/make_zoo FOLDER [--seed 0]

400 inputs x of three classes (normal, about three centres of R^8) go through three functions f: R^8 -> R^4:

    planes     linear: z = A x; tells the classes apart
    distances  z_i = |x - p_i|, from four points
    waves      z_i = cos(a_i . x + b_i), fast: hardly tells the classes apart

and each function through encoders, random features max(0, z W + b) of the whitened z. FOLDER gets
<function>_<variant>.npy, [400][width]:

    base       width 32, float32
    rotated    base Q, Q orthogonal; float64
    permuted   columns of base in another order; float32, in Fortran's order
    scaled     3 base + shift; float64
    narrow     other random features, width 16; float32
    wide       other random features, width 64; float64: like base but not a copy, as after training it again
    noisy      base with noise of a tenth of its standard deviation; float32
    noisier    base with noise of its standard deviation; float32

noise.hdf5 with two encoders that know nothing of the inputs, encoders/{first,second}/features [400][32]; labels.npy,
int64 [400]; and truth.csv, a line for each encoder: the name, file and dataset; the function (or itself: noise resembles
nothing) as its group; the width; and for copies `copy_of` which encoder and what was done to it, in letters (O orthogonal,
P permutation, T translation, S scale): a measure that is invariant to those must say that the two are the same, to
rounding in double precision. The same seed gives the same files.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from arguments import Parser, natural
from failure import CANNOT_CREATE, Failure, exit_code

ROWS, INPUTS, LATENT, WIDTH = 400, 8, 4, 32


@dataclass
class Encoder:
    name: str
    group: str
    features: np.ndarray  # [ROWS][width], as they are stored
    copy_of: str = ""
    by: str = ""
    file: str = ""  # default: name.npy
    dataset: str = ""


def inputs(random):
    """x [ROWS][INPUTS] and labels [ROWS], about as many of each class."""
    labels = random.permutation(np.arange(ROWS) % 3)
    centres = 2.0 * np.linalg.qr(random.standard_normal((INPUTS, 3)))[0].T
    return centres[labels] + random.standard_normal((ROWS, INPUTS)), labels


def functions(x, random):
    """Name -> z [ROWS][LATENT], whitened: zero mean, identity as covariance."""
    points = random.standard_normal((LATENT, INPUTS))
    found = {"planes": x @ random.standard_normal((INPUTS, LATENT)),
             "distances": np.linalg.norm(x[:, None, :] - points, axis=2),
             "waves": np.cos(x @ random.standard_normal((INPUTS, LATENT)) + random.uniform(0, 2 * np.pi, LATENT))}
    return {name: np.sqrt(ROWS) * np.linalg.svd(z - z.mean(axis=0), full_matrices=False)[0] for name, z in found.items()}


def orthogonal(size, random):
    return np.linalg.qr(random.standard_normal((size, size)))[0]


def random_features(z, width, random):
    """max(0, z W + b), W of orthogonal blocks and their negatives, which tell more with few columns than normal numbers
    (F. Yu et al., NeurIPS 2016); b is small."""
    blocks = [sign * q for q in (orthogonal(LATENT, random) for _ in range(width // (2 * LATENT))) for sign in (1, -1)]
    return np.maximum(z @ np.hstack(blocks) + 0.3 * random.standard_normal(width), 0)


def encoders_of(function, z, random):
    """All variants. Copies are made from the base as it is stored, so that rounding is all that tells them apart."""
    base = random_features(z, WIDTH, random).astype(np.float32)
    exact, spread = base.astype(float), base.std()
    rotation = orthogonal(WIDTH, random)

    def noisy(strength):
        return (exact + strength * spread * random.standard_normal(base.shape)).astype(np.float32)

    def encoder(variant, features, by=""):
        return Encoder(f"{function}_{variant}", function, features, f"{function}_base" if by else "", by)

    return [encoder("base", base),
            encoder("rotated", exact @ rotation, "O"),
            encoder("permuted", np.asfortranarray(base[:, random.permutation(WIDTH)]), "P"),
            encoder("scaled", 3.0 * exact + random.standard_normal(WIDTH), "TS"),
            encoder("narrow", random_features(z, 16, random).astype(np.float32)),
            encoder("wide", random_features(z, 64, random)),
            encoder("noisy", noisy(0.1)),
            encoder("noisier", noisy(1.0))]


def noise(random):
    return [Encoder(f"noise_{name}", f"noise_{name}", random.standard_normal((ROWS, WIDTH)), file="noise.hdf5",
                    dataset=f"encoders/{name}/features") for name in ("first", "second")]


def write(folder, encoders, labels):
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "labels.npy", labels.astype(np.int64))
    for encoder in encoders:
        if not encoder.dataset:
            encoder.file = f"{encoder.name}.npy"
            np.save(folder / encoder.file, encoder.features)
    with h5py.File(folder / "noise.hdf5", "w") as file:
        for encoder in encoders:
            if encoder.dataset:
                file[encoder.dataset] = encoder.features
    with open(folder / "truth.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["name", "file", "dataset", "group", "width", "copy_of", "by"])
        for e in encoders:
            table.writerow([e.name, e.file, e.dataset, e.group, e.features.shape[1], e.copy_of, e.by])


def run(args):
    random = np.random.default_rng(args.seed)
    x, labels = inputs(random)
    encoders = [encoder for name, z in functions(x, random).items() for encoder in encoders_of(name, z, random)]
    encoders += noise(random)
    try:
        write(args.folder, encoders, labels)
    except OSError as error:
        raise Failure(CANNOT_CREATE, f"{args.folder} cannot be written: {error}") from error
    print(f"{args.folder}: {len(encoders)} encoders of {ROWS} rows")


def parse():
    parser = Parser("tools/make_zoo", __doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="default %(default)s")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(exit_code("make_zoo", lambda: run(parse())))
