"""Opens the samples with The Well's own loader: every sample of every split, its values, axes, times, parameters and
boundaries; the description and the statistics beside the data.

    well_loader_check.py FOLDER        FOLDER is what the test "io.samples" writes; prints "ok"
    well_loader_check.py --can-run     exits with 0 when the packages for it are there

It needs the packages torch and the_well; version 1.2.0 also runs on Debian 12's torch 1.13 and h5py 3.7:

    python3 -m venv --system-site-packages VENV
    VENV/bin/pip install einops pyyaml fsspec && VENV/bin/pip install --no-deps the_well
"""

import dataclasses
import sys
from importlib.util import find_spec
from pathlib import Path

import h5py
import numpy as np

CODES = {"WALL": 0, "OPEN": 1, "PERIODIC": 2}  # of the loader


def check_split(folder, split):
    """The loader's samples are pairs of a frame and the next, through files and trajectories in order."""
    from the_well.data import WellDataset

    data = WellDataset(path=str(folder), well_split_name=split, normalize_time_grid=False)
    at = 0
    for path in sorted((folder / "data" / split).glob("*.hdf5")):
        with h5py.File(path, "r") as file:
            names = list(file["t0_fields"].attrs["field_names"])
            u = np.stack([file["t0_fields"][name][:] for name in names], axis=-1)
            axes = [file["dimensions"][name][:] for name in file["dimensions"].attrs["spatial_dims"]]
            times = file["dimensions/time"][:]
            parameters = [file["scalars"][name][()] for name in file.attrs["simulation_parameters"]]
            kinds = [next(CODES[b.attrs["bc_type"]] for b in file["boundary_conditions"].values()
                          if b.attrs["associated_dims"][0] == name) for name in file["dimensions"].attrs["spatial_dims"]]
        for trajectory in u:
            for t in range(len(times) - 1):
                sample = {key: value.numpy() for key, value in data[at].items()}
                assert (sample["input_fields"][0] == trajectory[t]).all()
                assert (sample["output_fields"][0] == trajectory[t + 1]).all()
                assert (sample["space_grid"] == np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)).all()
                assert sample["input_time_grid"] == times[t] and sample["output_time_grid"] == times[t + 1]
                assert (sample["constant_scalars"] == parameters).all()
                assert (sample["boundary_conditions"] == np.transpose([kinds, kinds])).all()
                at += 1
    assert at == len(data) > 0, f"{len(data)} samples instead of {at}"
    return data.metadata


def check_description(folder, metadata):
    import yaml

    ours = yaml.safe_load((folder / f"{metadata.dataset_name}.yaml").read_text())
    theirs = dataclasses.asdict(metadata)
    for one in ours, theirs:
        one["spatial_resolution"] = list(one["spatial_resolution"])
        one["boundary_condition_types"] = sorted(one["boundary_condition_types"])
    assert ours == theirs, f"{ours}\n{theirs}"


def check_statistics(folder):
    """Normalised with stats.yaml, the training data have mean 0 and variance 1, and so have their differences."""
    from the_well.data import WellDataset
    from the_well.data.datasets import DeltaWellDataset
    from the_well.data.normalization import ZScoreNormalization

    options = dict(path=str(folder), well_split_name="train", use_normalization=True,
                   normalization_type=ZScoreNormalization)
    whole = WellDataset(**options, full_trajectory_mode=True)
    frames = [np.concatenate([s["input_fields"], s["output_fields"]]) for s in (whole[i] for i in range(len(whole)))]
    delta = DeltaWellDataset(**options)
    steps = [delta[i]["output_fields"].numpy() for i in range(len(delta))]
    for values in frames, steps:
        channels = np.concatenate(values).reshape(-1, values[0].shape[-1]).astype(float)
        assert np.allclose(channels.mean(axis=0), 0, atol=1e-4), channels.mean(axis=0)
        spread = channels.std(axis=0)  # 0 where all are alike, as the differences of the samples are
        assert (np.isclose(spread, 1, atol=1e-4) | (spread == 0)).all(), spread


def main(folder):
    metadata = check_split(folder, "train")
    check_split(folder, "valid")
    check_description(folder, metadata)
    check_statistics(folder)
    print("ok")


if __name__ == "__main__":
    if sys.argv[1:] == ["--can-run"]:
        sys.exit(not (find_spec("torch") and find_spec("the_well")))
    main(Path(sys.argv[1]))
