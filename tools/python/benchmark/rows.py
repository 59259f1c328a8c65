"""What tools/benchmark forecasting shows: one entry a row of the table.

A training is a deck of inputs/, with settings on top, and makes a checkpoint; rows forecast from it, each in its own
way. To add a row, add a Row, and a Training if none has the model it needs. Trainings of one deck share its data set.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Training:
    deck: str  # inputs/<deck>.toml
    settings: tuple = ()  # section.key=value
    quick: tuple = ()  # further ones for --quick


@dataclass(frozen=True)
class Row:
    name: str  # of its folder, and for --row
    label: str  # in the table
    training: str
    settings: tuple = ()  # of the forecast
    quick: tuple = ()
    reference: str = "train"  # the part of the data set that is forecast: train, valid or test
    measure: str = "mse"  # or relative_l2: means over frames and trajectories
    wanted: dict = field(default_factory=dict)  # window ("in_t", "out_t") -> the largest value that is good


TRAININGS = {
    "burgers1d": Training("burgers1d", quick=("train.steps=100",)),
    "advection_diffusion1d": Training("advection_diffusion1d", quick=("train.steps=100",)),
    "burgers2d": Training("burgers2d", quick=("train.steps=20", "train.validate_every=0")),
    "heat2d_seed": Training("heat2d_seed"),
    "heat2d_seed_5": Training("heat2d_seed", ("data.observed=0.05",)),
    "wave_dino": Training("wave_dino"),
    "navier_stokes": Training("navier_stokes_dino", quick=("dynamics.steps=20",)),
    "navier_stokes_pod": Training("navier_stokes_dino", ("inr.name=pod",),
                                  quick=("dynamics.steps=20",)),
    "navier_stokes_ensemble": Training("navier_stokes_dino", ("dynamics.members=3", "dynamics.steps=1500"),
                                       quick=("dynamics.steps=20",)),
    "navier_stokes_25": Training("navier_stokes_dino", ("data.observed=0.25",), quick=("dynamics.steps=20",)),
    "navier_stokes_5": Training("navier_stokes_dino", ("data.observed=0.05",), quick=("dynamics.steps=20",)),
}

ROWS = [
    # One trajectory: H(t) beyond its window, and the equation from the end of the window on.
    Row("burgers1d_direct", "burgers1d, direct", "burgers1d", measure="relative_l2"),
    Row("burgers1d_galerkin", "burgers1d, galerkin", "burgers1d", ("forecast.mode=galerkin",),
        measure="relative_l2", wanted={"out_t": 1e-3}),
    Row("advection_diffusion1d_direct", "advection_diffusion1d, direct", "advection_diffusion1d",
        measure="relative_l2"),
    Row("advection_diffusion1d_galerkin", "advection_diffusion1d, galerkin", "advection_diffusion1d",
        ("forecast.mode=galerkin",), measure="relative_l2", wanted={"out_t": 2e-3}),
    Row("burgers2d_direct", "burgers2d, direct", "burgers2d", measure="relative_l2"),
    Row("burgers2d_galerkin", "burgers2d, galerkin", "burgers2d",
        ("forecast.mode=galerkin", "galerkin.points=1024"), measure="relative_l2", wanted={"out_t": 4e-3}),
    # Ensembles: unseen trajectories from their first frame.
    Row("heat2d_seed", "heat2d_seed, all points, code 100", "heat2d_seed", reference="test",
        wanted={"in_t": 3.9e-5, "out_t": 1.1e-7}),
    Row("heat2d_seed_5", "heat2d_seed, 5 % mask in training and test", "heat2d_seed_5", reference="test",
        wanted={"in_t": 9e-5, "out_t": 3e-6}),
    Row("wave_dino", "wave_dino, code 100", "wave_dino", reference="test", wanted={"in_t": 5e-5, "out_t": 1e-4}),
    Row("navier_stokes", "navier_stokes_dino, code 150", "navier_stokes", reference="test",
        wanted={"in_t": 1.5e-4, "out_t": 5e-4}),
    Row("navier_stokes_galerkin", "the same codes, moved by the equation (galerkin)", "navier_stokes",
        ("forecast.mode=galerkin", "galerkin.tolerance=1e-3"), reference="test"),
    Row("navier_stokes_pod", "the same with POD instead of an INR", "navier_stokes_pod", reference="test"),
    Row("navier_stokes_ensemble", "an ensemble of three, 1500 steps each", "navier_stokes_ensemble", reference="test"),
    Row("navier_stokes_half", "navier_stokes_dino, 50 % of frame 0 observed", "navier_stokes",
        ("forecast.observed=0.5",), reference="test"),
    Row("navier_stokes_frame0", "navier_stokes_dino, 5 % of frame 0 observed", "navier_stokes",
        ("forecast.observed=0.05",), reference="test", wanted={"in_t": 2e-3, "out_t": 6e-3}),
    Row("navier_stokes_25", "navier_stokes_dino, 25 % mask in training and test", "navier_stokes_25", reference="test",
        wanted={"in_t": 2e-3, "out_t": 6e-3}),
    Row("navier_stokes_5", "navier_stokes_dino, 5 % mask in training and test", "navier_stokes_5", reference="test",
        wanted={"in_t": 2e-2, "out_t": 5e-2}),
]
