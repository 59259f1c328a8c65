"""The problems, and the methods that are tried on each: a discretisation in space on several grids, an integrator with
a ladder of steps or of tolerances."""

import functools
from dataclasses import dataclass, field

import numpy as np

from solver import on_grid, relative_error

REFERENCE_LIMIT = 300  # core-seconds


@dataclass(frozen=True)
class Method:
    backend: str  # spectral, or fd and the order
    integrator: str
    kind: str  # PETSc's name inside the family, or ""
    points: tuple  # of the grids, coarse to fine, along each axis
    rungs: tuple  # time steps; adaptive: tolerances with `largest` as the largest step
    largest: float = 0.0
    more: tuple = ()

    @property
    def adaptive(self):
        return self.largest > 0

    @property
    def integrator_label(self):
        return f"{self.integrator} {self.kind}".strip()

    @property
    def label(self):
        return f"{self.backend} {self.integrator_label}" + (" adaptive" if self.adaptive else "")

    def settings(self, dims, points, rung):
        spectral = self.backend == "spectral"
        step, tolerance = (self.largest, rung) if self.adaptive else (rung, 0.0)
        return [f"grid.points=[{', '.join([str(points)] * dims)}]", f"grid.backend={'spectral' if spectral else 'fd'}",
                *([] if spectral else [f"grid.order={self.backend[2:]}"]), f"time.integrator={self.integrator}",
                f'time.method="{self.kind}"', f"time.step={step!r}", f"time.tolerance={tolerance!r}", *self.more]


@dataclass
class Problem:
    name: str
    title: str
    dims: int
    deck: str  # text of it
    methods: list
    finest: Method = None  # one grid, two steps: the reference is the run with the second
    exact: object = None  # number of points -> values; then `finest` is what it is checked with
    # Filled by prepare(): the reference, and how far the two that could be it lie apart.
    truth: object = None
    doubt: float = field(default=float("nan"))

    def prepare(self, solver, deck):
        n = self.finest.points[0]
        runs = [on_grid(solver.run(deck, self.finest.settings(self.dims, n, rung), REFERENCE_LIMIT).state, self.dims)
                for rung in self.finest.rungs]
        self.truth = self.exact or (lambda points: runs[-1])
        self.doubt = relative_error(runs[0], self.truth(n))

    def error(self, state):
        if state is None or not np.isfinite(state).all():
            return float("inf")
        state = on_grid(state, self.dims)
        return relative_error(state, self.truth(state.shape[0]))


def halvings(first, count):
    return tuple(first / 2**k for k in range(count))


def tolerances(last):
    return tuple(10.0**-k for k in range(2, last + 1))


BURGERS_MODES = ((1.0, 0.0, 1.0), (0.5, np.pi / 2, 2.0), (0.3, 1.0, 3.0))
BURGERS_VISCOSITY, BURGERS_END = 0.06, 2.0


@functools.lru_cache
def cole_hopf(points):
    """u = <(x - y)/t> with weights e^{-(Phi(y) + (x - y)^2 / 2t) / 2 nu}, Phi' = u(0, .): J. D. Cole (1951), E. Hopf
    (1950). The integrands decay like Gaussians, so that the trapezoidal rule converges exponentially."""
    x = 2 * np.pi * np.arange(points)[:, None] / points
    distance = np.linspace(-10, 10, 4001)[None, :]
    y = x - distance
    potential = sum(-a / k * np.cos(k * y + phase) for a, phase, k in BURGERS_MODES)
    exponent = -(potential + distance**2 / (2 * BURGERS_END)) / (2 * BURGERS_VISCOSITY)
    weight = np.exp(exponent - exponent.max(axis=1, keepdims=True))
    return (weight * distance).sum(axis=1) / weight.sum(axis=1) / BURGERS_END


def burgers(quick):
    spectral, fd = ((64, 128), (128,)) if quick else ((64, 96, 128, 192, 256, 384, 512), (128, 256, 512, 1024, 2048, 4096))
    steps, tight = halvings(*((0.1, 4) if quick else (0.4, 14))), tolerances(12)
    methods = [Method("spectral", "etdrk4", "", spectral, steps),
               Method("spectral", "rk", "4", spectral, steps),
               Method("fd6", "rk", "4", fd, steps)]
    if not quick:
        methods += [Method("spectral", "etdrk4", "", spectral, tight, largest=0.4),
                    Method("spectral", "rk", "8vr", spectral, steps),
                    Method("spectral", "rk", "5dp", spectral, tight, largest=0.4),
                    Method("spectral", "ssp", "rk104", spectral, steps),
                    Method("spectral", "arkimex", "4", spectral, steps),
                    Method("spectral", "arkimex", "5", spectral, steps),
                    Method("spectral", "rosw", "ra34pw2", spectral, steps),
                    Method("spectral", "bdf", "4", spectral, steps),
                    Method("spectral", "dino_imex", "", spectral, steps),
                    Method("fd6", "arkimex", "4", fd, steps),
                    Method("fd4", "rk", "4", fd, steps), Method("fd4", "arkimex", "4", fd, steps),
                    Method("fd2", "rk", "4", fd, steps), Method("fd2", "arkimex", "4", fd, steps)]
    deck = f"""
[pde]
name = "burgers"
[pde.burgers]
viscosity = {BURGERS_VISCOSITY}
[initial]
modes = {[list(map(float, mode)) for mode in BURGERS_MODES]}
[time]
end = {BURGERS_END}
"""
    return Problem("burgers", f"Burgers, ν = {BURGERS_VISCOSITY}, t = {BURGERS_END:g}", 1, deck, methods,
                   Method("spectral", "etdrk4", "", (256 if quick else 1024,), (2e-3 if quick else 5e-4,)), cole_hopf)


