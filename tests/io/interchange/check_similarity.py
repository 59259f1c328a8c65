"""Opens what interchange_test.cpp wrote of similarity_sample.hpp, as users do.

    check_similarity.py FOLDER   prints "ok", or fails
"""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

MODELS = ['a, "first"', "b"]


def check_hdf5(path):
    with h5py.File(path) as file:
        models = file["models"]
        assert list(models["name"].asstr()[:]) == MODELS
        assert list(models["group"].asstr()[:]) == ["net 1", ""]
        assert list(models["layer"].asstr()[:]) == ["conv\u00e9", "2"]
        assert h5py.check_string_dtype(models["place"].dtype).length is None
        assert models["width"][:].tolist() == [64, 128]
        cka = file["measures/cka"]
        np.testing.assert_equal(cka["value"][:], [[1, 0.25], [np.nan, 1]])
        assert cka["status"].dtype == np.int32 and cka["status"][:].tolist() == [[0, 0], [1, 0]]
        assert cka.attrs["formula"] == "<K, L> / (|K| |L|)"
        assert type(cka.attrs["symmetric"]) is np.bool_ and cka.attrs["symmetric"]
        assert cka.attrs["lower"] == 0 and cka.attrs["upper"] == np.inf
        assert list(cka.attrs["invariances"]) == ["translation", "scale"] and len(cka.attrs["parameters"]) == 0
        assert file["measures/logme/value"].shape == (2,) and set(file["measures/logme"]) == {"value"}
        assert file["measures/delta/l0"].shape == (3, 2)
        assert [name for name in file["measures"] if "value" in file["measures"][name]] == ["cka", "logme"]
        match = file["layer_match/cka"]
        assert match.attrs["chance"] == 0.25 and match["right"].dtype == np.int32
        assert list(match["layer"].asstr()[:]) == ["1", "2", "3"] and match["accuracy"][:].tolist() == [1, 0.5, 0]
        assert file["group_separation/auprc"][0] == 0.75
        assert file["provenance"].attrs["software"] == "test"
        assert file["provenance"].attrs["seconds"].tolist() == [1, 2]
    if shutil.which("h5dump"):
        subprocess.run(["h5dump", path], check=True, stdout=subprocess.DEVNULL)


def check_csv(stem):
    with open(f"{stem}_cka.csv", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["model", *MODELS] and [row[0] for row in rows[1:]] == MODELS
    np.testing.assert_equal(np.array([row[1:] for row in rows[1:]], float), [[1, 0.25], [np.nan, 1]])
    with open(f"{stem}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6 and rows[1] == dict(model_x=MODELS[0], model_y="b", measure="cka", value="0.25", stderr="0.02",
                                              p_value="0.5", status="0")
    assert rows[4]["model_y"] == rows[4]["stderr"] == ""


def main(folder):
    check_hdf5(folder / "similarity.hdf5")
    check_csv(folder / "similarity")
    print("ok")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
