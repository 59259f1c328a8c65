"""The model of a case in PyTorch: trunk, full head, SIREN, mean squared error, with the parameters of a checkpoint.

    h = trunk(features)    theta = W h + b    a_l = sin(omega (W_l a_{l-1} + b_l))    u = C a + c

theta holds, layer by layer, W[outputs][inputs], then b (nn/mlp.hpp, hyper/inr.hpp). Matrix products take omega as a
factor, so that it costs nothing.
"""

import numpy as np
import torch
from torch.nn import functional

from agreement import Result
from failure import DATA, Failure

ACTIVATIONS = {"gelu": functional.gelu, "silu": functional.silu, "tanh": torch.tanh}


class Model(torch.nn.Module):
    """Its parameters are the blocks of phi, in their order: weight and bias of each layer of the trunk, then of the head."""

    def __init__(self, case, batch, layout, phi, activation, dtype=torch.float32):
        super().__init__()
        names = [name for name, *_ in layout]
        layers = [f"trunk.layer{layer}" for layer in range(case.trunk_depth)] + ["head"]
        if names != [f"{layer}.{part}" for layer in layers for part in ("weight", "bias")]:
            raise Failure(DATA, f"the checkpoint's parameters are others than expected: {', '.join(names)}")
        self.case, self.layout, self.activation = case, layout, ACTIVATIONS[activation]
        self.features, self.points, self.targets = (
            torch.from_numpy(values).to(dtype) for values in (batch.features, batch.points, batch.targets))
        shapes = [(rows, columns) if name.endswith("weight") else (rows,) for name, _, rows, columns in layout]
        self.parts = torch.nn.ParameterList([torch.nn.Parameter(torch.empty(shape, dtype=dtype)) for shape in shapes])
        self.load(phi)

    @torch.no_grad()
    def load(self, phi):
        for part, (_, offset, rows, columns) in zip(self.parts, self.layout):
            part.copy_(torch.from_numpy(phi[offset:offset + rows * columns]).view(part.shape))

    def theta(self):
        """[frame][parameters of the INR]"""
        *trunk, head = [(self.parts[k], self.parts[k + 1]) for k in range(0, len(self.parts), 2)]
        h = self.features
        for weight, bias in trunk:
            h = self.activation(functional.linear(h, weight, bias))
        return functional.linear(h, *head)

    def fields(self, theta):
        """[frame][point][channel], all frames at once."""
        a, at = self.points.expand(len(theta), -1, -1), 0
        for inputs, outputs, omega in self.case.inr_layers:
            weight = theta[:, at:at + outputs * inputs].view(-1, outputs, inputs).transpose(1, 2)
            at += outputs * inputs
            bias = theta[:, None, at:at + outputs]
            at += outputs
            a = (torch.baddbmm(bias, a, weight) if omega is None else
                 torch.sin(torch.baddbmm(bias, a, weight, beta=omega, alpha=omega)))
        return a

    def loss(self):
        return functional.mse_loss(self.fields(self.theta()), self.targets)

    def result(self):
        """Loss and gradient as numbers, the gradient in the order of phi."""
        self.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        return Result(loss.item(), np.concatenate([part.grad.flatten().numpy() for part in self.parts]))


def frame_fields(case, theta, points):
    """[point][channel] of one frame."""
    a, at = points, 0
    for inputs, outputs, omega in case.inr_layers:
        weight = theta[at:at + outputs * inputs].view(outputs, inputs).t()
        at += outputs * inputs
        bias = theta[at:at + outputs]
        at += outputs
        a = (torch.addmm(bias, a, weight) if omega is None else
             torch.sin(torch.addmm(bias, a, weight, beta=omega, alpha=omega)))
    return a
