"""Makes arrays as users do, with NumPy and h5py, for interchange_test.cpp.

    make_arrays.py FOLDER   writes NPY and HDF5 files; FOLDER/list.txt has a line "PLACE|TYPE|SHAPE|EXPECTED" for each
                            array that is to be read (EXPECTED: a file of its values, float64), and FOLDER/refused.txt a
                            line "PLACE|WORDS" for each that is to be refused in these words
"""

import pickle
import sys
from pathlib import Path

import h5py
import numpy as np

SHAPES = [(24,), (8, 3), (6, 2, 2), (4, 1, 2, 3)]
TYPES = "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1".split()


def numbers(code, shape):
    """24 numbers of a type, its extremes among them."""
    dtype = np.dtype(code)
    steps = np.arange(24)
    if dtype.kind == "b":
        return (steps % 3 == 0).reshape(shape)
    if dtype.kind == "f":
        info = np.finfo(dtype)
        values = ((steps - 12) * 0.375).astype(dtype)
        values[:6] = info.max, info.tiny, info.smallest_subnormal, np.inf, -np.inf, np.nan
    else:
        info = np.iinfo(dtype)
        values = (steps - 12 * (dtype.kind == "i")).astype(dtype)
        values[:2] = info.min, info.max
    return values.reshape(shape)


class Maker:
    def __init__(self, folder):
        self.folder, self.good, self.bad, self.count = folder, [], [], 0

    def add(self, place, values):
        expected = self.folder / f"expected_{self.count}"
        self.count += 1
        expected.write_bytes(values.astype("<f8").tobytes())
        self.good.append(f"{place}|{values.dtype.name}|{' '.join(map(str, values.shape))}|{expected}")

    def refuse(self, place, words):
        self.bad.append(f"{place}|{words}")

    def npy(self, name, values, version=None):
        path = self.folder / name
        with open(path, "wb") as file:
            np.lib.format.write_array(file, values, version=version)
        self.add(path, values)

    def dataset(self, file, name, values, **options):
        file.create_dataset(name, data=values, **options)
        self.add(f"{file.filename}:{name}", values)


def good_files(maker):
    path = str(maker.folder)
    with h5py.File(path + "/arrays.h5", "w") as file, h5py.File(path + "/block.h5", "w", userblock_size=1024) as block:
        for number, kind in enumerate(TYPES):
            for order in "<>":
                code = ("|" if kind[1] == "1" else order) + kind
                name = f"{kind}_{'little' if order == '<' else 'big'}"
                for i, shape in enumerate(SHAPES):
                    values = numbers(code, shape)
                    maker.npy(f"{name}_{i}_c.npy", values, ((1, 0), (2, 0), (3, 0))[(number + i) % 3])
                    maker.npy(f"{name}_{i}_f.npy", np.asfortranarray(values))
                    if i in (0, 3):
                        maker.dataset(file, f"plain/{name}/{i}", values)
                maker.dataset(file, f"packed/{name}", numbers(code, (8, 3)), chunks=(3, 2), compression="gzip",
                              shuffle=True, fletcher32=True)
                maker.dataset(block, name, numbers(code, (6, 4)), chunks=(4, 3), compression="gzip")
    transposed = np.arange(12.0).reshape(3, 4).T
    maker.npy("transposed.npy", transposed)
    np.save(maker.folder / "saved.npy", transposed[:, :2])
    maker.add(maker.folder / "saved.npy", transposed[:, :2])


def bad_files(maker):
    folder = maker.folder
    np.savez(folder / "a.npz", x=np.zeros(3))
    maker.refuse(folder / "a.npz", "neither HDF5 nor NPY")
    kinds = {"objects": (np.array([None, 1]), "Python objects"), "complex": (np.zeros(3, complex), "complex numbers"),
             "text": (np.array(["ab", "c"]), "text"), "times": (np.zeros(3, "M8[s]"), "unknown type"),
             "long": (np.zeros(3, np.longdouble), "unknown type"),
             "records": (np.zeros(3, [("x", "f8"), ("y", "i4")]), "structures")}
    with h5py.File(folder / "bad.h5", "w") as file:
        for name, (values, words) in kinds.items():
            np.save(folder / f"{name}.npy", values, allow_pickle=True)
            maker.refuse(folder / f"{name}.npy", words)
            if name not in ("objects", "times", "text"):
                file[name] = values
                maker.refuse(f"{folder}/bad.h5:{name}", "does not hold floating-point numbers")
        file["strings"] = ["a", "b"]
        file["fixed"] = np.array([b"ab", b"c"])
        file["ragged"] = h5py.Empty(h5py.vlen_dtype("f8"))
        file["reference"] = np.array([file.ref], h5py.ref_dtype)
        for name in ("strings", "fixed", "ragged", "reference"):
            maker.refuse(f"{folder}/bad.h5:{name}", "does not hold floating-point numbers")
        file["null"] = h5py.Empty("f8")
        maker.refuse(f"{folder}/bad.h5:null", "holds nothing")
        file.create_dataset("lzf", data=np.zeros((4, 4)), compression="lzf")  # a filter that only h5py has
        maker.refuse(f"{folder}/bad.h5:lzf", "HDF5 cannot read it: ")
    (folder / "pickle.npy").write_bytes(pickle.dumps(np.zeros(3)))
    maker.refuse(folder / "pickle.npy", "neither HDF5 nor NPY")


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    maker = Maker(folder.resolve())
    good_files(maker)
    bad_files(maker)
    (folder / "list.txt").write_text("\n".join(maker.good) + "\n")
    (folder / "refused.txt").write_text("\n".join(maker.bad) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
