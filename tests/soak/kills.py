#!/usr/bin/env python3
"""Kills hypercast-solve and hypercast-train at random moments, lets them go on, and compares what they end with.

    kills.py BIN MPIEXEC SECONDS SEED

Each round is a run on one or two ranks that is killed up to three times, with signal 9 to one rank, to all of them or
to mpirun, then run to its end. It must leave what a run leaves that nobody disturbed. Prints a line for each program;
exits with 1 at the first difference."""
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pipeline"))

from runs import DECK, good, newest_checkpoint, payload, ranks_of, sets, start, write  # noqa: E402

SECONDS, SEED = float(sys.argv[3]), int(sys.argv[4])

SOLVE = sets("pde.burgers.viscosity=0.05", "grid.points=[96, 64]", "grid.backend=spectral", "initial.modes=[]",
             "initial.amplitude=0.5", "time.integrator=etdrk4", "time.step=0.01", "ensemble.train=2",
             "ensemble.trajectories_per_file=2", "ensemble.ranks_per_group=1", "ensemble.checkpoint_interval=0.1")
TRAIN = sets("data.path=data", "train.steps=300", "train.metrics_every=1", "inr.siren.width=48",
             "train.checkpoint_every=40")


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(process, chance):
    """One rank, all ranks or mpirun; returns when nothing of the run is left."""
    ranks = ranks_of(process) if process.poll() is None else []
    victims = chance.choice([[process.pid], ranks, ranks[:1]]) or [process.pid]
    for pid in victims:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait(60)
    deadline = time.monotonic() + 60
    while any(map(alive, ranks)):
        if time.monotonic() > deadline:
            raise AssertionError(f"ranks {ranks} outlive their run")
        time.sleep(0.01)


def solved(folder):
    return {file.name: payload(file) for file in Path(folder, "data/train").glob("*.hdf5")}


def trained(folder):
    return {"checkpoint": payload(newest_checkpoint(folder)), "metrics": Path(folder, "metrics.csv").read_text()}


def round_of(app, args, contents, whole, length, chance, number):
    folder = f"{app}-{number}"
    kills = chance.randint(1, 3)
    for _ in range(kills):
        process = start(app, "deck.toml", "--output", folder, *args, ranks=chance.randint(1, 2))
        time.sleep(chance.uniform(0, length))
        kill(process, chance)
    good(app, "deck.toml", "--output", folder, *args, ranks=chance.randint(1, 2))
    if contents(folder) != whole:
        raise AssertionError(f"{app}: round {number} of seed {SEED} ends with something else, see {folder}")
    if list(Path(folder).rglob("*.part")):
        raise AssertionError(f"{app}: round {number} of seed {SEED} leaves a .part in {folder}")
    return kills


def soak(app, args, contents):
    started = time.monotonic()
    good(app, "deck.toml", "--output", f"{app}-whole", *args, ranks=2)
    length = time.monotonic() - started
    whole, chance = contents(f"{app}-whole"), random.Random(SEED)
    rounds = kills = 0
    while time.monotonic() < started + SECONDS / 2:
        kills += round_of(app, args, contents, whole, length, chance, rounds)
        rounds += 1
    print(f"{app}: {rounds} runs of {length:.1f} s, killed {kills} times in all, ended as undisturbed ones; seed {SEED}",
          flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix="hypercast-soak-") as folder:
        os.chdir(folder)
        write("deck.toml", DECK)
        good("solve", "deck.toml", "--output", "one")
        Path("data").symlink_to("one/data/train")
        try:
            soak("solve", SOLVE, solved)
            soak("train", ("--resume", "auto", *TRAIN), trained)
        except AssertionError as failure:
            sys.exit(f"kills.py: {failure}")
        finally:
            os.chdir("/")


if __name__ == "__main__":
    main()
