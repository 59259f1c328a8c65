"""The batch as hypercast's networks see it, from the data and the facts of a checkpoint (hyper/coordinates.hpp,
train/dataset.hpp, hyper/encoders/time_fourier.cpp): computed in double precision, rounded to float32."""

from dataclasses import dataclass

import numpy as np

from cases import CHANNELS, fields_of
from failure import DATA, Failure


@dataclass
class Batch:
    features: np.ndarray  # [frame][1 + 2 frequencies], of the scaled times
    points: np.ndarray  # [point][2], in [-1, 1]
    targets: np.ndarray  # [frame][point][channel], normalised


def batch_of(case, facts):
    fields, times, _ = fields_of(case)
    if tuple(facts["channels"]) != CHANNELS or len(facts["times"]) != len(times):
        raise Failure(DATA, "the checkpoint is not of the case's data")
    first, last = facts["window"]
    scaled = ((facts["times"] - first) / (last - first)).astype(np.float32)
    features = [2 * scaled - 1]
    for k in range(1, case.frequencies + 1):
        phase = np.pi * k * scaled.astype(float)
        features += [np.sin(phase), np.cos(phase)]
    places = [2 * (x - x[0]) / (x[-1] - x[0]) - 1 for x in facts["axes"]]  # both ends of an open axis are points
    points = np.stack([axis.ravel() for axis in np.meshgrid(*places, indexing="ij")], axis=1)
    values = np.moveaxis(fields, 0, -1).reshape(case.frames, case.points, len(CHANNELS)).astype(float)
    return Batch(np.stack(features, axis=1).astype(np.float32), points.astype(np.float32),
                 ((values - facts["mean"]) / facts["scale"]).astype(np.float32))
