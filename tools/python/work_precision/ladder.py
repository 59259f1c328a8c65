"""Points of work and precision: exploring each method's grids and ladder, and the front of those worth having."""

import math
from dataclasses import dataclass

FALLS = 1.5  # an error that a rung divides by less has met another one, that of the grid or of rounding


@dataclass
class Point:
    method: object
    points: int
    rung: float
    error: float
    core_seconds: float  # least over the repetitions
    seconds: float
    runs: int = 1


def explore(problem, solver, deck, limit):
    """A run for each grid and rung: from the coarsest rung to the one that gains nothing or would take more than `limit`
    core-seconds. An adaptive step that is halved and doubled may be the same for some tolerances: a few may gain
    nothing."""
    found = []
    for method in problem.methods:
        first, patience = 0, 3 if method.adaptive else 1
        for points in method.points:
            best, before, idle, stopped = math.inf, None, 0, len(method.rungs) - 1
            for number, rung in enumerate(method.rungs[first:], first):
                if before and 2 * before.core_seconds > limit:
                    break
                run = solver.run(deck, method.settings(problem.dims, points, rung), limit)
                if run is None:
                    break
                error = problem.error(run.state)
                stopped = number
                if not math.isfinite(error):
                    continue
                before = Point(method, points, rung, error, run.core_seconds, run.seconds)
                found.append(before)
                idle = idle + 1 if best < 0.1 and error * FALLS > best else 0
                best = min(best, error)
                if idle == patience:
                    break
            first = max(0, stopped - 2 - patience)  # what was far from this grid's error is farther from the next one's
    return found


def front(points, slack=1.0):
    """Those that no other point beats in error at 1/slack of the cost, from cheap to dear; errors of 1 and more count as
    no solution."""
    return [p for p in sorted(points, key=lambda p: p.core_seconds)
            if p.error < 1 and not any(q.error < p.error and q.core_seconds * slack < p.core_seconds for q in points)]


def by_method(points):
    """Label -> points of it."""
    groups = {}
    for p in points:
        groups.setdefault(p.method.label, []).append(p)
    return groups


def repeat(points, problem, solver, deck, limit, rounds):
    """Runs again what is on, or almost on, the front of its method. Round after round, so that what else the machine
    does for a while touches one repetition of each."""
    near = [p for group in by_method(points).values() for p in front(group, slack=1.5) if p.core_seconds < limit / 4]
    for _ in range(rounds):
        for p in near:
            run = solver.run(deck, p.method.settings(problem.dims, p.points, p.rung), 4 * limit)
            p.core_seconds, p.seconds = min(p.core_seconds, run.core_seconds), min(p.seconds, run.seconds)
            p.runs += 1


def cost_at(line, error):
    """Core-seconds of an error, interpolated on a front with logarithmic axes; infinite where it is not reached."""
    for before, p in zip([None, *line], line):
        if p.error > error:
            continue
        if before is None:
            return p.core_seconds
        part = math.log(before.error / error) / math.log(before.error / p.error)
        return before.core_seconds * (p.core_seconds / before.core_seconds) ** part
    return math.inf


def nearest(line, error):
    """The point of a front that is the first to reach an error."""
    return next(p for p in line if p.error <= error)


def ranking(points, error):
    """(core-seconds, label, point that reaches the error), the cheapest method first."""
    fronts = {label: front(group) for label, group in by_method(points).items()}
    costs = sorted((cost_at(line, error), label) for label, line in fronts.items())
    return [(cost, label, nearest(fronts[label], error)) for cost, label in costs if cost < math.inf]
