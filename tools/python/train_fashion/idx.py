"""Files of the MNIST family: a magic number that tells type and dimensions, the sizes (big-endian), the bytes."""

import gzip
import zlib

import numpy as np

from failure import DATA, NO_INPUT, Failure

PACKAGE = "dataset-fashion-mnist"
FOLDER = "/usr/share/datasets/fashion-mnist"  # where the package puts its files
BYTES = 8  # the type's code; the family has no other


def read_idx(path, dimensions):
    """An array of bytes with that many dimensions."""
    try:
        content = gzip.decompress(path.read_bytes())
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise Failure(DATA, f"{path} is not compressed with gzip") from error
        raise Failure(NO_INPUT, f"{path} cannot be read: {error.strerror}; Debian's package {PACKAGE} has it") from error
    except (EOFError, zlib.error) as error:
        raise Failure(DATA, f"{path} is damaged: {error}") from error
    header = 4 * (1 + dimensions)
    numbers = np.frombuffer(content[:header], ">u4") if len(content) >= header else [0]
    if numbers[0] != BYTES << 8 | dimensions:
        raise Failure(DATA, f"{path} is no IDX file of bytes with {dimensions} dimensions")
    shape = tuple(int(n) for n in numbers[1:])
    values = np.frombuffer(content, np.uint8, offset=header)
    if values.size != np.prod(shape, dtype=np.int64):
        raise Failure(DATA, f"{path} has {values.size} values, not the {' x '.join(map(str, shape))} that it tells")
    return values.reshape(shape)


def read_split(folder, split, rows):
    """The first rows of images as pixels [rows][pixels] in [0, 1], and their labels [rows]."""
    images = read_idx(folder / f"{split}-images-idx3-ubyte.gz", 3)
    labels = read_idx(folder / f"{split}-labels-idx1-ubyte.gz", 1)
    if len(images) != len(labels):
        raise Failure(DATA, f"{folder} has {len(images)} images and {len(labels)} labels of {split}")
    if len(images) < rows:
        raise Failure(DATA, f"{folder} has {len(images)} images of {split}, {rows} are asked for")
    return images[:rows].reshape(rows, -1).astype(np.float32) / 255, labels[:rows].astype(np.int64)
