"""Whether both sides compute the same."""

from dataclasses import dataclass

import numpy as np

from failure import TOLERANCE, Failure

# Relative, in single precision. The last loss is that after some steps, over which rounding grows.
MOST = {"loss": 1e-5, "gradient": 1e-4, "last_loss": 1e-2}


@dataclass
class Result:
    loss: float
    gradient: np.ndarray


def difference(one, other):
    """Relative L2."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


def differences(hypercast, torch_float, torch_double):
    """What is reported: of the same parameters and batch, by name."""
    return {"loss": difference(hypercast.loss, torch_float.loss),
            "gradient": difference(hypercast.gradient, torch_float.gradient),
            "gradient_hypercast_double": difference(hypercast.gradient, torch_double.gradient),
            "gradient_torch_double": difference(torch_float.gradient, torch_double.gradient)}


def demand(found):
    """Failure unless those found so far are small. (A NaN is not.)"""
    for name, most in MOST.items():
        if name in found and not found[name] <= most:
            raise Failure(TOLERANCE, f"the {name.replace('_', ' ')} of hypercast and that of PyTorch differ by "
                          f"{found[name]:.1e} (relative; wanted: at most {most:.0e}); gradients from PyTorch in double: "
                          f"PyTorch {found['gradient_torch_double']:.1e}, hypercast {found['gradient_hypercast_double']:.1e}")
