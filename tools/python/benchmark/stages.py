"""The steps behind a row: a data set, a training, a forecast. Each has a folder; a file in it says what it was made
with, so that sets and trainings are made once. Forecasts are made each time."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from failure import NO_INPUT, Failure  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
NOTE = "benchmark.json"

# Sections that shape a data set; the others do not matter to hypercast-solve. [forecast] and [galerkin] do not matter
# to training. [run] does not change results.
OF_SETS = ("pde", "grid", "time", "initial", "ensemble", "observation", "petsc")
OF_FORECASTS = ("forecast", "galerkin")


class Stages:
    def __init__(self, output, programs, ranks, fresh, given):
        self.output, self.programs, self.ranks, self.fresh, self.given = output, programs, ranks, fresh, given
        self.decks, self.made = {}, {}
        for app in ("solve", "train", "forecast"):
            if not (programs / f"hypercast-{app}").exists():
                raise Failure(NO_INPUT, f"no {programs / f'hypercast-{app}'}; tools/build makes it")

    def data_set(self, deck, settings):
        """The folder of the solved set, with `data` in it."""
        if deck in self.given:
            return self.given[deck]
        key = key_of(self.resolved(deck, settings), lambda section: section in OF_SETS)
        folder = self.output / "sets" / deck
        if not self.is_made(folder, key):
            self.run("solve", deck, folder, settings, ["--overwrite"])
            self.note(folder, key)
        return folder

    def training(self, name, deck, settings):
        """The folder of the training, with its checkpoints, and the seconds that it took."""
        data = self.data_set(deck, settings)
        key = key_of(self.resolved(deck, settings), lambda section: section not in OF_FORECASTS)
        folder = self.output / "trainings" / name
        if not self.is_made(folder, key):
            shutil.rmtree(folder, ignore_errors=True)
            link_data(folder, data)
            self.run("train", deck, folder, settings)
            self.note(folder, key)
        return folder, json.loads((folder / NOTE).read_text())["seconds"]

    def forecast(self, name, training, data, deck, settings, reference):
        """The folder of the forecast, with its errors."""
        folder = self.output / "rows" / name
        shutil.rmtree(folder, ignore_errors=True)
        link_data(folder, data)
        checkpoints = sorted((training / "ckpt").glob("step-*.h5"))
        if not checkpoints:
            raise Failure(NO_INPUT, f"no checkpoint in {training / 'ckpt'}")
        self.run("forecast", deck, folder,
                 (*settings, f"forecast.checkpoint={checkpoints[-1]}",
                  f"forecast.reference={data / 'data' / reference}"))
        return folder

    def resolved(self, deck, settings):
        """The deck with every value in force, section by section."""
        key = (deck, settings)
        if key not in self.decks:
            command = [self.programs / "hypercast-solve", deck_file(deck), "--check", *set_flags(settings)]
            done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                raise Failure(done.returncode, last_lines(done.stderr))
            self.decks[key] = tomllib.loads(done.stdout)
        return self.decks[key]

    def is_made(self, folder, key):
        if self.made.get(folder) == key:
            return True  # in this run, --fresh or not
        note = folder / NOTE
        same = note.exists() and json.loads(note.read_text())["key"] == key
        return same and not self.fresh

    def note(self, folder, key):
        self.made[folder] = key
        (folder / NOTE).write_text(json.dumps({"key": key, "seconds": self.seconds, "ranks": self.ranks}) + "\n")

    def run(self, app, deck, folder, settings, flags=()):
        command = ["mpirun", "-n", str(self.ranks), self.programs / f"hypercast-{app}", deck_file(deck), "--output",
                   folder, *set_flags(settings), *flags]
        print("+ " + " ".join(shown(word) for word in command), flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        with open(folder / f"{app}.log", "w") as log:
            done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.seconds = time.monotonic() - started
        if done.returncode != 0:
            raise Failure(done.returncode, f"hypercast-{app} failed with exit code {done.returncode}; "
                          f"{folder / f'{app}.log'} ends with: {last_lines((folder / f'{app}.log').read_text())}")
        print(f"  {self.seconds:.0f} s", flush=True)


def shown(word):
    return os.path.relpath(word) if isinstance(word, Path) else word


def deck_file(deck):
    return ROOT / "inputs" / f"{deck}.toml"


def set_flags(settings):
    return [word for setting in settings for word in ("--set", setting)]


def key_of(deck, belongs):
    """Of the sections that belong to a stage."""
    chosen = {name: values for name, values in deck.items() if belongs(name) and name != "run"}
    return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()


def link_data(folder, data):
    """Programs look for trajectories and masks in `data` of the run folder."""
    folder.mkdir(parents=True)
    (folder / "data").symlink_to((data / "data").resolve(), target_is_directory=True)


def last_lines(text):
    """What a program said at its end, without what mpirun adds."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("--")]
    told = [line for line in lines if "hypercast" in line or "error" in line.lower()]
    return (told or lines or ["nothing"])[-1].strip()
