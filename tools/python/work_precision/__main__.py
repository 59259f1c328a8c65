"""Which integrator? Error against core-seconds on three problems.

    tools/work_precision [--output DIR] [--problem NAME]... [--quick] [--rounds N] [--solver PROGRAM]

Solves Burgers' equation, the Kuramoto-Sivashinsky equation and the Navier-Stokes equations (the flow of the DINo
data sets, seed 0) with finite differences of order 2, 4 and 6 and with Fourier series, on several grids, with
several integrators, each over a ladder of steps or tolerances, on one core. The error is that of the last state in
double precision, relative L2, against the Cole-Hopf formula (Burgers) or against etdrk4 with a small step on at
least twice the points. The work is the processor time of the solver's timer `solve`: coefficients, factors
and steps, but neither the initial state, nor the start of the program, nor its output; the least of several runs.

A line of the picture is the front of its method: over all its grids and steps, the least error for the work. DIR
(default runs/work_precision) gets points.csv (every run), work_precision.png, tables.txt and the decks. Takes
several minutes.
"""

import argparse
import csv
import math
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import demands
from ladder import explore, ranking, repeat
from picture import draw
from problems import PROBLEMS, write_deck
from solver import Solver

TARGETS = (1e-3, 1e-6, 1e-9)
ROOT = Path(__file__).resolve().parents[3]


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def say(text):
    print(text, flush=True)


def rung_text(point):
    return f"tolerance {point.rung:.0e}" if point.method.adaptive else f"step {point.rung:.3g}"


def winners_table(results):
    lines = [f"{'problem':<21} {'error':<6} {'cheapest':<26} {'core-s':<9} {'by':<30} {'runner-up':<26} {'core-s':<9} ratio"]
    for problem, points in results:
        for target in TARGETS:
            rank = ranking(points, target)
            start = f"{problem.name:<21} {target:<6.0e}"
            if not rank:
                lines.append(f"{start} none")
                continue
            cost, label, point = rank[0]
            text = f"{start} {label:<26} {cost:<9.2e} {f'{point.points} points, {rung_text(point)}':<30}"
            if len(rank) > 1:
                text += f" {rank[1][1]:<26} {rank[1][0]:<9.2e} {rank[1][0] / cost:.2f}"
            lines.append(text)
    return "\n".join(lines)


def all_ranks(results):
    """The table in full: every method at every target."""
    lines = []
    for problem, points in results:
        for target in TARGETS:
            lines.append(f"\n{problem.name} at {target:.0e}")
            lines += [f"  {cost:<10.3e} {label:<28} {p.points} points, {rung_text(p)}"
                      for cost, label, p in ranking(points, target)]
    return "\n".join(lines)


def write_points(results, path):
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["problem", "backend", "integrator", "adaptive", "points", "step", "tolerance", "error",
                        "core_seconds", "seconds", "runs"])
        for problem, points in results:
            for p in points:
                step, tolerance = (p.method.largest, p.rung) if p.method.adaptive else (p.rung, 0)
                table.writerow([problem.name, p.method.backend, p.method.integrator_label, int(p.method.adaptive),
                                p.points, f"{step:g}", f"{tolerance:g}", f"{p.error:.6e}", f"{p.core_seconds:.6f}",
                                f"{p.seconds:.6f}", p.runs])


def measure(problem, solver, deck, limit, rounds):
    started = time.monotonic()
    problem.prepare(solver, deck)
    points = explore(problem, solver, deck, limit)
    repeat(points, problem, solver, deck, limit, rounds)
    what = "the Cole-Hopf formula and etdrk4" if problem.exact else "the reference and twice its step"
    say(f"{problem.name}: {len(points)} points in {time.monotonic() - started:.0f} s; {what} differ by "
        f"{problem.doubt:.1e}")
    return points


def check_demands(results, decks, solver, quick):
    text = []
    problems = {problem.name: problem for problem, _ in results}
    if "navier_stokes" in problems:
        points, end, repetitions = (32, 0.5, 1) if quick else (64, 67.5, 3)
        rows = demands.against_dino(problems["navier_stokes"], solver, decks["navier_stokes"], points, end, repetitions)
        text.append(f"Navier-Stokes, {points} x {points} points to t = {end:g}, one core\n" + demands.dino_table(rows))
    if "kuramoto_sivashinsky" in problems:
        points, steps, repetitions = (256, 100, 1) if quick else (1024, 4000, 5)
        cost = demands.milliseconds_per_step(solver, decks["kuramoto_sivashinsky"], points, steps, repetitions)
        text.append(f"Kuramoto-Sivashinsky, {points} points: {cost:.4f} ms a step of etdrk4 (wanted: at most "
                    f"{demands.MOST_MILLISECONDS} ms on 1024 points)")
    return "\n\n".join(text)


def main():
    about = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(prog="tools/work_precision", description=about[0] + "\n\n" + "\n\n".join(about[2:]),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/work_precision"), metavar="DIR",
                        help="default %(default)s")
    parser.add_argument("--problem", action="append", choices=list(PROBLEMS), help="this one only; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small grids, few methods: tries the path in seconds")
    parser.add_argument("--rounds", type=int, metavar="N", help="repetitions of what is near a front; default 2, quick: 1")
    parser.add_argument("--solver", type=Path, default=ROOT / "build/release/bin/hypercast-solve", metavar="PROGRAM",
                        help="default build/release/bin/hypercast-solve")
    args = parser.parse_args()
    rounds = args.rounds if args.rounds is not None else 1 if args.quick else 2
    limit = 2 if args.quick else 3  # core-seconds of a run

    args.output.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    say(f"{processor()}; load {os.getloadavg()[0]:.1f}")
    results, decks = [], {}
    with tempfile.TemporaryDirectory(prefix="hypercast-") as folder:
        solver = Solver(args.solver, folder)
        for name in args.problem or PROBLEMS:
            problem = PROBLEMS[name](args.quick)
            decks[name] = write_deck(problem, args.output)
            results.append((problem, measure(problem, solver, decks[name], limit, rounds)))
            write_points(results, args.output / "points.csv")
        extra = check_demands(results, decks, solver, args.quick)
    tables = winners_table(results) + "\n\n" + extra
    say("\n" + tables)
    (args.output / "tables.txt").write_text(tables + "\n" + all_ranks(results) + "\n")
    draw(results, TARGETS, args.output / "work_precision.png")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    say(f"\n{solver.runs} runs in {time.monotonic() - started:.0f} s, of which "
        f"{sum(u.ru_utime + u.ru_stime for u in used):.0f} s processor time; load {os.getloadavg()[0]:.1f}\n"
        f"{args.output / 'work_precision.png'}")


if __name__ == "__main__":
    sys.exit(main())
