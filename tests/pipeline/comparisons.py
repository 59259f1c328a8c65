"""Decks, features and results of comparisons, and a small zoo of models."""
from pathlib import Path

import h5py
import numpy as np

from runs import InFolder, sets, write

KERNELS = ["cka", "cka_debiased", "hsic", "hsic_unbiased", "angular_cka"]
SPACES = ["cca", "cca_r2", "svcca", "pwcca", "linreg", "procrustes", "angular_shape"]
OTHERS = ["cka_rbf", "cka_minibatch", "rsa", "mutual_knn", "jaccard_knn"]
RESULT = "similarity/similarity.hdf5"


def deck(name, text):
    write(name, f"[similarity]\n{text}\n")
    return name


def save(name, values):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    np.save(name, values)


def measures(names):
    return "similarity.measures=[" + ", ".join(f'"{name}"' for name in names) + "]"


def result(folder, measure, what="value"):
    with h5py.File(f"{folder}/{RESULT}") as file:
        return file[f"measures/{measure}/{what}"][:]


class OfZoo(InFolder):
    """A folder with features of five models of 203 inputs: zoo/a_*.npy, labels.npy, and zoo.toml."""

    @classmethod
    def prepare(cls):
        rng = np.random.default_rng(0)
        cls.x = rng.standard_normal((203, 12)) @ np.diag(np.arange(1, 13.0))
        q = np.linalg.qr(rng.standard_normal((12, 12)))[0]
        for name, values in (("base", cls.x), ("turned", 3 * cls.x @ q + 5), ("noisy", cls.x + rng.standard_normal((203, 12))),
                             ("other", rng.standard_normal((203, 30))), ("one", cls.x[:, :1])):
            save(f"zoo/a_{name}.npy", values)
        np.save("labels.npy", (cls.x[:, -1] > 0).astype(np.int64))
        deck("zoo.toml", 'features = ["zoo/a_*.npy"]\nlabels = ["labels.npy"]')
        cls.settings = sets(measures(["cka_debiased", "cka", "cka_rbf", "cka_minibatch", "cca", "pwcca", "procrustes", "rsa", "mutual_knn",
                                      "logme", "delta"]),
                            "similarity.jackknife=5", "similarity.permutations=3", "similarity.cka_minibatch.batch=32")
