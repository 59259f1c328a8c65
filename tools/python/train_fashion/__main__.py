"""Trains perceptrons on Fashion-MNIST and writes their hidden layers: data for the layer test.

    tools/train_fashion FOLDER [--networks 5] [--widths 256,256,256,256] [--epochs 4] [--train 30000] [--test 5000]
                        [--seed 0] [--data DIR]

The networks differ only in their random numbers. A good measure of similarity finds for each layer of a network the same
layer of another one (S. Kornblith et al., ICML 2019). FOLDER gets net<k>/layer<l>.npy, float32 [test rows][width], the
hidden layers after their ReLU, k = 1, 2, .. and l = 1, 2, ..; and labels.npy, int64 [test rows].

The images are those of Debian's package dataset-fashion-mnist (H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747;
tools/setup extra installs it): the first rows of the training set to learn from, the first rows of the test set to look
at, pixels / 255 without the mean image of the former. He's initial weights, Adam with rate 1e-3, batches of 128. The same
seed gives the same files on the same machine.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from arguments import Parser, natural, positive  # noqa: E402
from failure import CANNOT_CREATE, DATA, Failure, exit_code  # noqa: E402
from idx import FOLDER, read_split  # noqa: E402
from network import accuracy, initial, layers_of, train  # noqa: E402


def widths_of(text):
    return [positive(word) for word in text.split(",")]


def parse():
    parser = Parser("tools/train_fashion", __doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--networks", type=positive, default=5, metavar="N", help="default %(default)s")
    parser.add_argument("--widths", type=widths_of, default=[256] * 4, metavar="N,..",
                        help="of the hidden layers; default 256,256,256,256")
    parser.add_argument("--epochs", type=natural, default=4, metavar="N", help="default %(default)s; 0: untrained")
    parser.add_argument("--train", type=positive, default=30000, metavar="ROWS", help="default %(default)s")
    parser.add_argument("--test", type=positive, default=5000, metavar="ROWS", help="default %(default)s")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="default %(default)s")
    parser.add_argument("--data", type=Path, default=Path(FOLDER), metavar="DIR",
                        help="with train-images-idx3-ubyte.gz and its kin; default %(default)s")
    return parser.parse_args()


def read_data(args):
    x, labels = read_split(args.data, "train", args.train)
    seen, seen_labels = read_split(args.data, "t10k", args.test)
    if seen.shape[1] != x.shape[1]:
        raise Failure(DATA, f"{args.data}: images of train and t10k differ in size")
    mean = x.mean(axis=0)
    return (x - mean, labels), (seen - mean, seen_labels)


def save(path, values):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, values)
    except OSError as error:
        raise Failure(CANNOT_CREATE, f"{path} cannot be written: {error.strerror}") from error


def run(args):
    (x, labels), (seen, seen_labels) = read_data(args)
    save(args.folder / "labels.npy", seen_labels)
    widths = [x.shape[1], *args.widths, int(max(labels.max(), seen_labels.max())) + 1]
    begun = time.monotonic()
    for k in range(1, args.networks + 1):
        started = time.monotonic()
        random = np.random.default_rng([args.seed, k])
        network = initial(widths, random)
        train(network, x, labels, args.epochs, random)
        said, outputs = layers_of(network, seen)
        for number, values in enumerate(said, start=1):
            save(args.folder / f"net{k}" / f"layer{number}.npy", values)
        print(f"net{k}: accuracy {accuracy(outputs, seen_labels):.4f}, {time.monotonic() - started:.1f} s", flush=True)
    print(f"{args.folder}: {args.networks} networks with {len(args.widths)} layers in {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    sys.exit(exit_code("train_fashion", lambda: run(parse())))
