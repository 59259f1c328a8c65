"""Training steps in PyTorch, in every way there is; the fastest is what hypercast is compared with.

The gradient: all frames at once, as batched matrix products, or frame after frame, which keeps more activations in cache;
both also through torch.compile. The update: torch.optim.Adam in its forms.
"""

import statistics
import time

import torch
from torch.nn import functional

from model import frame_fields

FORMS_OF_ADAM = {"plain": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}
TRIED = 5  # calls of each way in a turn


def batched(model):
    return backward_of(model.loss)


def compiled(model):
    return backward_of(torch.compile(model.loss))


def backward_of(loss_of):
    def gradient():
        loss = loss_of()
        loss.backward()
        return loss
    return gradient


def frame_loss(case, theta, points, targets):
    """Its share in that of the batch."""
    return functional.mse_loss(frame_fields(case, theta, points), targets) / case.frames


def frame_by_frame(model, loss_of=frame_loss):
    def gradient():
        theta, total = model.theta(), 0.0
        rows = [row.detach().requires_grad_() for row in theta]
        for row, targets in zip(rows, model.targets):
            loss = loss_of(model.case, row, model.points, targets)
            loss.backward()
            total += loss.detach()
        theta.backward(torch.stack([row.grad for row in rows]))
        return total
    return gradient


GRADIENTS = {"batched": batched, "frame by frame": frame_by_frame}
if hasattr(torch, "compile"):
    GRADIENTS["compiled"] = compiled
    GRADIENTS["frame by frame, compiled"] = lambda model: frame_by_frame(model, torch.compile(frame_loss))


def adam_of(model, form="foreach"):
    return torch.optim.Adam(model.parameters(), lr=model.case.rate, **FORMS_OF_ADAM[form])


def stepper(gradient, adam):
    """One training step; returns the loss before the update."""
    def step():
        adam.zero_grad(set_to_none=True)
        loss = gradient()
        adam.step()
        return loss.item()
    return step


def milliseconds(call, count):
    """Of each of some calls, after one that does not count."""
    call()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - start))
    return times


def tried(make):
    """The call that is made, or in words why there is none."""
    try:
        call = make()
        call()
        return call
    except Exception as error:  # versions of PyTorch say in many ways what they lack
        return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def try_all(makers):
    """By name: the median milliseconds of the call that a maker makes, the less of two turns, or in words why there is
    none; and the name and the call of the fastest."""
    found = {name: tried(make) for name, make in makers.items()}
    calls = {name: call for name, call in found.items() if callable(call)}
    for name, call in [*calls.items()] * 2:
        took = statistics.median(milliseconds(call, TRIED))
        found[name] = min(took, found[name]) if isinstance(found[name], float) else took
    name = min(calls, key=found.get)
    return found, name, calls[name]


def fastest_step(model):
    """The fastest training step, the names of its gradient and its Adam, and what all ways take."""
    gradients = {name: make(model) for name, make in GRADIENTS.items()}
    ways, way, _ = try_all({name: lambda g=gradient: stepper(g, adam_of(model)) for name, gradient in gradients.items()})
    forms, form, step = try_all({name: lambda f=name: stepper(gradients[way], adam_of(model, f)) for name in FORMS_OF_ADAM})
    return step, (way, form), {"gradient": ways, "adam": forms}
