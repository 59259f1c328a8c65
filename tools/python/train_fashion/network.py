"""A perceptron with ReLU between its layers, trained with cross-entropy. Rows are samples; all is float32.

Products of matrices are einsum's: several times quicker than the reference BLAS, which numpy has on a fresh Debian, and
the same whatever BLAS there is.
"""

import numpy as np

BATCH = 128
RATE, DECAY_1, DECAY_2, FLOOR = 1e-3, 0.9, 0.999, 1e-8  # Adam: D. Kingma, J. Ba, ICLR 2015


def initial(widths, random):
    """[(W, b)] for inputs, hidden layers, outputs: W [in][out] of variance 2 / in (K. He et al., ICCV 2015), b = 0."""
    return [((random.standard_normal((n, m), np.float32) * np.float32(np.sqrt(2 / n))), np.zeros(m, np.float32))
            for n, m in zip(widths[:-1], widths[1:])]


def layers_of(network, x):
    """What every hidden layer says after its ReLU, and the outputs."""
    said = []
    for w, b in network[:-1]:
        x = np.maximum(np.einsum("ni,ij->nj", x, w) + b, 0)
        said.append(x)
    w, b = network[-1]
    return said, np.einsum("ni,ij->nj", x, w) + b


def gradient(network, x, labels):
    """Of the mean of -log softmax(outputs)[label] over the rows, like the network."""
    said, outputs = layers_of(network, x)
    slope = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    slope /= slope.sum(axis=1, keepdims=True)
    slope[np.arange(len(x)), labels] -= 1
    slope /= len(x)
    found = []
    for (w, _), below in zip(reversed(network), reversed([x, *said])):
        found.append((np.einsum("ni,nj->ij", below, slope), slope.sum(axis=0)))
        if below is not x:
            slope = np.einsum("nj,ij->ni", slope, w) * (below > 0)
    return found[::-1]


class Adam:
    def __init__(self, network):
        self.steps = 0
        self.moments = [[(np.zeros_like(p), np.zeros_like(p)) for p in layer] for layer in network]

    def step(self, network, slopes):
        """Changes the network."""
        self.steps += 1
        rate = np.float32(RATE * np.sqrt(1 - DECAY_2**self.steps) / (1 - DECAY_1**self.steps))
        for layer, slope, moments in zip(network, slopes, self.moments):
            for p, g, (first, second) in zip(layer, slope, moments):
                first += np.float32(1 - DECAY_1) * (g - first)
                second += np.float32(1 - DECAY_2) * (g * g - second)
                p -= rate * first / (np.sqrt(second) + np.float32(FLOOR))


def train(network, x, labels, epochs, random):
    """Changes the network; every epoch sees the rows in another order, the last batch may be smaller."""
    adam = Adam(network)
    for _ in range(epochs):
        order = random.permutation(len(x))
        for begin in range(0, len(x), BATCH):
            rows = order[begin:begin + BATCH]
            adam.step(network, gradient(network, x[rows], labels[rows]))


def accuracy(outputs, labels):
    return float((outputs.argmax(axis=1) == labels).mean())
