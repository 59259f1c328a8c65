#!/usr/bin/env python3
"""Every deck that is shipped is a deck: all programs accept it, and a shrunken form of it runs to the end. The
reference of keys beside them is the one that the programs print."""
import re
from pathlib import Path

import h5py

from runs import SOURCE, InFolder, good, main, newest_checkpoint, run, sets, together

INPUTS = SOURCE / "inputs"
DECKS = sorted(deck for deck in INPUTS.glob("*.toml") if not deck.stem.startswith(("similarity_", "bench")))
APPS = ("solve", "train", "forecast")

SHRUNKEN = sets("train.steps=20", "train.batch=6", "train.metrics_every=5", "inr.siren.width=8", "inr.siren.depth=2",
                "dynamics.steps=20", "dynamics.batch=6")
# Of an ensemble: one file to train on, one to validate.
FEW = ("ensemble.train=2", "ensemble.valid=1", "ensemble.test=0", "ensemble.trajectories_per_file=2")
# Of models of codes.
SHORT = ("condition.code.size=6", "inr.fourier.max_wavenumber=4.0")
# What a deck needs beyond that; coarser grids go with larger steps.
MORE = {
    "advection_diffusion1d": sets("grid.points=[48]", "time.step=0.01", "time.frames=41", "data.window_frames=21"),
    "advection_diffusion1d_speed": sets("grid.points=[48]", "time.step=0.01", "time.frames=21", "data.window_frames=11",
                                        "ensemble.train=4", "ensemble.valid=2", "ensemble.test=2", *SHORT),
    "advection_diffusion2d": sets("grid.points=[16, 16]", "time.step=0.04", "time.frames=41", "data.window_frames=21"),
    "burgers1d": sets("grid.points=[64]", "time.step=0.01", "time.frames=41", "data.window_frames=21",
                      "pde.burgers.viscosity=0.2"),
    "burgers1d_viscosity": sets("grid.points=[64]", "time.step=0.01", "time.frames=21", "ensemble.train=3",
                                "ensemble.test=2", "ensemble.vary_range=[0.2, 0.3]"),
    "burgers2d": sets("grid.points=[24, 24]", "time.step=0.02", "time.frames=21", "data.window_frames=11",
                      "pde.burgers.viscosity=0.3"),
    "fitzhugh_nagumo": sets("grid.points=[12, 12]", "time.step=0.5", "time.frames=21", "data.window_frames=11"),
    "functions1d": sets("grid.points=[32]"),
    "gray_scott": sets("grid.points=[24, 24]", "time.step=12.0", "time.frames=21", "data.window_frames=11"),
    "heat2d": sets("grid.points=[12, 24]", "time.step=0.02", "time.frames=21", "data.window_frames=11"),
    "heat2d_seed": sets("grid.points=[16, 16]", "time.step=0.05", *FEW, *SHORT),
    "kuramoto_sivashinsky": sets("grid.points=[48]", "time.step=0.1", "time.burn_in=10.0", "time.end=20.0",
                                 "time.frames=41", "data.window_frames=21", "certify.until=10.0"),
    "navier_stokes_dino": sets("grid.points=[16, 16]", "time.step=0.1", "time.burn_in=1.0", "certify.every=2", *FEW, *SHORT),
    "quickstart": sets("grid.points=[64]", "time.step=0.0125", "time.frames=41", "data.window_frames=21",
                       "pde.burgers.viscosity=0.2"),
    "shallow_water": sets("grid.points=[12, 12]", "time.step=0.02", "time.frames=41", "data.window_frames=21"),
    "wave_dino": sets("grid.points=[16, 16]", "time.step=0.05", "certify.every=2", *FEW, *SHORT),
}
# Fourier features have nothing to learn, and linear dynamics are fitted without steps.
STEPS = {"advection_diffusion1d_speed": 0, "heat2d_seed": 0, "wave_dino": 0}


class Decks(InFolder):
    def test_every_deck_is_accepted(self):
        cases = [(app, deck) for deck in DECKS for app in ("solve", "train")]
        found = together([lambda app=app, deck=deck: run(app, deck, "--check") for app, deck in cases])
        for (app, deck), done in zip(cases, found):
            with self.subTest(app=app, deck=deck.name):
                self.exits(0, done)
                self.assertIn("[train]\n", done.stdout)
        self.assertEqual(list(Path("runs").glob("*")), [], "--check writes nothing")

    def test_every_deck_runs(self):
        self.assertEqual(sorted(MORE), [deck.stem for deck in DECKS], "a deck came or went: say how to shrink it")

        def study(deck):
            return [run(app, deck, *SHRUNKEN, *MORE[deck.stem], ranks=2) for app in APPS]

        for deck, found in zip(DECKS, together([lambda deck=deck: study(deck) for deck in DECKS])):
            with self.subTest(deck=deck.name):
                for done in found:
                    self.exits(0, done)
                self.assertRegex(found[-1].stdout, r"\nforecast +\d\.\d\de")
                self.assertRegex(found[-1].stdout, r"\n(time_mean|mean_field) +\d\.\d\de")
                folder = Path("runs", deck.stem)
                with h5py.File(newest_checkpoint(folder)) as file:
                    self.assertEqual(file["train/earlier"][()] + file["train/step"][()], STEPS.get(deck.stem, 20))
                with h5py.File(next(folder.glob("forecast/*_errors.hdf5"))) as file:
                    self.assertGreater(len(file["t"]), 0)

    def test_every_deck_says_how_it_runs(self):
        readme = (INPUTS / "README.md").read_text()
        for deck in DECKS:
            with self.subTest(deck=deck.name):
                self.assertIn(f"`{deck.name}`", readme)
                text = deck.read_text()
                for app in APPS:
                    self.assertRegex(text, rf"\n#   mpirun -n 2 hypercast-{app} +inputs/{deck.name}\n")

    def test_the_reference_of_keys(self):
        readme = (INPUTS / "README.md").read_text()
        found = re.search(r"^<!-- keys: .* -->\n(.*)^<!-- end of keys -->$", readme, re.DOTALL | re.MULTILINE)
        self.assertIsNotNone(found, "inputs/README.md has lost its marker lines")
        keys = good("train", "--help", "all")
        self.assertEqual(found[1].strip().splitlines(), keys.strip().splitlines(), "run tools/key_reference")
        for app in ("solve", "forecast"):
            self.assertEqual(good(app, "--help", "all"), keys)


if __name__ == "__main__":
    main()
