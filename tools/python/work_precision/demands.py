"""Two demands on etdrk4, measured like for like on one grid: a tenth of dino_imex's work at no larger error in time, and
milliseconds per step of the Kuramoto-Sivashinsky equation."""

from dataclasses import dataclass

from problems import REFERENCE_LIMIT, Method, on_grid
from solver import relative_error

DINO_STEP, ETDRK4_STEPS = 1e-3, (0.05, 0.02)
LEAST_RATIO = 10
MOST_MILLISECONDS = 0.15


@dataclass
class Row:
    name: str
    step: float
    core_seconds: float
    error: float
    less_work: float = 1.0  # than dino_imex


def cheapest(solver, deck, settings, repetitions):
    runs = [solver.run(deck, settings, REFERENCE_LIMIT) for _ in range(repetitions)]
    return min(run.core_seconds for run in runs), runs[0].state


def against_dino(problem, solver, deck, points, end, repetitions):
    """Rows on `points` x `points`, from the random field at t = 0 to `end`. Errors in time: of etdrk4 against a
    quarter of its step, of dino_imex against etdrk4."""
    def run(integrator, step, times=1):
        method = Method("spectral", integrator, "", (points,), (step,))
        cost, state = cheapest(solver, deck, [*method.settings(2, points, step), f"time.end={end!r}"], times)
        return cost, on_grid(state, 2)

    cost, state = run("dino_imex", DINO_STEP, repetitions)
    fine = run("etdrk4", min(ETDRK4_STEPS) / 4)[1]
    rows = [Row("dino_imex", DINO_STEP, cost, relative_error(state, fine))]
    for step in ETDRK4_STEPS:
        work, state = run("etdrk4", step, repetitions)
        error = relative_error(state, run("etdrk4", step / 4)[1])
        rows.append(Row("etdrk4", step, work, error, cost / work))
    return rows


def milliseconds_per_step(solver, deck, points, steps, repetitions):
    """Of etdrk4: the difference between `steps` and twice as many, which leaves out what is computed once."""
    step = 1e-3

    def run(count):
        method = Method("spectral", "etdrk4", "", (points,), (step,))
        settings = [*method.settings(1, points, step), f"time.end={count * step!r}"]
        return cheapest(solver, deck, settings, repetitions)[0]

    return 1e3 * (run(2 * steps) - run(steps)) / steps


def dino_table(rows):
    lines = ["integrator  step     core-seconds  error in time  times less work than dino_imex"]
    for row in rows:
        less = f"{row.less_work:.1f}" if row.name != "dino_imex" else ""
        lines.append(f"{row.name:<10}  {row.step:<7g}  {row.core_seconds:<12.4f}  {row.error:<13.2e}  {less}".rstrip())
    good = [row for row in rows[1:] if row.less_work >= LEAST_RATIO and row.error <= rows[0].error]
    lines.append(f"a tenth of the work at no larger error: {'met' if good else 'missed'}"
                 + (f" with step {', '.join(f'{row.step:g}' for row in good)}" if good else ""))
    return "\n".join(lines)