def kuramoto_sivashinsky(quick):
    """Chaotic: a small difference at the start is 13 times as large at the end, not quite two Lyapunov times later."""
    length, end = (32 * np.pi, 5.0) if quick else (64 * np.pi, 20.0)
    spectral, fd = ((256,), (256,)) if quick else ((384, 512, 768, 1024), (512, 768, 1024, 1536, 3072))
    steps = halvings(*((0.2, 3) if quick else (0.4, 11)))
    methods = [Method("spectral", "etdrk4", "", spectral, steps),
               Method("spectral", "arkimex", "4", spectral, steps),
               Method("fd6", "arkimex", "4", fd, steps)]
    if not quick:
        tight = tolerances(12)
        methods += [Method("spectral", "etdrk4", "", spectral, tight, largest=0.4),
                    Method("spectral", "arkimex", "4", spectral, tight, largest=0.4),
                    Method("spectral", "arkimex", "5", spectral, steps),
                    Method("spectral", "rosw", "ra34pw2", spectral, steps),
                    Method("spectral", "bdf", "4", spectral, steps),
                    Method("spectral", "dino_imex", "", spectral, steps),
                    Method("spectral", "rk", "4", spectral[:2], halvings(1 / 64, 8)),
                    Method("fd2", "arkimex", "4", fd, steps), Method("fd4", "arkimex", "4", fd, steps),
                    Method("fd6", "rk", "4", fd[:2], halvings(1 / 64, 8))]
    deck = f"""
[pde]
name = "kuramoto_sivashinsky"
[grid]
upper = [{length!r}]
[initial]
count = 64
max_wavenumber = {16 if quick else 32}
decay = 0.0
amplitude = 1.3
[time]
end = {end}
"""
    return Problem("kuramoto_sivashinsky", f"Kuramoto-Sivashinsky, L = {length / np.pi:.0f}π, t = {end:g}", 1, deck,
                   methods, Method("spectral", "etdrk4", "", (512 if quick else 3072,),
                                   (0.01, 0.005) if quick else (1 / 800, 1 / 1600)))


def navier_stokes(quick):
    points, end = (32, 1.0) if quick else (64, 10.0)
    spectral, fd = ((points,), (points,)) if quick else ((32, 48, 64), (32, 48, 64, 96))
    steps = halvings(*((0.2, 3) if quick else (0.8, 12)))
    methods = [Method("spectral", "etdrk4", "", spectral, steps),
               Method("spectral", "dino_imex", "", spectral, steps),
               Method("fd6", "rk", "4", fd, steps)]
    if not quick:
        tight, exactly = tolerances(12), ("petsc.ksp_rtol=1e-12",)
        methods += [Method("spectral", "etdrk4", "", spectral, tight, largest=0.8),
                    Method("spectral", "rk", "4", spectral, steps),
                    Method("spectral", "rk", "5dp", spectral, tight, largest=0.8),
                    Method("spectral", "arkimex", "4", spectral, steps),
                    Method("spectral", "arkimex", "4", spectral, tight, largest=0.8),
                    Method("spectral", "arkimex", "5", spectral, steps),
                    Method("spectral", "rosw", "ra34pw2", spectral, steps),
                    Method("spectral", "ssp", "rk104", spectral, steps),
                    Method("fd2", "rk", "4", fd, steps), Method("fd4", "rk", "4", fd, steps),
                    Method("fd4", "arkimex", "4", fd[:2], steps, more=exactly),
                    Method("fd6", "arkimex", "4", fd[:2], steps, more=exactly)]
    deck = f"""
[pde]
name = "navier_stokes"
[pde.navier_stokes]
viscosity = 1e-3
forcing = [[0.1, 0.0, {2 * np.pi!r}, {2 * np.pi!r}], [0.1, {np.pi / 2!r}, {2 * np.pi!r}, {2 * np.pi!r}]]
[grid]
upper = [1.0]
[initial]
family = "dino_random_field"
alpha = 2.5
tau = 7.0
seed = 0
points = {points}
[time]
end = {end}
"""
    return Problem("navier_stokes", f"Navier-Stokes, DINo's flow, t = {end:g}", 2, deck, methods,
                   Method("spectral", "etdrk4", "", (64 if quick else 192,), (0.1, 0.05) if quick else (0.01, 0.005)))


PROBLEMS = {"burgers": burgers, "kuramoto_sivashinsky": kuramoto_sivashinsky, "navier_stokes": navier_stokes}

COMMON = """
[ensemble]
keep_states = true
"""


def write_deck(problem, folder):
    """frames = 2: nothing but the last state is of interest, and no step is cut to meet a frame."""
    path = folder / f"{problem.name}.toml"
    path.write_text(problem.deck.lstrip().rstrip() + "\nframes = 2\n" + COMMON.lstrip())
    return path
