"""How fast an INR is evaluated at many points: in one call, and in chunks whose activations stay in cache.

The result has an entry a side. So far PyTorch's alone: no program of hypercast times its forward pass. What does goes in
beside it, with the same points.
"""

import torch

from model import frame_fields
from steps import try_all

CHUNK = 4096


@torch.no_grad()
def evaluate(model):
    """Milliseconds for all points: side -> way -> a number, or in words why there is none."""
    case, theta = model.case, model.theta()[0].clone()
    x = 2 * torch.rand(case.evaluated, 2, generator=torch.Generator().manual_seed(0)) - 1

    def chunks(function):
        return lambda: torch.cat([function(case, theta, part) for part in x.split(CHUNK)])

    ways = {"one call": lambda: lambda: frame_fields(case, theta, x), f"chunks of {CHUNK}": lambda: chunks(frame_fields)}
    if hasattr(torch, "compile"):
        # Each shape has its code; only chunks, since one call is memory-bound either way.
        ways[f"chunks of {CHUNK}, compiled"] = lambda: chunks(torch.compile(frame_fields, dynamic=False))
    return {"points": case.evaluated, "torch": try_all(ways)[0]}
